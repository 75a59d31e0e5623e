//go:build ignore

// This program makes europe.json out of the file countries-50m.json of the npm package world-atlas, which is Natural
// Earth's public-domain data (1:50m) as TopoJSON. It keeps what lies on a map of Europe, simplifies every border once (so
// that neighbours still meet) and writes coordinates in hundredths of a degree:
//
//	npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
//	go run gen.go package/countries-50m.json > europe.json
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"sort"
)

// The frame, in degrees: a little more than the map shows.
const west, south, east, north = -26.0, 30.0, 46.0, 73.0

// Tolerance of the simplification and least extent of an island, in degrees of latitude.
const tolerance, least = 0.035, 0.18

type point struct{ lon, lat float64 }

type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]int
	Objects   struct {
		Countries struct {
			Geometries []struct {
				Type       string
				ID         string
				Arcs       json.RawMessage
				Properties struct{ Name string }
			}
		}
	}
}

type country struct {
	Code  string  `json:"code"`
	Name  string  `json:"name"`
	Rings [][]int `json:"rings"` // lon, lat, dlon, dlat, ... in hundredths of a degree
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var t topology
	if err := json.Unmarshal(data, &t); err != nil {
		log.Fatal(err)
	}
	arcs := make([][]point, len(t.Arcs))
	for i, a := range t.Arcs {
		x, y := 0, 0
		for _, d := range a {
			x, y = x+d[0], y+d[1]
			arcs[i] = append(arcs[i], point{float64(x)*t.Transform.Scale[0] + t.Transform.Translate[0],
				float64(y)*t.Transform.Scale[1] + t.Transform.Translate[1]})
		}
		arcs[i] = simplify(arcs[i])
	}
	var out []country
	for _, g := range t.Objects.Countries.Geometries {
		var polygons [][][]int
		if g.Type == "Polygon" {
			var p [][]int
			must(json.Unmarshal(g.Arcs, &p))
			polygons = append(polygons, p)
		} else {
			must(json.Unmarshal(g.Arcs, &polygons))
		}
		c := country{Code: codes[g.ID], Name: g.Properties.Name}
		for _, poly := range polygons {
			for _, ring := range poly {
				if r := encode(clip(stitch(arcs, ring))); r != nil {
					c.Rings = append(c.Rings, r)
				}
			}
		}
		if len(c.Rings) > 0 {
			out = append(out, c)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	fmt.Println("[")
	for i, c := range out {
		line, err := json.Marshal(c)
		must(err)
		comma := ","
		if i == len(out)-1 {
			comma = ""
		}
		fmt.Printf("%s%s\n", line, comma)
	}
	fmt.Println("]")
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func stitch(arcs [][]point, ring []int) []point {
	var out []point
	for _, i := range ring {
		a := arcs[max(i, ^i)]
		for k := range a {
			p := a[k]
			if i < 0 {
				p = a[len(a)-1-k]
			}
			if k > 0 || len(out) == 0 {
				out = append(out, p)
			}
		}
	}
	return out
}

// simplify is Douglas and Peucker's method with longitudes shrunk to the scale of 50 degrees north.
func simplify(a []point) []point {
	if len(a) < 3 {
		return a
	}
	closed := a[0] == a[len(a)-1]
	worst, at := 0.0, 0
	for i := 1; i < len(a)-1; i++ {
		d := distance(a[i], a[0], a[len(a)-1])
		if closed {
			d = math.Hypot((a[i].lon-a[0].lon)*0.64, a[i].lat-a[0].lat)
		}
		if d > worst {
			worst, at = d, i
		}
	}
	if worst < tolerance {
		return []point{a[0], a[len(a)-1]}
	}
	left, right := simplify(a[:at+1]), simplify(a[at:])
	return append(left[:len(left):len(left)], right[1:]...)
}

func distance(p, a, b point) float64 {
	px, py := (p.lon-a.lon)*0.64, p.lat-a.lat
	bx, by := (b.lon-a.lon)*0.64, b.lat-a.lat
	n := bx*bx + by*by
	if n == 0 {
		return math.Hypot(px, py)
	}
	s := math.Max(0, math.Min(1, (px*bx+py*by)/n))
	return math.Hypot(px-s*bx, py-s*by)
}

// clip is Sutherland and Hodgman's method against the four sides of the frame.
func clip(r []point) []point {
	for _, side := range []struct {
		in  func(point) bool
		cut func(a, b point) point
	}{
		{func(p point) bool { return p.lon >= west }, atLon(west)},
		{func(p point) bool { return p.lon <= east }, atLon(east)},
		{func(p point) bool { return p.lat >= south }, atLat(south)},
		{func(p point) bool { return p.lat <= north }, atLat(north)},
	} {
		var out []point
		for i := range r {
			a, b := r[(i+len(r)-1)%len(r)], r[i]
			switch {
			case side.in(b) && !side.in(a):
				out = append(out, side.cut(a, b), b)
			case side.in(b):
				out = append(out, b)
			case side.in(a):
				out = append(out, side.cut(a, b))
			}
		}
		r = out
	}
	return r
}

func atLon(x float64) func(a, b point) point {
	return func(a, b point) point { return point{x, a.lat + (b.lat-a.lat)*(x-a.lon)/(b.lon-a.lon)} }
}

func atLat(y float64) func(a, b point) point {
	return func(a, b point) point { return point{a.lon + (b.lon-a.lon)*(y-a.lat)/(b.lat-a.lat), y} }
}

func encode(r []point) []int {
	var out []int
	lon, lat := 0, 0
	minX, maxX, minY, maxY := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for i, p := range r {
		minX, maxX = math.Min(minX, p.lon), math.Max(maxX, p.lon)
		minY, maxY = math.Min(minY, p.lat), math.Max(maxY, p.lat)
		x, y := int(math.Round(p.lon*100)), int(math.Round(p.lat*100))
		if i > 0 && x == lon && y == lat {
			continue
		}
		out = append(out, x-lon, y-lat)
		lon, lat = x, y
	}
	if len(out) < 8 || math.Max((maxX-minX)*0.64, maxY-minY) < least {
		return nil
	}
	return out
}

// codes maps ISO 3166-1 numeric to alpha-2 for the countries on the map.
var codes = map[string]string{"008": "AL", "020": "AD", "040": "AT", "056": "BE", "070": "BA", "100": "BG", "112": "BY", "191": "HR",
	"196": "CY", "203": "CZ", "208": "DK", "233": "EE", "234": "FO", "246": "FI", "250": "FR", "276": "DE", "292": "GI", "300": "GR", "348": "HU",
	"352": "IS", "372": "IE", "380": "IT", "428": "LV", "438": "LI", "440": "LT", "442": "LU", "470": "MT", "492": "MC", "498": "MD",
	"499": "ME", "528": "NL", "578": "NO", "616": "PL", "620": "PT", "642": "RO", "643": "RU", "674": "SM", "688": "RS", "703": "SK",
	"705": "SI", "724": "ES", "752": "SE", "756": "CH", "792": "TR", "804": "UA", "807": "MK", "826": "GB", "831": "GG", "832": "JE",
	"833": "IM", "012": "DZ", "504": "MA", "788": "TN", "434": "LY", "818": "EG", "376": "IL", "760": "SY", "422": "LB", "400": "JO",
	"368": "IQ", "268": "GE", "051": "AM", "031": "AZ", "398": "KZ", "364": "IR", "682": "SA"}
