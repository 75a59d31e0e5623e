package outline

import "math"

// nearShore is how far off an outline a place may lie and still count as in the country, in degrees of latitude (22 km):
// simplified outlines cut off harbours.
const nearShore = 0.2

// At returns the code of the country in which a place lies, by counting crossings, or whose outline it lies within 22 km
// of, the nearest one; empty where there is none. The outlines are simplified: within some kilometres of a border the
// answer may be the neighbour. O(points of the outlines around).
func At(countries []Country, lon, lat float64) string {
	nearest, best := "", nearShore
	wide := nearShore / max(math.Cos(lat*math.Pi/180), 0.01)
	for i := range countries {
		c := &countries[i]
		if lat < c.south-nearShore || lat > c.north+nearShore || lon < c.west-wide || lon > c.east+wide {
			continue
		}
		if c.holds(lon, lat) {
			return c.Code
		}
		if d := c.distance(lon, lat, best); d < best {
			nearest, best = c.Code, d
		}
	}
	return nearest
}

func (c *Country) holds(lon, lat float64) bool {
	inside := false
	for _, r := range c.Rings {
		for i := range r {
			a, b := r[i], r[(i+1)%len(r)]
			if (a[1] > lat) != (b[1] > lat) && lon < a[0]+(b[0]-a[0])*(lat-a[1])/(b[1]-a[1]) {
				inside = !inside
			}
		}
	}
	return inside
}

// distance is how far a place is from the outline in degrees of latitude, or at least most.
func (c *Country) distance(lon, lat, most float64) float64 {
	narrow := math.Cos(lat * math.Pi / 180)
	for _, r := range c.Rings {
		for i := range r {
			a, b := r[i], r[(i+1)%len(r)]
			if min(a[1], b[1])-lat > most || lat-max(a[1], b[1]) > most {
				continue
			}
			ax, ay := (a[0]-lon)*narrow, a[1]-lat
			dx, dy := (b[0]-a[0])*narrow, b[1]-a[1]
			t := 0.0
			if square := dx*dx + dy*dy; square > 0 {
				t = min(max(-(ax*dx+ay*dy)/square, 0), 1)
			}
			most = min(most, math.Hypot(ax+t*dx, ay+t*dy))
		}
	}
	return most
}
