package latency

import (
	"math"
	"sync"

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
	stem int32 // the arc from the origin to the neighbour

	steps []step // the ways of least mean
	once  sync.Once
	tails []step // the ways of least tail, once anybody asks
	same  []bool // whether the two are the same way
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
	g.mu.Lock()
	r, known := g.rows[rowKey{i, t}]
	v := g.views[t]
	g.mu.Unlock()
	if known {
		return r
	}
	if v == nil {
		v = g.newView(t)
	}
	if stem, ok := v.stem(i); ok {
		base := g.Row(g.ids[v.arcs[byMean][stem].to], t)
		r = &Row{g: g, view: v, origin: i, open: !t.restricted, steps: base.steps, base: base, stem: stem}
	} else {
		r = g.newRow(v, i, t)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if earlier, ok := g.rows[rowKey{i, t}]; ok { // somebody else was faster; the two are equal
		return earlier
	}
	if r.base != nil {
		v = r.base.view // one view of each kind is enough, and the arcs of another are the same
		r.view = v
	}
	g.views[t] = v
	g.keep(rowKey{i, t}, r)
	return r
}

// newRow computes a row. It allocates the row and its steps, nothing else.
func (g *Graph) newRow(v *view, origin int32, t Transit) *Row {
	r := &Row{g: g, view: v, origin: origin, open: !t.restricted, steps: make([]step, len(g.ids))}
	h := g.heaps.Get().(*heap)
	v.search(origin, byMean, r.steps, h)
	g.heaps.Put(h)
	return r
}

// Leg returns what is known about the way to a node, and false where it is not reached. O(hops).
func (r *Row) Leg(to topology.NodeID) (Leg, bool) {
	node, ok := r.find(to)
	if !ok {
		return Leg{}, false
	}
	var leg Leg
	sum := r.sumTo(r.steps, byMean, node)
	reached := sum != unreached
	if reached {
		leg.Mean = topology.Micros(sum)
		for link := range r.way(r.steps, node) {
			leg.Egress = addPrice(leg.Egress, r.g.links[link].Egress)
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
	if r.sumTo(r.steps, byMean, node) == unreached {
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

// best returns the better percentile of a node that is reached, and the ways it comes from.
func (r *Row) best(node int32, p Percentile) (topology.Micros, []step) {
	s := r.sum(r.steps, node)
	least := r.g.percentile(&s, p)
	r.once.Do(r.findTails)
	if r.same[node] || r.sumTo(r.tails, byTail, node) == unreached {
		return least, r.steps
	}
	s = r.sum(r.tails, node)
	if other := r.g.percentile(&s, p); other < least {
		return other, r.tails
	}
	return least, r.steps
}

// findTails finds the ways of least tail, and where they are those of least mean.
func (r *Row) findTails() {
	if r.base != nil {
		r.base.once.Do(r.base.findTails)
		r.tails, r.same = r.base.tails, r.base.same
		return
	}
	r.tails, r.same = make([]step, len(r.steps)), make([]bool, len(r.steps))
	h := r.g.heaps.Get().(*heap)
	r.view.search(r.origin, byTail, r.tails, h)
	r.g.heaps.Put(h)
	judged := make([]bool, len(r.steps))
	judged[r.origin], r.same[r.origin] = true, true
	var path []int32
	for i := range r.steps {
		node := int32(i)
		for !judged[node] && r.steps[node].arc == r.tails[node].arc && r.steps[node].sum != unreached {
			path = append(path, node)
			node = r.before(r.steps, node)
		}
		judged[node] = true
		for _, inner := range path {
			judged[inner], r.same[inner] = true, r.same[node]
		}
		path = path[:0]
	}
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

// before returns the node before one that is reached and not the origin.
func (r *Row) before(steps []step, node int32) int32 {
	return r.g.via(r.view.links[steps[node].arc], node)
}

// sumTo returns the sum of weights up to a node.
func (r *Row) sumTo(steps []step, w weighing, node int32) uint32 {
	sum := steps[node].sum
	switch {
	case r.base == nil || sum == unreached:
		return sum
	case node == r.origin:
		return 0
	}
	return uint32(min(uint64(sum)+uint64(r.view.arcs[w][r.stem].weight), unreached))
}

// way yields the links to a node that is reached, the last one first.
func (r *Row) way(steps []step, node int32) func(yield func(link int32) bool) {
	return func(yield func(int32) bool) {
		if node == r.origin {
			return
		}
		home := r.origin
		if r.base != nil {
			home = r.base.origin
		}
		for node != home {
			link := r.view.links[steps[node].arc]
			if !yield(link) {
				return
			}
			node = r.g.via(link, node)
		}
		if r.base != nil {
			yield(r.view.links[r.stem])
		}
	}
}

// sum adds up the hops to a node that is reached.
func (r *Row) sum(steps []step, node int32) sum {
	s := sum{widest: -1}
	for link := range r.way(steps, node) {
		s.add(link, &r.g.cumulants[link])
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
