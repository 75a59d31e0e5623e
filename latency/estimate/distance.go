package estimate

import (
	"math"

	"github.com/domicile-eu/domicile/topology"
)

const (
	earthRadius = 6371.0 // km, mean
	// microsPerKm is a round trip through one kilometre of fibre: light at about 204,000 km/s, both ways.
	microsPerKm = 9.8
	// routeFactor is by how much cables and detours are longer than the line of sight (after Bozkurt et al. 2018, "Dissecting
	// Latency in the Internet's Fiber Infrastructure").
	routeFactor = 2.1
	overhead    = 1000.0 // us, of equipment at both ends
)

// Distance returns the length of the great circle between two places in kilometres.
func Distance(a, b topology.Location) float64 {
	const rad = math.Pi / 180
	lat := math.Sin((b.Lat - a.Lat) * rad / 2)
	lon := math.Sin((b.Lon - a.Lon) * rad / 2)
	h := lat*lat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*lon*lon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(h, 1)))
}

// Floor returns the round trip of light in fibre along the great circle, in microseconds: nothing is nearer.
func Floor(a, b topology.Location) topology.Micros {
	return topology.Micros(Distance(a, b) * microsPerKm)
}

// Prior returns what to expect of a round trip where nothing was ever measured: 2.1 times the floor and a millisecond.
func Prior(a, b topology.Location) topology.Micros {
	return topology.Micros(math.Round(routeFactor*Distance(a, b)*microsPerKm + overhead))
}
