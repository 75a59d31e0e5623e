package latency

import (
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// Crossing is a hop of a route that a [Transit] does not allow, and what of it.
type Crossing struct {
	Hop Hop `json:"hop"`
	// Jurisdictions are those of the link, and that of the node it leads to unless the route ends there, that traffic may
	// not cross, each once. "" stands for one that nobody names.
	Jurisdictions []topology.Jurisdiction `json:"jurisdictions,omitempty"`
	// Operator says that traffic may not cross the operator's network, or that nobody says whose it is.
	Operator bool `json:"operator,omitempty"`
}

// Crossings returns the hops of a route that t does not allow, in the direction of travel, the first of which is that of
// [Transit.Crosses]. None: traffic may take the route.
func (t Transit) Crossings(r Route) (out []Crossing) {
	for i, h := range r.Hops {
		c := Crossing{Hop: h, Operator: !t.AllowsOperator(h.Operator)}
		add := func(j topology.Jurisdiction) {
			if !t.AllowsJurisdiction(j) && !slices.Contains(c.Jurisdictions, j) {
				c.Jurisdictions = append(c.Jurisdictions, j)
			}
		}
		for _, j := range h.Jurisdictions {
			add(j)
		}
		if len(h.Jurisdictions) == 0 {
			add("")
		}
		if i < len(r.Hops)-1 {
			add(h.Country)
		}
		if c.Operator || len(c.Jurisdictions) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// Detour is what a [Transit] costs between two nodes: the direct way against the permitted one.
type Detour struct {
	Direct Route `json:"direct"` // of the least mean, whoever may take it
	// Permitted is the way of the least mean that t allows, nil where there is none.
	Permitted *Route `json:"permitted,omitempty"`
	// Crossings are the hops of the direct way that t does not allow. None: it is the permitted one.
	Crossings []Crossing `json:"crossings,omitempty"`
}

// Detour compares the ways from one node to another with and without t, and says whether there is any way at all.
// Observations have no way and play no part. O(hops) once there are rows of the origin.
func (g *Graph) Detour(from, to topology.NodeID, t Transit) (Detour, bool) {
	direct, ok := g.Route(from, to, Transit{})
	if !ok {
		return Detour{}, false
	}
	d := Detour{Direct: direct, Crossings: t.Crossings(direct)}
	if permitted, ok := g.Route(from, to, t); ok {
		d.Permitted = &permitted
	}
	return d, true
}

// Extra is by how much the mean of the permitted way is above that of the direct one: zero where they are equally good,
// math.MaxInt64 where no way is permitted.
func (d Detour) Extra() topology.Micros {
	if d.Permitted == nil {
		return unknown
	}
	return d.Permitted.Mean - d.Direct.Mean
}
