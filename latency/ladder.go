package latency

import (
	"cmp"
	"math"
	"slices"
)

// ladder lays out the core for the search, in the manner of customizable contraction hierarchies and PHAST (Dibbelt,
// Strasser, Wagner 2014; Delling, Goldberg, Nowatzyk, Werneck 2011). Nodes of few links are taken out one by one, fewest
// first, and each leaves shortcuts between those it was linked with, so that distances among the rest stay what they
// were. What is left when all have many links is the kernel. A search then goes up from the origin, finds the least
// sums of the kernel by Dijkstra's algorithm, and comes down through the others in one sweep, each of which looks at the
// few above it. Which of the equally good ways counts is settled afterwards, by one look at each link.
//
// Nodes stand in order of being taken out and are called by their rank in it. Blocked nodes come first: nothing leads
// through them, so that they need no shortcuts and nothing is above them but what passes.
type ladder struct {
	nodes  []int32 // by rank
	rank   []int32 // by node; -1 for twigs
	passed int     // the first rank that passes traffic on
	kernel int     // the first rank of the kernel

	widest [2]uint32 // by weighing: the greatest weight of a rung in the kernel

	start []int32   // where each rank's rungs start: up to those above it, in the kernel to all others of it
	rungs [2][]rung // by weighing
	first []int32   // where each rank's arcs start
	arcs  [2][]rung // by weighing: the links between core nodes, in order of node and link
	links []int32   // of those arcs
}

// rung leads from a rank to another, over a link or a shortcut.
type rung struct {
	to     int32
	weight uint32
}

// mostRungs is how many neighbours a node may have that is taken out: with more of them the build takes long and the
// kernel is small anyway.
const mostRungs = 32

// mostFill is by how much taking out nodes may make the edges of the kernel more than there were, as a divisor: where a
// graph has no hierarchy, shortcuts soon cost more than the nodes that they save.
const mostFill = 4

// newLadder takes out the nodes of a view's core. O(core x mostRungs^2) but for looking up hubs' shortcuts.
func newLadder(g *frame, v *view) ladder {
	c := newContraction(g, v)
	l := ladder{rank: make([]int32, len(g.ids))}
	for i := range l.rank {
		l.rank[i] = -1
	}
	take := func(node int32) {
		l.rank[node] = int32(len(l.nodes))
		l.nodes = append(l.nodes, node)
	}
	for _, node := range c.nodes {
		if !v.passes(node, -1) {
			take(node)
		}
	}
	l.passed = len(l.nodes)
	c.run(take)
	l.kernel = len(l.nodes)
	for _, node := range c.nodes {
		if l.rank[node] < 0 {
			take(node)
		}
	}
	l.layRungs(c)
	for w, rungs := range l.rungs {
		for _, r := range rungs[l.start[l.kernel]:] {
			l.widest[w] = max(l.widest[w], r.weight)
		}
	}
	l.layArcs(g, v)
	return l
}

// layRungs lays out what the contraction left of each node.
func (l *ladder) layRungs(c *contraction) {
	l.start = make([]int32, 1, len(l.nodes)+1)
	for _, node := range l.nodes {
		list := c.near[node]
		slices.SortFunc(list, func(a, b edge) int { return cmp.Compare(l.rank[a.to], l.rank[b.to]) })
		own := int(l.rank[node])
		for _, e := range list {
			to := l.rank[e.to]
			if int(to) < own && int(to) < l.kernel || int(to) < l.passed {
				continue
			}
			l.rungs[byMean] = append(l.rungs[byMean], rung{to, e.weights[byMean]})
			l.rungs[byTail] = append(l.rungs[byTail], rung{to, e.weights[byTail]})
		}
		l.start = append(l.start, int32(len(l.rungs[byMean])))
	}
}

// layArcs lays out the links.
func (l *ladder) layArcs(g *frame, v *view) {
	l.first = make([]int32, 1, len(l.nodes)+1)
	var list []arc
	for _, node := range l.nodes {
		list = list[:0]
		for _, a := range v.of(node) {
			if l.rank[a.to] >= 0 {
				list = append(list, a)
			}
		}
		slices.SortFunc(list, func(a, b arc) int {
			return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(a.link, b.link))
		})
		for _, a := range list {
			w := g.lines[a.link].weights
			l.arcs[byMean] = append(l.arcs[byMean], rung{l.rank[a.to], w[byMean]})
			l.arcs[byTail] = append(l.arcs[byTail], rung{l.rank[a.to], w[byTail]})
			l.links = append(l.links, a.link)
		}
		l.first = append(l.first, int32(len(l.links)))
	}
}

// contraction is the taking out of nodes under way.
type contraction struct {
	nodes  []int32  // of the core
	near   [][]edge // by node; those taken out are left in until there are many of them
	degree []int32  // how many are not
	gone   []bool
	queues [][]int32 // nodes by degree, some of them outdated
	edges  int       // among nodes that are left
}

type edge struct {
	to      int32
	weights weights
}

func newContraction(g *frame, v *view) *contraction {
	c := &contraction{
		near: make([][]edge, len(g.ids)), degree: make([]int32, len(g.ids)), gone: make([]bool, len(g.ids)),
		queues: make([][]int32, mostRungs+1),
	}
	for i := range g.ids {
		node := int32(i)
		if v.up[node] >= 0 {
			continue
		}
		c.nodes = append(c.nodes, node)
		for _, a := range v.of(node) {
			if v.up[a.to] < 0 && a.to != node {
				c.near[node] = append(c.near[node], edge{a.to, g.lines[a.link].weights})
			}
		}
		c.merge(node)
		for _, e := range c.near[node] {
			if v.passes(e.to, -1) {
				c.degree[node]++
			}
		}
		if !v.passes(node, -1) {
			c.gone[node] = true
			continue
		}
		c.edges += int(c.degree[node])
	}
	c.edges /= 2
	return c
}

// merge makes one edge of those that lead to the same node.
func (c *contraction) merge(node int32) {
	list := c.near[node]
	slices.SortFunc(list, func(a, b edge) int { return cmp.Compare(a.to, b.to) })
	kept := list[:0]
	for _, e := range list {
		if last := len(kept) - 1; last >= 0 && kept[last].to == e.to {
			kept[last].weights = kept[last].weights.least(e.weights)
			continue
		}
		kept = append(kept, e)
	}
	c.near[node] = kept
}

// run takes nodes out, those of the lowest degree first, until all have too many neighbours or
// there are too many edges.
func (c *contraction) run(take func(node int32)) {
	for _, node := range c.nodes {
		c.enqueue(node)
	}
	most := c.edges + c.edges/mostFill
	for degree := 0; degree < len(c.queues) && c.edges <= most; {
		queue := c.queues[degree]
		if len(queue) == 0 {
			degree++
			continue
		}
		node := queue[len(queue)-1]
		c.queues[degree] = queue[:len(queue)-1]
		if c.gone[node] || int(c.degree[node]) != degree {
			continue
		}
		take(node)
		degree = max(0, degree-1) // taking one out lowers a neighbour's by one at most
		c.takeOut(node)
	}
}

func (c *contraction) enqueue(node int32) {
	if d := c.degree[node]; !c.gone[node] && int(d) < len(c.queues) {
		c.queues[d] = append(c.queues[d], node)
	}
}

// takeOut takes a node out and links its neighbours with each other.
func (c *contraction) takeOut(node int32) {
	c.gone[node] = true
	c.drop(node)
	list := c.near[node]
	c.edges -= len(list)
	for _, e := range list {
		c.degree[e.to]--
	}
	for i, a := range list {
		for _, b := range list[:i] {
			c.join(a.to, b.to, a.weights.plus(b.weights))
		}
	}
	for _, e := range list {
		if len(c.near[e.to]) > 2*int(c.degree[e.to])+8 {
			c.drop(e.to)
		}
		c.enqueue(e.to)
	}
}

// drop forgets the neighbours of a node that were taken out.
func (c *contraction) drop(node int32) {
	c.near[node] = slices.DeleteFunc(c.near[node], func(e edge) bool { return c.gone[e.to] })
}

// join makes a shortcut, or improves what is there.
func (c *contraction) join(a, b int32, w weights) {
	if len(c.near[a]) > len(c.near[b]) {
		a, b = b, a
	}
	i := c.find(a, b)
	if i < 0 {
		c.near[a], c.near[b] = append(c.near[a], edge{b, w}), append(c.near[b], edge{a, w})
		c.degree[a]++
		c.degree[b]++
		c.edges++
		return
	}
	old := c.near[a][i].weights
	if better := old.least(w); better != old {
		c.near[a][i].weights = better
		c.near[b][c.find(b, a)].weights = better
	}
}

// find returns where an edge stands in the list of one of its ends, -1 if nowhere.
func (c *contraction) find(from, to int32) int {
	for i := range c.near[from] {
		if c.near[from][i].to == to {
			return i
		}
	}
	return -1
}

// plus adds weights and stays at what reaches nothing.
func (w weights) plus(o weights) weights {
	for i := range w {
		w[i] = uint32(min(uint64(w[i])+uint64(o[i]), math.MaxUint32))
	}
	return w
}

func (w weights) least(o weights) weights {
	return weights{min(w[byMean], o[byMean]), min(w[byTail], o[byTail])}
}
