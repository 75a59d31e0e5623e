package latency

import "math"

// step is the last step of the way to a node: the sum of weights up to it and the arc that leads to it.
type step struct {
	sum uint32
	arc int32
}

const (
	unreached = math.MaxUint32 // as a sum: no way leads here
	noArc     = -1
)

// search fills steps with the least ways from origin to every node, by Dijkstra's algorithm. A node that is blocked is
// reached but not passed, unless it is the origin. Of several ways that are equally good to the microsecond, the one
// counts whose last node before the end is nearest, then that of the least node index, then of the least link; so the
// outcome does not depend on how the search goes about it.
//
// O(links + core x log core), without allocations once the heap has grown.
func (v *view) search(origin int32, w weighing, steps []step, h *heap) {
	for i := range steps {
		steps[i] = step{unreached, noArc}
	}
	steps[origin].sum = 0
	if root, ok := v.climb(origin, w, steps); ok {
		h.reset()
		h.push(key(steps[root].sum, root))
		v.settle(origin, w, steps, h)
	}
	v.sweep(origin, w, steps)
}

// climb walks from a twig to where its tree meets the core, and says whether traffic may go on from there.
func (v *view) climb(origin int32, w weighing, steps []step) (root int32, ok bool) {
	arcs, node := v.arcs[w], origin
	for {
		if node != origin && v.blocked != nil && v.blocked[node] {
			return 0, false
		}
		up := v.up[node]
		if up == noArc {
			return node, true
		}
		sum := uint64(steps[node].sum) + uint64(arcs[up].weight)
		if sum >= unreached {
			return 0, false
		}
		node = arcs[up].to
		steps[node] = step{uint32(sum), up}
	}
}

// settle is Dijkstra's algorithm over the core.
func (v *view) settle(origin int32, w weighing, steps []step, h *heap) {
	arcs, spans, blocked := v.arcs[w], v.span, v.blocked
	for len(h.keys) > 0 {
		k := h.pop()
		node, sum := int32(uint32(k)), uint32(k>>32)
		if sum != steps[node].sum || blocked != nil && blocked[node] && node != origin {
			continue
		}
		s := spans[node]
		for i, a := range arcs[s.start:s.core] {
			next := uint64(sum) + uint64(a.weight)
			if next < uint64(steps[a.to].sum) {
				steps[a.to] = step{uint32(next), s.start + int32(i)}
				h.push(key(uint32(next), a.to))
			}
		}
	}
}

// sweep fills in the twigs that the climb did not pass.
func (v *view) sweep(origin int32, w weighing, steps []step) {
	arcs := v.arcs[w]
	for _, t := range v.twigs {
		from := steps[t.parent].sum
		if from == unreached || steps[t.node].sum != unreached {
			continue
		}
		if v.blocked != nil && v.blocked[t.parent] && t.parent != origin {
			continue
		}
		if sum := uint64(from) + uint64(arcs[t.arc].weight); sum < unreached {
			steps[t.node] = step{uint32(sum), t.arc}
		}
	}
}
