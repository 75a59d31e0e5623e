package synthetic

import (
	"math"

	"github.com/domicile-eu/domicile/topology"
)

// city is a place on the map of Europe, to a twentieth of a degree.
type city struct {
	name     string
	country  topology.Jurisdiction
	lat, lon float64
}

var cities = []city{
	{"Amsterdam", "NL", 52.35, 4.90}, {"Athens", "GR", 38.00, 23.75}, {"Barcelona", "ES", 41.40, 2.15},
	{"Berlin", "DE", 52.50, 13.40}, {"Bilbao", "ES", 43.25, -2.95}, {"Bratislava", "SK", 48.15, 17.10},
	{"Brussels", "BE", 50.85, 4.35}, {"Bucharest", "RO", 44.45, 26.10}, {"Budapest", "HU", 47.50, 19.05},
	{"Copenhagen", "DK", 55.70, 12.55}, {"Dublin", "IE", 53.35, -6.25}, {"Dusseldorf", "DE", 51.20, 6.80},
	{"Frankfurt", "DE", 50.10, 8.70}, {"Gdansk", "PL", 54.35, 18.65}, {"Hamburg", "DE", 53.55, 10.00},
	{"Helsinki", "FI", 60.15, 24.95}, {"Krakow", "PL", 50.05, 19.95}, {"Lille", "FR", 50.65, 3.05},
	{"Lisbon", "PT", 38.70, -9.15}, {"Ljubljana", "SI", 46.05, 14.50}, {"Lyon", "FR", 45.75, 4.85},
	{"Madrid", "ES", 40.40, -3.70}, {"Marseille", "FR", 43.30, 5.35}, {"Milan", "IT", 45.45, 9.20},
	{"Munich", "DE", 48.15, 11.60}, {"Paris", "FR", 48.85, 2.35}, {"Porto", "PT", 41.15, -8.60},
	{"Prague", "CZ", 50.10, 14.45}, {"Riga", "LV", 56.95, 24.10}, {"Rome", "IT", 41.90, 12.50},
	{"Sofia", "BG", 42.70, 23.30}, {"Stockholm", "SE", 59.35, 18.05}, {"Tallinn", "EE", 59.45, 24.75},
	{"Thessaloniki", "GR", 40.65, 22.95}, {"Turin", "IT", 45.05, 7.70}, {"Valencia", "ES", 39.45, -0.40},
	{"Vienna", "AT", 48.20, 16.35}, {"Vilnius", "LT", 54.70, 25.30}, {"Warsaw", "PL", 52.25, 21.00},
	{"Zagreb", "HR", 45.80, 16.00}, {"London", "GB", 51.50, -0.10}, {"Zurich", "CH", 47.35, 8.55},
}

// kilometres is the distance over ground.
func kilometres(a, b topology.Location) float64 {
	const radius, degree = 6371, math.Pi / 180
	lat, lon := (b.Lat-a.Lat)*degree/2, (b.Lon-a.Lon)*degree/2
	h := math.Pow(math.Sin(lat), 2) + math.Cos(a.Lat*degree)*math.Cos(b.Lat*degree)*math.Pow(math.Sin(lon), 2)
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}

// overFibre is the median round trip of a fibre link: light takes 9.8 us a kilometre and back, ducts are half as long
// again as the line of sight, and equipment takes 0.15 ms.
func overFibre(a, b topology.Location) topology.Micros {
	return topology.Micros(math.Round(150 + 1.5*9.8*kilometres(a, b)))
}
