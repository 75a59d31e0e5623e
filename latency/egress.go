package latency

import "github.com/domicile-eu/domicile/topology"

// Targets are nodes of one graph that many rows are asked about, looked up once. They are immutable and safe for
// concurrent use.
type Targets struct {
	g     *Graph
	nodes []int32 // -1: unknown
}

// Targets looks up nodes. An unknown one is never reached.
func (g *Graph) Targets(ids []topology.NodeID) *Targets {
	t := &Targets{g: g, nodes: make([]int32, len(ids))}
	for k, id := range ids {
		i, ok := g.index[id]
		if !ok {
			i = -1
		}
		t.nodes[k] = i
	}
	return t
}

// Egress appends, for each of the targets, the Egress of its [Leg], and -1 where there is none. Ways share their
// beginnings, so that the whole costs O(nodes) where a Leg for each costs O(targets x hops). It panics if the targets are
// those of another graph.
func (r *Row) Egress(t *Targets, out []topology.MicroEUR) []topology.MicroEUR {
	if t.g != r.g {
		panic("latency: targets of another graph")
	}
	if r.view == nil {
		for range t.nodes {
			out = append(out, -1)
		}
		return out
	}
	sums, _ := r.g.sums.Get().(*egressSums)
	if sums == nil {
		sums = &egressSums{to: make([]topology.MicroEUR, len(r.g.ids))}
	}
	sums.start(r)
	for _, node := range t.nodes {
		switch {
		case node < 0:
			out = append(out, -1)
		case r.sumTo(byMean, node) != unreached:
			out = append(out, sums.find(r, node))
		case r.observation(node) != nil:
			out = append(out, 0)
		default:
			price := topology.MicroEUR(-1)
			if _, ok := r.estimate(node); ok {
				price = 0
			}
			out = append(out, price)
		}
	}
	r.g.sums.Put(sums)
	return out
}

// egressSums adds up prices along the ways of a row.
type egressSums struct {
	to    []topology.MicroEUR // by node, -1: not known yet
	stack []int32
}

// start forgets what was found and notes where the ways begin.
func (e *egressSums) start(r *Row) {
	for i := range e.to {
		e.to[i] = -1
	}
	if r.base != nil {
		e.to[r.base.origin] = r.g.line(r.stem).Egress
	}
	e.to[r.origin] = 0
}

// find returns the price of the way to a node that is reached. It goes back to the first node whose price is known.
func (e *egressSums) find(r *Row, node int32) topology.MicroEUR {
	e.stack = e.stack[:0]
	for e.to[node] < 0 {
		e.stack = append(e.stack, node)
		node = r.g.via(r.means.at(node).link, node)
	}
	sum := e.to[node]
	for k := len(e.stack) - 1; k >= 0; k-- {
		node = e.stack[k]
		sum = addPrice(sum, r.g.line(r.means.at(node).link).Egress)
		e.to[node] = sum
	}
	return sum
}
