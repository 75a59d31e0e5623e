package latency

import "slices"

// view is the graph as one Transit sees it: the links it allows, laid out for the search.
//
// Nodes that hang on the rest by one link are twigs, found by stripping nodes of degree one for as long as there are any.
// The search visits the rest, the core; twigs follow in one sweep, since there is only one way to each.
type view struct {
	start   []int32 // where each node's arcs start, and where the last one's end
	arcs    []arc   // of each node in order of link
	up      []int32 // where a twig stands among the twigs; -1 for nodes of the core
	twigs   []twig  // parents before children
	blocked []bool  // nodes that pass no traffic on; nil where all do
	core    ladder
	transit Transit
}

// weighing says what a search minimises: the sum of means, or of 99th percentiles. The latter is not the 99th
// percentile of the sum, but the way it finds has little tail.
type weighing int

const (
	byMean weighing = iota
	byTail
)

// weights are the weights of a link by weighing.
type weights [2]uint32

// arc is a link as seen from one of its ends.
type arc struct{ to, link int32 }

type twig struct {
	node, parent int32
	link         int32
	weights      weights
}

// newView lays out what a Transit allows. O(nodes + links) and what [newLadder] takes.
func (g *frame) newView(t Transit) *view {
	allowed := make([]int32, 0, len(g.lines))
	for i := range g.lines {
		if t.Allows(g.lines[i].Link) {
			allowed = append(allowed, int32(i))
		}
	}
	v := &view{up: make([]int32, len(g.ids)), transit: t}
	if t.restricted {
		v.blocked = make([]bool, len(g.ids))
		for i, country := range g.country {
			v.blocked[i] = !t.AllowsJurisdiction(country)
		}
	}
	v.layOut(g, allowed)
	order, parent := strip(len(g.ids), allowed, func(i int32) *line { return &g.lines[i] })
	for i := range v.up {
		v.up[i] = -1
	}
	v.twigs = make([]twig, len(order))
	for i, node := range order {
		arcs := v.of(node)
		at := slices.IndexFunc(arcs, func(a arc) bool { return a.to == parent[node] })
		v.up[node] = int32(i)
		v.twigs[i] = twig{node, parent[node], arcs[at].link, g.lines[arcs[at].link].weights}
	}
	v.core = newLadder(g, v)
	return v
}

// of returns the arcs of a node.
func (v *view) of(node int32) []arc { return v.arcs[v.start[node]:v.start[node+1]] }

// passes says whether traffic from an origin goes on from a node.
func (v *view) passes(node, origin int32) bool {
	return v.blocked == nil || !v.blocked[node] || node == origin
}

// layOut fills the arcs.
func (v *view) layOut(g *frame, allowed []int32) {
	v.start = make([]int32, len(g.ids)+1)
	for _, l := range allowed {
		for _, node := range g.lines[l].ends {
			v.start[node+1]++
		}
	}
	for i := range g.ids {
		v.start[i+1] += v.start[i]
	}
	next := append([]int32(nil), v.start[:len(g.ids)]...)
	v.arcs = make([]arc, 2*len(allowed))
	for _, l := range allowed {
		for _, node := range g.lines[l].ends {
			v.arcs[next[node]] = arc{g.lines[l].other(node), l}
			next[node]++
		}
	}
}

// strip finds the twigs, parents first, and the parent of each (-1 for the core).
func strip(nodes int, allowed []int32, at func(link int32) *line) (order, parent []int32) {
	degree := make([]int32, nodes)
	sum := make([]int32, nodes) // xor of the neighbours: of the last one left when one is left
	for _, l := range allowed {
		a, b := at(l).ends[0], at(l).ends[1]
		degree[a]++
		degree[b]++
		sum[a] ^= b
		sum[b] ^= a
	}
	parent = make([]int32, nodes)
	var queue []int32
	for i := range parent {
		parent[i] = -1
		if degree[i] == 1 {
			queue = append(queue, int32(i))
		}
	}
	for next := 0; next < len(queue); next++ {
		node := queue[next]
		if degree[node] == 0 {
			continue // the last of its tree: the root
		}
		p := sum[node]
		parent[node], degree[node] = p, 0
		order = append(order, node)
		sum[p] ^= node
		if degree[p]--; degree[p] == 1 {
			queue = append(queue, p)
		}
	}
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		order[i], order[j] = order[j], order[i]
	}
	return order, parent
}

// stem returns the only link of a node, if all ways from it are that link and the ways of the node at its end: a
// neighbour that has others and passes traffic on.
func (v *view) stem(node int32) (a arc, ok bool) {
	arcs := v.of(node)
	if len(arcs) != 1 {
		return arc{}, false
	}
	a = arcs[0]
	return a, len(v.of(a.to)) > 1 && a.to != node && v.passes(a.to, node)
}
