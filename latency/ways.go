package latency

import "slices"

// mesh is the graph that one question about alternatives may use, laid out for searches that leave parts of it out.
type mesh struct {
	g     *Graph
	arcs  []wayArc
	start []int32 // arcs[start[i]:start[i+1]] are those of node i
	// blocked are nodes that pass no traffic on, closed those that a search leaves out.
	blocked, closed []bool
	// ahead is the least sum from each node to the goal over the whole graph, which guides searches; nil: not known.
	ahead []uint32

	sum     []uint32 // of the search under way, unreached between searches
	into    []int32  // the arc that leads to a node
	touched []int32
	heap    heap
}

// noArc is where no arc leads to a node, or no goal is set.
const noArc = -1

type wayArc struct {
	to     int32
	weight uint32
	link   int32
}

// newWays lays out what a Transit allows of the links with a bandwidth, known to be at least so much. O(nodes + links).
func (g *Graph) newWays(t Transit, bandwidth int64) *mesh {
	n := len(g.ids)
	w := &mesh{
		g: g, start: make([]int32, n+1), closed: make([]bool, n), blocked: make([]bool, n),
		sum: make([]uint32, n), into: make([]int32, n),
	}
	var allowed []int32
	for i, l := range g.all() {
		if t.Allows(l.Link) && l.Bandwidth >= bandwidth {
			allowed = append(allowed, i)
			w.start[l.ends[0]+1]++
			w.start[l.ends[1]+1]++
		}
	}
	for i := range n {
		w.blocked[i] = !t.AllowsJurisdiction(g.country[i])
		w.sum[i] = unreached
		w.start[i+1] += w.start[i]
	}
	w.arcs = make([]wayArc, w.start[n])
	next := slices.Clone(w.start)
	for _, link := range allowed {
		l := g.line(link)
		for _, node := range l.ends {
			w.arcs[next[node]] = wayArc{l.other(node), l.cumulants.mean, link}
			next[node]++
		}
	}
	return w
}

// aim finds the least sums to a goal.
func (w *mesh) aim(goal int32) { w.ahead = w.sums(goal) }

// sums returns the least sums between a node and all others, also those that pass nothing on.
func (w *mesh) sums(from int32) []uint32 {
	w.spread(from, noArc, 0, nil, unreached-1)
	out := slices.Clone(w.sum)
	w.forget()
	return out
}

// seek finds the arcs of the best way from a node to the goal that starts with none of the barred arcs, passes no closed
// node and sums up to at most so much. The sum up to the node is given. Which way is the best of several of one sum is
// told by [mesh.compare], so that it is the one that a row has.
func (w *mesh) seek(from, goal int32, base uint32, barred []int32, most uint32) (arcs []int32, sum uint32, ok bool) {
	w.spread(from, goal, base, barred, most)
	defer w.forget()
	if w.sum[goal] == unreached {
		return nil, 0, false
	}
	for at := goal; at != from; {
		arc := w.into[at]
		arcs = append(arcs, arc)
		at = w.before(arc)
	}
	slices.Reverse(arcs)
	return arcs, w.sum[goal], true
}

// spread is Dijkstra's algorithm; with sums to the goal it is the A* of Hart, Nilsson and Raphael (1968). It does not end at
// the goal before all ways of the same sum were seen. Without a goal (noArc) it goes everywhere.
func (w *mesh) spread(from, goal int32, base uint32, barred []int32, most uint32) {
	w.heap.reset()
	w.reach(from, base, noArc)
	w.heap.push(key(base, from))
	for len(w.heap.keys) > 0 {
		k := w.heap.pop()
		node, bound := int32(uint32(k)), uint32(k>>32)
		switch {
		case bound > most:
			return
		case node == goal:
			most = bound
			continue
		case node != from && (w.blocked[node] || uint64(bound) != w.through(node, uint64(w.sum[node]))):
			continue // it passes nothing on, or was reached on a shorter way since
		}
		for i := w.start[node]; i < w.start[node+1]; i++ {
			if node != from || !slices.Contains(barred, i) {
				w.relax(node, i, goal, most)
			}
		}
	}
}

// relax takes an arc from a node that is settled.
func (w *mesh) relax(node, arc, goal int32, most uint32) {
	a := &w.arcs[arc]
	if w.closed[a.to] || w.blocked[a.to] && goal != noArc && a.to != goal {
		return
	}
	sum := uint64(w.sum[node]) + uint64(a.weight)
	bound := w.through(a.to, sum)
	switch {
	case bound > uint64(most) || sum > uint64(w.sum[a.to]):
	case sum < uint64(w.sum[a.to]):
		w.reach(a.to, uint32(sum), arc)
		w.heap.push(key(uint32(bound), a.to))
	case w.nearer(arc, w.into[a.to]):
		w.into[a.to] = arc
	}
}

// through is the least that a way through a node may sum up to.
func (w *mesh) through(node int32, sum uint64) uint64 {
	if w.ahead == nil {
		return sum
	}
	return sum + uint64(w.ahead[node])
}

// nearer says whether of two arcs that lead to a node with one sum the first is to be taken: the one from the nearer node,
// then that of the least index, then the one over the least link.
func (w *mesh) nearer(a, b int32) bool {
	if b == noArc {
		return false
	}
	x, y := w.before(a), w.before(b)
	switch {
	case w.sum[x] != w.sum[y]:
		return w.sum[x] < w.sum[y]
	case x != y:
		return x < y
	}
	return w.g.earlier(w.arcs[a].link, w.arcs[b].link)
}

func (w *mesh) reach(node int32, sum uint32, arc int32) {
	if w.sum[node] == unreached {
		w.touched = append(w.touched, node)
	}
	w.sum[node], w.into[node] = sum, arc
}

func (w *mesh) forget() {
	for _, node := range w.touched {
		w.sum[node] = unreached
	}
	w.touched = w.touched[:0]
}

// before returns the node that an arc comes from.
func (w *mesh) before(arc int32) int32 {
	a := &w.arcs[arc]
	return w.g.via(a.link, a.to)
}

// spell spells out the way of some arcs.
func (w *mesh) spell(origin int32, arcs []int32) Route {
	links := make([]int32, len(arcs))
	for i, arc := range arcs {
		links[i] = w.arcs[arc].link
	}
	return w.g.spell(origin, links)
}
