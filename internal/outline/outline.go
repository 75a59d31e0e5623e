// Package outline holds the outlines of the countries on a map of Europe and the projection to draw them in.
package outline

import (
	_ "embed"
	"encoding/json"
	"math"
)

// europe is Natural Earth 1:50m (public domain), simplified; gen.go made it.
//
//go:embed europe.json
var europe []byte

// Country is one country with the rings of its outline, holes included, in degrees.
type Country struct {
	Code  string // ISO 3166-1 alpha-2, empty where a territory has none of its own
	Name  string
	Rings [][][2]float64 // longitude, latitude
	// west, south, east and north are around all rings.
	west, south, east, north float64
}

// Europe returns the countries on the map in order of name.
func Europe() ([]Country, error) {
	var packed []struct {
		Code, Name string
		Rings      [][]int
	}
	if err := json.Unmarshal(europe, &packed); err != nil {
		return nil, err
	}
	out := make([]Country, len(packed))
	for i, p := range packed {
		out[i] = Country{Code: p.Code, Name: p.Name, Rings: make([][][2]float64, len(p.Rings)), west: 180, south: 90, east: -180, north: -90}
		for j, r := range p.Rings {
			lon, lat := 0, 0
			for k := 0; k+1 < len(r); k += 2 {
				lon, lat = lon+r[k], lat+r[k+1]
				x, y := float64(lon)/100, float64(lat)/100
				out[i].Rings[j] = append(out[i].Rings[j], [2]float64{x, y})
				out[i].west, out[i].east = min(out[i].west, x), max(out[i].east, x)
				out[i].south, out[i].north = min(out[i].south, y), max(out[i].north, y)
			}
		}
	}
	return out, nil
}

// Project maps degrees to kilometres east and north of 10 E, 52 N by Lambert's azimuthal equal-area projection on a
// sphere (J. P. Snyder, Map Projections: A Working Manual, USGS 1987, equations 24-2 to 24-4), the projection in which
// European statistics are usually drawn.
func Project(lon, lat float64) (x, y float64) {
	const (
		radius  = 6371.0
		lon0    = 10 * math.Pi / 180
		lat0    = 52 * math.Pi / 180
		degrees = math.Pi / 180
	)
	l, p := lon*degrees-lon0, lat*degrees
	// The antipode lies on the whole rim of the map; a step off it has a place.
	k := math.Sqrt(2 / math.Max(1e-9, 1+math.Sin(lat0)*math.Sin(p)+math.Cos(lat0)*math.Cos(p)*math.Cos(l)))
	return radius * k * math.Cos(p) * math.Sin(l), radius * k * (math.Cos(lat0)*math.Sin(p) - math.Sin(lat0)*math.Cos(p)*math.Cos(l))
}
