package topology

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/internal/outline"
)

// maxRTT leaves room for the percentiles above the median, which may reach an hour.
const maxRTT = Micros(30 * 60 * 1e6)

// number reads a finite decimal number.
func number(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || strings.ContainsAny(text, "xX_") {
		return 0, fmt.Errorf("%s is no number", quoted(text))
	}
	return v, nil
}

// place is where a node stands.
type place struct {
	Location
	known bool // stated; else the middle of its neighbours, or nothing
}

// locate reads the coordinates of all nodes. Those without are put in the middle of their neighbours, for maps alone.
func (f *foreign) locate(opts *NetworkOptions) []place {
	places := make([]place, len(f.nodes))
	for i := range f.nodes {
		n := &f.nodes[i]
		lat, lon := find(n.facts, "Latitude"), find(n.facts, "Longitude")
		if lat == nil && lon == nil {
			continue
		}
		if lat == nil || lon == nil {
			f.defect(n.line, "node %s has one coordinate without the other", quoted(n.id))
			continue
		}
		y, errY := number(lat.value)
		x, errX := number(lon.value)
		if errY != nil {
			f.defect(lat.line, "Latitude: %s", errY)
		}
		if errX != nil {
			f.defect(lon.line, "Longitude: %s", errX)
		}
		places[i] = place{Location{y, x}, errX == nil && errY == nil}
	}
	switch f.notation(opts, places) {
	case "plane":
		for i := range places {
			places[i] = place{}
		}
	case "minutes":
		for i := range places {
			places[i].Lat, places[i].Lon = fromMinutes(places[i].Lat), fromMinutes(places[i].Lon)
		}
	}
	for i, p := range places {
		if !(math.Abs(p.Lat) <= 90 && math.Abs(p.Lon) <= 180) {
			f.defect(f.nodes[i].line, "node %s: %v, %v are no latitude within 90 and longitude within 180 degrees",
				quoted(f.nodes[i].id), p.Lat, p.Lon)
		}
	}
	f.placeBetween(places)
	return places
}

// notation tells how coordinates are written, and notes what was not stated. A file in degrees and minutes has two
// decimals that never reach 60. Of 10 nodes with coordinates in hundredths of degrees about one file in 27,000 would
// look the same by chance, of more even fewer.
func (f *foreign) notation(opts *NetworkOptions, places []place) string {
	if opts.Coordinates != "" || !f.units {
		return opts.Coordinates
	}
	const fewest = 10
	count, whole, minutes, outside := 0, true, true, false
	for _, p := range places {
		if !p.known {
			continue
		}
		count++
		outside = outside || math.Abs(p.Lat) > 90 || math.Abs(p.Lon) > 180
		for _, v := range []float64{p.Lat, p.Lon} {
			hundredths := math.Round(math.Abs(v) * 100)
			whole = whole && v == math.Trunc(v)
			minutes = minutes && math.Abs(math.Abs(v)*100-hundredths) < 1e-6 && math.Mod(hundredths, 100) < 60
		}
	}
	switch {
	case count == 0:
		return ""
	case outside || whole:
		f.note(0, "coordinates are those of a drawing, not of the earth: nothing is placed by them")
		return "plane"
	case minutes && count >= fewest:
		f.note(0, "coordinates are read as degrees.minutes: no decimals reach 60")
		return "minutes"
	default:
		return "degrees"
	}
}

// fromMinutes reads -6.15 as 6 degrees 15 minutes west.
func fromMinutes(v float64) float64 {
	degrees, rest := math.Modf(v)
	return degrees + math.Round(rest*100)/60
}

// placeBetween places nodes without coordinates in the middle of those neighbours that stand nearer to a placed node
// than they do, the nodes nearest to a placed one first.
func (f *foreign) placeBetween(places []place) {
	near := make([][]int32, len(f.nodes))
	for _, e := range f.edges {
		a, b := f.known[e.a], f.known[e.b]
		near[a] = append(near[a], int32(b))
		near[b] = append(near[b], int32(a))
	}
	layer := make([]int, len(places)) // 0: not reached
	var queue []int32
	for i, p := range places {
		if p.known {
			layer[i], queue = 1, append(queue, int32(i))
		}
	}
	for head := 0; head < len(queue); head++ {
		i := queue[head]
		if layer[i] > 1 {
			places[i].Location = middle(places, layer, near[i], layer[i])
		}
		for _, j := range near[i] {
			if layer[j] == 0 {
				layer[j], queue = layer[i]+1, append(queue, j)
			}
		}
	}
}

// middle is the centre on the sphere of the neighbours in layers before.
func middle(places []place, layer []int, near []int32, before int) Location {
	const degree = math.Pi / 180
	var x, y, z float64
	for _, j := range near {
		if layer[j] == 0 || layer[j] >= before {
			continue
		}
		lat, lon := places[j].Lat*degree, places[j].Lon*degree
		x, y, z = x+math.Cos(lat)*math.Cos(lon), y+math.Cos(lat)*math.Sin(lon), z+math.Sin(lat)
	}
	hundredth := func(v float64) float64 { return math.Round(v/degree*100) / 100 }
	return Location{hundredth(math.Atan2(z, math.Hypot(x, y))), hundredth(math.Atan2(y, x))}
}

// kilometres is the great circle between two places (haversine, mean radius of the earth).
func kilometres(a, b Location) float64 {
	const degree, radius = math.Pi / 180, 6371.0088
	sin := func(v float64) float64 { s := math.Sin(v * degree / 2); return s * s }
	h := sin(b.Lat-a.Lat) + math.Cos(a.Lat*degree)*math.Cos(b.Lat*degree)*sin(b.Lon-a.Lon)
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}

// between is the place at a share of the great circle from a to b.
func between(a, b Location, share float64) Location {
	const degree = math.Pi / 180
	vector := func(l Location) [3]float64 {
		lat, lon := l.Lat*degree, l.Lon*degree
		return [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
	}
	u, v := vector(a), vector(b)
	angle := math.Acos(min(max(u[0]*v[0]+u[1]*v[1]+u[2]*v[2], -1), 1))
	if angle < 1e-9 {
		return a
	}
	p, q := math.Sin((1-share)*angle), math.Sin(share*angle)
	x, y, z := p*u[0]+q*v[0], p*u[1]+q*v[1], p*u[2]+q*v[2]
	return Location{math.Atan2(z, math.Hypot(x, y)) / degree, math.Atan2(y, x) / degree}
}

// atlas tells in which country things are.
type atlas struct {
	names    map[string]Jurisdiction
	outlines []outline.Country
}

func newAtlas() (*atlas, error) {
	outlines, err := outline.Europe()
	return &atlas{countriesByName(), outlines}, err
}

// named is the country of a name or a code, empty where it is none.
func (a *atlas) named(name string) Jurisdiction {
	if j := Jurisdiction(name); j.known() {
		return j
	}
	return a.names[slug(name)]
}

func (a *atlas) at(l Location) Jurisdiction {
	if j := Jurisdiction(outline.At(a.outlines, l.Lon, l.Lat)); j.known() {
		return j
	}
	return ""
}
