package latency

import "github.com/domicile-eu/domicile/topology"

// Disjoint returns two ways from one node to another under t that share no link, and whether there are two: what is left
// when any one link fails. Of all such pairs it is one with the least sum of means, always the same one, the shorter way
// first; nodes may be passed by both. The least way by itself may be neither of them. The two ends must differ.
//
// The method is that of Suurballe and Tarjan (1984): a second search over what the first way leaves, in which going back
// along the first way gives back what that cost. O(links + nodes x log nodes).
func (g *Graph) Disjoint(from, to topology.NodeID, t Transit) (pair [2]Route, ok bool) {
	a, okA := g.index[from]
	b, okB := g.index[to]
	if !okA || !okB || a == b {
		return pair, false
	}
	w := g.newWays(t, 0)
	first, _, ok := w.seek(a, b, 0, nil, unreached-1)
	if !ok {
		return pair, false
	}
	used := map[int32]bool{} // arcs that carry one of the two ways
	for _, arc := range first {
		used[arc] = true
	}
	if !w.augment(a, b, used) {
		return pair, false
	}
	var ways [2]*wayFound
	for i := range ways {
		ways[i] = w.takeOut(a, b, used)
	}
	if w.compare(ways[0], ways[1]) > 0 {
		ways[0], ways[1] = ways[1], ways[0]
	}
	for i, f := range ways {
		pair[i] = w.spell(a, f.arcs)
	}
	return pair, true
}

// augment finds the second way over what the first leaves and adds it to the arcs in use; where it goes back along the
// first, neither uses that link. An arc from u to v weighs what it takes longer than the least way by it: its weight less
// the difference of the least sums to v and to u, which is never negative and nothing on the first way, either direction.
func (w *mesh) augment(from, to int32, used map[int32]bool) bool {
	least := w.sums(from)
	back := map[int32]bool{} // links of the first way
	for arc := range used {
		back[w.arcs[arc].link] = true
	}
	w.heap.reset()
	w.reach(from, 0, noArc)
	defer w.forget()
	w.heap.push(key(0, from))
	for len(w.heap.keys) > 0 {
		k := w.heap.pop()
		node, sum := int32(uint32(k)), uint32(k>>32)
		if sum != w.sum[node] || w.blocked[node] && node != from {
			continue
		}
		for i := w.start[node]; i < w.start[node+1]; i++ {
			a := &w.arcs[i]
			if used[i] || least[a.to] == unreached {
				continue
			}
			next := uint64(sum)
			if !back[a.link] {
				next += uint64(least[node]) + uint64(a.weight) - uint64(least[a.to])
			}
			if next+uint64(least[a.to]) < unreached && next < uint64(w.sum[a.to]) {
				w.reach(a.to, uint32(next), i)
				w.heap.push(key(uint32(next), a.to))
			}
		}
	}
	if w.sum[to] == unreached {
		return false
	}
	for at := to; at != from; {
		arc := w.into[at]
		at = w.before(arc)
		if other := w.opposite(arc); used[other] {
			delete(used, other)
		} else {
			used[arc] = true
		}
	}
	return true
}

// opposite returns the arc over the same link the other way.
func (w *mesh) opposite(arc int32) int32 {
	a := &w.arcs[arc]
	for i := w.start[a.to]; i < w.start[a.to+1]; i++ {
		if w.arcs[i].link == a.link {
			return i
		}
	}
	return noArc
}

// takeOut takes one way out of the arcs in use, at each node the first arc. They hold no circle: to leave it out would
// have been better.
func (w *mesh) takeOut(from, to int32, used map[int32]bool) *wayFound {
	f := &wayFound{}
	for at := from; at != to; {
		arc := w.start[at]
		for !used[arc] {
			arc++
		}
		delete(used, arc)
		f.arcs = append(f.arcs, arc)
		f.sum += w.arcs[arc].weight
		at = w.arcs[arc].to
	}
	return f
}
