package latency

import (
	"cmp"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// Hop is one link of a route, in the direction of travel.
type Hop struct {
	Link          topology.LinkID         `json:"link"`
	From          topology.NodeID         `json:"from"`
	To            topology.NodeID         `json:"to"`
	Country       topology.Jurisdiction   `json:"country"` // of To
	Operator      string                  `json:"operator"`
	Jurisdictions []topology.Jurisdiction `json:"jurisdictions"`
	Mean          topology.Micros         `json:"meanMicros"`
}

// Route is a way through the network.
type Route struct {
	From topology.NodeID `json:"from"`
	To   topology.NodeID `json:"to"`
	Hops []Hop           `json:"hops"` // none where From is To
	Mean topology.Micros `json:"meanMicros"`
	// Bandwidth is the least bandwidth of its links in bit/s, 0 if one is unknown; math.MaxInt64 where there are no hops.
	Bandwidth int64 `json:"bandwidth"`
	// Egress is the price of carrying one GB along it.
	Egress topology.MicroEUR `json:"egressMicroEURPerGB"`
	// Jurisdictions are all countries that its links and inner nodes are known to cross, sorted.
	Jurisdictions []topology.Jurisdiction `json:"jurisdictions"`
}

// Route returns the way from one node to another under t with the least mean, and whether there is one. Observations
// have no way and play no part. O(hops) once there is a row of the origin.
func (g *Graph) Route(from, to topology.NodeID, t Transit) (Route, bool) {
	r := g.Row(from, t)
	node, ok := r.find(to)
	if !ok || r.sumTo(byMean, node) == unreached {
		return Route{}, false
	}
	return r.route(byMean, node), true
}

// Route returns the way whose percentile [Row.Latency] returns, and whether there is one. It is the way of the least
// mean unless another has a shorter tail. There is none where the latency is an observation's.
func (r *Row) Route(to topology.NodeID, p Percentile) (Route, bool) {
	node, ok := r.find(to)
	if !ok || !p.valid() || r.sumTo(byMean, node) == unreached || r.observation(node) != nil {
		return Route{}, false
	}
	_, w := r.best(node, p)
	return r.route(w, node), true
}

// route spells out the way to a node that is reached.
func (r *Row) route(w weighing, node int32) Route {
	links := slices.Collect(r.way(w, node))
	slices.Reverse(links)
	return r.g.spell(r.origin, links)
}

// spell spells out the way that links make from a node on.
func (g *Graph) spell(origin int32, links []int32) Route {
	out := Route{From: g.ids[origin], Bandwidth: math.MaxInt64}
	at := origin
	for _, link := range links {
		l := g.line(link)
		next, mean := l.other(at), topology.Micros(l.cumulants.mean)
		out.Hops = append(out.Hops, Hop{
			Link: l.ID, From: g.ids[at], To: g.ids[next], Country: g.country[next],
			Operator: l.Operator, Jurisdictions: l.Jurisdictions, Mean: mean,
		})
		out.Mean += mean
		out.Bandwidth = min(out.Bandwidth, l.Bandwidth)
		out.Egress = addPrice(out.Egress, l.Egress)
		out.Jurisdictions = append(out.Jurisdictions, l.Jurisdictions...)
		if at != origin {
			out.Jurisdictions = append(out.Jurisdictions, g.country[at])
		}
		at = next
	}
	out.To = g.ids[at]
	out.Jurisdictions = slices.DeleteFunc(out.Jurisdictions, func(j topology.Jurisdiction) bool { return j == "" })
	slices.Sort(out.Jurisdictions)
	out.Jurisdictions = slices.Compact(out.Jurisdictions)
	return out
}

// Percentile returns a percentile of a route's round trip. It is math.MaxInt64, which meets no bound, where p is out of
// range, there is no route (no hops between two nodes), or the graph does not know a link of it (any more).
func (g *Graph) Percentile(r Route, p Percentile) topology.Micros {
	s, _, ok := g.sumOf(r)
	if !ok || !p.valid() {
		return unknown
	}
	return g.percentile(&s, p)
}

// Budget says which hop eats how much of [Graph.Percentile]: each hop its mean, and of what is above the sum of means
// (or below it) the share that its variance has in the route's. The parts sum to the percentile. It is nil where the
// percentile is unknown.
func (g *Graph) Budget(r Route, p Percentile) []topology.Micros {
	s, links, ok := g.sumOf(r)
	if !ok || !p.valid() {
		return nil
	}
	parts := make([]part, len(links))
	for i, link := range links {
		c := &g.line(link).cumulants
		parts[i] = part{topology.Micros(c.mean), c.variance}
	}
	return split(g.percentile(&s, p), topology.Micros(s.mean), s.variance, parts)
}

// sumOf adds up the hops of a route, and returns its links; false where the graph does not know one of them.
func (g *Graph) sumOf(r Route) (s sum, links []int32, ok bool) {
	if len(r.Hops) == 0 && (r.From != r.To || r.From == "") { // what stands for "there is none"
		return s, nil, false
	}
	links = make([]int32, len(r.Hops))
	for i, h := range r.Hops {
		if links[i], ok = g.findLink(h.Link); !ok {
			return s, nil, false
		}
	}
	s.widest = -1
	for i := len(links) - 1; i >= 0; i-- {
		g.add(&s, links[i])
	}
	return s, links, true
}

// findLink returns the index of a link, and whether there is one that carries routes.
func (g *Graph) findLink(id topology.LinkID) (int32, bool) {
	if at, ok := g.findAdded(id); ok {
		return g.alive[at], true
	}
	i, ok := slices.BinarySearchFunc(g.lines, id, func(l line, id topology.LinkID) int { return cmp.Compare(l.ID, id) })
	return int32(i), ok && !g.isGone(int32(i))
}
