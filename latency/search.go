package latency

import "math"

// step is the last step of the way to a node: the sum of weights up to it and the link that leads to it.
type step struct {
	sum  uint32
	link int32
}

const (
	unreached = math.MaxUint32 // as a sum: no way leads here
	noLink    = -1
)

// scratch is the memory of a search that its row does not keep.
type scratch struct {
	sums  []uint32 // by rank
	queue queue
}

// search fills steps, which must be zero, with the least ways from origin to every node. A node that is blocked is
// reached but not passed, unless it is the origin. Of several ways that are equally good to the microsecond, the one
// counts whose last node before the end is nearest, then that of the least node index, then of the least link; so the
// outcome does not depend on how the search goes about it.
//
// O(links + kernel x log kernel), see [ladder], without allocations once the scratch has grown.
func (v *view) search(origin int32, w weighing, steps []step, s *scratch) {
	l := &v.core
	if len(s.sums) < len(l.nodes) {
		s.sums = make([]uint32, len(l.nodes))
	}
	sums := s.sums[:len(l.nodes)]
	for i := range sums {
		sums[i] = unreached
	}
	steps[origin] = step{0, noLink}
	root, ok := v.climb(origin, w, steps)
	if ok {
		v.seed(origin, root, w, steps[root].sum, sums)
		l.ascend(w, sums)
		l.settle(w, sums, &s.queue)
		l.descend(w, sums)
	}
	v.spell(origin, root, w, sums, steps)
	v.sweep(origin, w, steps)
}

// climb walks from a twig to where its tree meets the core, and says whether traffic may go on from there. The root is
// -1 if the walk did not come so far.
func (v *view) climb(origin int32, w weighing, steps []step) (root int32, ok bool) {
	node := origin
	for {
		passes := v.passes(node, origin)
		if v.up[node] < 0 {
			return node, passes
		}
		if !passes {
			return -1, false
		}
		t := &v.twigs[v.up[node]]
		sum := uint64(steps[node].sum) + uint64(t.weights[w])
		if sum >= unreached {
			return -1, false
		}
		node = t.parent
		steps[node] = step{uint32(sum), t.link}
	}
}

// seed enters where the search of the core begins: at the root, and if that is blocked, which only an origin may be, at
// its neighbours.
func (v *view) seed(origin, root int32, w weighing, sum uint32, sums []uint32) {
	l := &v.core
	r := l.rank[root]
	sums[r] = sum
	if int(r) >= l.passed {
		return
	}
	for _, a := range l.arcs[w][l.first[r]:l.first[r+1]] {
		if next := uint64(sum) + uint64(a.weight); next < uint64(sums[a.to]) {
			sums[a.to] = uint32(next)
		}
	}
}

// ascend takes the sums up to the kernel.
func (l *ladder) ascend(w weighing, sums []uint32) {
	rungs, start := l.rungs[w], l.start
	for r := l.passed; r < l.kernel; r++ {
		sum := sums[r]
		if sum == unreached {
			continue
		}
		for _, a := range rungs[start[r]:start[r+1]] {
			if next := uint64(sum) + uint64(a.weight); next < uint64(sums[a.to]) {
				sums[a.to] = uint32(next)
			}
		}
	}
}

// settle is Dijkstra's algorithm over the kernel.
func (l *ladder) settle(w weighing, sums []uint32, q *queue) {
	rungs, start := l.rungs[w], l.start
	first, last := uint32(unreached), uint32(0)
	for _, sum := range sums[l.kernel:] {
		if sum != unreached {
			first, last = min(first, sum), max(last, sum)
		}
	}
	if first == unreached {
		return
	}
	q.reset(first, max(last-first, l.widest[w]))
	for r := l.kernel; r < len(sums); r++ {
		if sums[r] != unreached {
			q.push(key(sums[r], int32(r)))
		}
	}
	for q.open() {
		touch := uint32(0)
		for _, k := range q.heap.keys { // fetches the rungs of a whole bucket at once, which else would be waited for one by one
			if r := uint32(k); start[r] < start[r+1] {
				touch += rungs[start[r]].weight + rungs[start[r+1]-1].weight
			}
		}
		q.touched = touch
		for len(q.heap.keys) > 0 {
			k := q.heap.pop()
			r, sum := uint32(k), uint32(k>>32)
			if sum != sums[r] {
				continue
			}
			for _, a := range rungs[start[r]:start[r+1]] {
				if next := uint64(sum) + uint64(a.weight); next < uint64(sums[a.to]) {
					sums[a.to] = uint32(next)
					q.push(key(uint32(next), a.to))
				}
			}
		}
	}
}

// descend takes the sums down from the kernel.
func (l *ladder) descend(w weighing, sums []uint32) {
	rungs, start := l.rungs[w], l.start
	for r := l.kernel - 1; r >= 0; r-- {
		least := uint64(sums[r])
		for _, a := range rungs[start[r]:start[r+1]] {
			least = min(least, uint64(sums[a.to])+uint64(a.weight))
		}
		sums[r] = uint32(least)
	}
}

// spell writes down the steps to the nodes of the core: of the links that lead to one in its sum, the one that counts.
// The root has its step already, and nothing else leads up to it.
func (v *view) spell(origin, root int32, w weighing, sums []uint32, steps []step) {
	l := &v.core
	arcs, links, at := l.arcs[w], l.links, int32(0)
	for r, node := range l.nodes {
		end := l.first[r+1]
		sum, link, heaviest := sums[r], int32(noLink), uint32(0)
		if sum == unreached || node == root {
			at = end
			if node != root {
				steps[node] = step{unreached, noLink}
			}
			continue
		}
		for ; at < end; at++ {
			a := arcs[at]
			if sums[a.to] == sum-a.weight && a.weight <= sum && a.weight > heaviest && (int(a.to) >= l.passed || l.nodes[a.to] == origin) {
				link, heaviest = links[at], a.weight // the nearest last node is that of the heaviest last link
			}
		}
		steps[node] = step{sum, link}
	}
}

// sweep fills in the twigs that the climb did not pass.
func (v *view) sweep(origin int32, w weighing, steps []step) {
	for i := range v.twigs {
		t := &v.twigs[i]
		if steps[t.node].sum != 0 || t.node == origin {
			continue
		}
		sum := uint64(steps[t.parent].sum) + uint64(t.weights[w])
		if sum >= unreached || v.blocked != nil && v.blocked[t.parent] && t.parent != origin {
			steps[t.node] = step{unreached, noLink}
			continue
		}
		steps[t.node] = step{uint32(sum), t.link}
	}
}
