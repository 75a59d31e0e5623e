package latency

import (
	"cmp"
	"slices"
)

// stale is what an earlier version of a graph knew of a row.
type stale struct {
	means ways
	tails *ways // nil: nobody asked
	seen  int   // how much of the log it has seen
}

// repaired brings a row of an earlier version up to date.
func (g *Graph) repaired(v *view, origin int32, old stale) *Row {
	r := &Row{g: g, view: v, origin: origin, open: !v.transit.restricted}
	r.means = g.repair(v, origin, byMean, old.means, old.seen)
	if old.tails != nil {
		tails := g.repair(v, origin, byTail, *old.tails, old.seen)
		r.tails.Store(&tails)
	}
	return r
}

// repair is the mending of ways under way, see [Graph.repair].
type repair struct {
	g      *Graph
	view   *view
	origin int32
	w      weighing
	old    *ways
	now    map[int32]mended
	lost   []int32 // nodes whose ways led over links that are gone
	heap   heap
}

// mended is the new step of a node that was touched.
type mended struct {
	step step
	lost bool
}

// repair returns ways that are those of this version, from ways that have seen a part of the log: exactly those that a
// search would find, after Ramalingam and Reps (1996). Nodes whose way led over a link that is gone lose it, with all
// behind them; they are entered anew from their neighbours, as are both ends of links that came, and from there
// Dijkstra's algorithm goes on for as long as anything gets nearer. It looks at the links of nodes whose way changes and at
// no others: O(links of those x log), and a copy of the patches.
func (g *Graph) repair(v *view, origin int32, w weighing, old ways, seen int) ways {
	if seen == len(g.log) {
		return old
	}
	p := g.repairs.get()
	defer g.repairs.put(p)
	if p.now == nil {
		p.now = map[int32]mended{}
	}
	clear(p.now)
	p.g, p.view, p.origin, p.w, p.old, p.lost = g, v, origin, w, &old, p.lost[:0]
	p.heap.reset()
	p.lose(g.log[seen:])
	p.enter(g.log[seen:])
	p.settle()
	out := old.with(p.patches())
	p.g, p.view, p.old = nil, nil, nil
	return out
}

// at returns the step to a node as far as it is known.
func (p *repair) at(node int32) step {
	if m, ok := p.now[node]; ok {
		return m.step
	}
	return p.old.at(node)
}

// lose finds the nodes whose ways are gone.
func (p *repair) lose(log []change) {
	for _, c := range log {
		if c.came {
			continue
		}
		for _, node := range p.g.line(c.link).ends {
			p.loseIf(node, c.link)
		}
	}
	for next := 0; next < len(p.lost); next++ {
		for a := range p.g.arcs(p.view, p.lost[next]) {
			p.loseIf(a.to, a.link)
		}
	}
}

// loseIf loses a node if the last link to it is this one.
func (p *repair) loseIf(node, link int32) {
	if p.old.at(node).link != link || p.now[node].lost {
		return
	}
	p.now[node] = mended{step{unreached, noLink}, true}
	p.lost = append(p.lost, node)
}

// enter relaxes what leads to the nodes that were lost, and the links that came.
func (p *repair) enter(log []change) {
	for _, node := range p.lost {
		for a := range p.g.arcs(p.view, node) {
			if !p.now[a.to].lost {
				p.relax(a.to, arc{node, a.link})
			}
		}
	}
	for _, c := range log {
		l := p.g.line(c.link)
		if !c.came || p.g.isGone(c.link) || !p.view.transit.Allows(l.Link) {
			continue
		}
		for _, node := range l.ends {
			if !p.now[node].lost {
				p.relax(node, arc{l.other(node), c.link})
			}
		}
	}
}

// settle goes on from the nodes that were entered.
func (p *repair) settle() {
	for len(p.heap.keys) > 0 {
		k := p.heap.pop()
		node, sum := int32(uint32(k)), uint32(k>>32)
		if sum != p.at(node).sum {
			continue
		}
		for a := range p.g.arcs(p.view, node) {
			p.relax(node, a)
		}
	}
}

// relax takes the way over an arc if it is better. A way that is as long and yet counts changes nothing behind it.
func (p *repair) relax(from int32, a arc) {
	near := p.at(from).sum
	if near == unreached || !p.view.passes(from, p.origin) {
		return
	}
	sum := uint64(near) + uint64(p.g.line(a.link).weights[p.w])
	old := p.at(a.to)
	if sum > uint64(old.sum) || sum == unreached || uint32(sum) == old.sum && !p.counts(a, old.link) {
		return
	}
	p.now[a.to] = mended{step{uint32(sum), a.link}, p.now[a.to].lost}
	if uint32(sum) < old.sum {
		p.heap.push(key(uint32(sum), a.to))
	}
}

// counts says whether of two equally long ways to a node the one over an arc counts, not the one over the other link: the
// nearest last node is that of the heaviest last link, then comes the least node and the least link.
func (p *repair) counts(a arc, other int32) bool {
	if other == a.link {
		return false
	}
	this, that := p.g.line(a.link), p.g.line(other)
	return cmp.Or(
		cmp.Compare(that.weights[p.w], this.weights[p.w]),
		cmp.Compare(this.other(a.to), that.other(a.to)),
		cmp.Compare(this.ID, that.ID),
	) < 0
}

// patches lists what changed, in order of node.
func (p *repair) patches() []patch {
	var out []patch
	for node, m := range p.now {
		if m.step != p.old.at(node) {
			out = append(out, patch{node, m.step})
		}
	}
	slices.SortFunc(out, func(a, b patch) int { return cmp.Compare(a.node, b.node) })
	return out
}
