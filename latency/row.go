package latency

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/domicile-eu/domicile/topology"
)

// Row holds the ways from one origin to all nodes. It is immutable and safe for concurrent use.
//
// Ask in the direction of the flow: between equally good ways the choice may differ from that of the way back.
type Row struct {
	g      *Graph
	view   *view // nil: an unknown origin, which reaches nothing
	origin int32
	open   bool // for unrestricted traffic: observations count
	// base is the row of the only neighbour of an origin that hangs on the rest by one link: all ways are the stem and the
	// neighbour's, whose steps the row shares. nil for other origins.
	base *Row
	stem int32 // the link from the origin to the neighbour

	means ways // the ways of least mean
	once  sync.Once
	tails atomic.Pointer[ways] // the ways of least tail, once anybody asks
}

// Leg is what is known about the way from a row's origin to one node.
type Leg struct {
	Mean topology.Micros
	// Egress is the price of carrying one GB along the route's links; zero where there is no route.
	Egress topology.MicroEUR
	// Observed says that the latencies come from an observation, not from a route. Estimated says that they come from the
	// graph's Estimator, since there is neither: Mean is that of the likely round trip then, while [Row.Latency] returns
	// percentiles of the upper end of the interval.
	Observed, Estimated bool
}

type rowKey struct {
	origin  int32
	transit Transit
}

// Row returns the ways from origin to every node that traffic under t may take. An unknown origin gives a row that
// reaches nothing. The first call for an (origin, t) costs O(links + nodes x log nodes) and 8 bytes a node, later ones
// a look-up. An origin with a single link shares all but that with the row of its neighbour.
func (g *Graph) Row(origin topology.NodeID, t Transit) *Row {
	i, ok := g.index[origin]
	if !ok {
		return &Row{g: g}
	}
	k := rowKey{i, t}
	g.mu.Lock()
	r, known := g.rows[k]
	old, has := g.stale[k]
	g.mu.Unlock()
	if known {
		return r
	}
	v := g.view(t)
	if stem, ok := g.stemOf(v, i); ok {
		base := g.Row(g.ids[stem.to], t)
		r = &Row{g: g, view: v, origin: i, open: !t.restricted, means: base.means, base: base, stem: stem.link}
	} else if has {
		r = g.repaired(v, i, old)
	} else {
		r = g.newRow(v, i)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if earlier, ok := g.rows[k]; ok { // somebody else was faster; the two are equal
		return earlier
	}
	delete(g.stale, k)
	g.keep(k, r)
	return r
}

// newRow computes a row. It allocates the row and its steps, nothing else unless the graph is a later version.
func (g *Graph) newRow(v *view, origin int32) *Row {
	return &Row{g: g, view: v, origin: origin, open: !v.transit.restricted, means: g.search(v, origin, byMean)}
}

// search finds ways: those of the frame, and then what changed since.
func (g *Graph) search(v *view, origin int32, w weighing) ways {
	out := ways{steps: make([]step, len(g.ids))}
	s := g.scratches.get()
	v.search(origin, w, out.steps, s)
	g.scratches.put(s)
	return g.repair(v, origin, w, out, 0)
}

// Leg returns what is known about the way to a node, and false where it is not reached. O(hops).
func (r *Row) Leg(to topology.NodeID) (Leg, bool) {
	node, ok := r.find(to)
	if !ok {
		return Leg{}, false
	}
	var leg Leg
	sum := r.sumTo(byMean, node)
	reached := sum != unreached
	if reached {
		leg.Mean = topology.Micros(sum)
		for link := range r.way(byMean, node) {
			leg.Egress = addPrice(leg.Egress, r.g.line(link).Egress)
		}
	}
	if o := r.observation(node); o != nil {
		leg.Mean, leg.Observed, reached = o.mean, true, true
	}
	if !reached {
		if e, ok := r.estimate(node); ok {
			leg.Mean, leg.Estimated, reached = r.g.mean(e.Likely), true, true
		}
	}
	return leg, reached
}

// Latency returns a percentile of the round trip to a node; math.MaxInt64, which meets no bound, and false where it is
// unknown or p is out of range. Where the way with the least mean has a worse tail than the way of the least sum of 99th
// percentiles, the better of the two counts. O(hops); the first call on a row finds the ways of least tail, which costs
// as much as the row.
func (r *Row) Latency(to topology.NodeID, p Percentile) (topology.Micros, bool) {
	node, ok := r.find(to)
	if !ok || !p.valid() {
		return unknown, false
	}
	if o := r.observation(node); o != nil {
		return topology.Micros(math.Round(o.shape.at(p.z()))), true
	}
	if r.sumTo(byMean, node) == unreached {
		e, ok := r.estimate(node)
		if !ok {
			return unknown, false
		}
		s := newShape(e.Upper)
		return topology.Micros(math.Round(s.at(p.z()))), true
	}
	latency, _ := r.best(node, p)
	return latency, true
}

// best returns the better percentile of a node that is reached, and which of the ways it comes from.
func (r *Row) best(node int32, p Percentile) (topology.Micros, weighing) {
	s := r.sum(byMean, node)
	least := r.g.percentile(&s, p)
	if r.sumTo(byTail, node) == unreached || r.same(node) {
		return least, byMean
	}
	s = r.sum(byTail, node)
	if other := r.g.percentile(&s, p); other < least {
		return other, byTail
	}
	return least, byMean
}

// same says whether the way of least tail to a node that is reached is that of least mean.
func (r *Row) same(node int32) bool {
	means, tails, home := r.of(byMean), r.of(byTail), r.home()
	for node != r.origin && node != home {
		link := means.at(node).link
		if link != tails.at(node).link {
			return false
		}
		node = r.g.via(link, node)
	}
	return true
}

// of returns the ways by one of the weighings. The first call for those of least tail finds them.
func (r *Row) of(w weighing) *ways {
	if w == byMean {
		return &r.means
	}
	if t := r.tails.Load(); t != nil {
		return t
	}
	r.once.Do(func() {
		if r.base != nil {
			r.tails.Store(r.base.of(byTail))
			return
		}
		t := r.g.search(r.view, r.origin, byTail)
		r.tails.Store(&t)
	})
	return r.tails.Load()
}

// home is where the steps begin: at the origin, or the neighbour that the row is shared with.
func (r *Row) home() int32 {
	if r.base != nil {
		return r.base.origin
	}
	return r.origin
}

// find returns the index of a node, and whether it and the origin are known.
func (r *Row) find(id topology.NodeID) (int32, bool) {
	if r.view == nil {
		return 0, false
	}
	i, ok := r.g.index[id]
	return i, ok
}

// observation returns what was measured to a node and counts for this row's traffic, nil where nothing was.
func (r *Row) observation(node int32) *observed {
	if !r.open || len(r.g.observed) == 0 {
		return nil
	}
	return r.g.observation(r.origin, node)
}

// sumTo returns the sum of weights up to a node.
func (r *Row) sumTo(w weighing, node int32) uint32 {
	sum := r.of(w).at(node).sum
	switch {
	case r.base == nil || sum == unreached:
		return sum
	case node == r.origin:
		return 0
	}
	return uint32(min(uint64(sum)+uint64(r.g.line(r.stem).weights[w]), unreached))
}

// way yields the links to a node that is reached, the last one first.
func (r *Row) way(w weighing, node int32) func(yield func(link int32) bool) {
	return func(yield func(int32) bool) {
		if node == r.origin {
			return
		}
		steps, home := r.of(w), r.home()
		for node != home {
			link := steps.at(node).link
			if !yield(link) {
				return
			}
			node = r.g.via(link, node)
		}
		if r.base != nil {
			yield(r.stem)
		}
	}
}

// sum adds up the hops to a node that is reached.
func (r *Row) sum(w weighing, node int32) sum {
	s := sum{widest: -1}
	for link := range r.way(w, node) {
		r.g.add(&s, link)
	}
	return s
}

// addPrice adds two prices and stays at the greatest there is.
func addPrice(a, b topology.MicroEUR) topology.MicroEUR {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}
