package latency

// view is the graph as one Transit sees it: the links it allows, laid out for the search.
//
// Nodes that hang on the rest by one arc are twigs, found by stripping nodes of degree one for as long as there are any.
// The search visits the rest, the core; twigs follow in one sweep, since there is only one way to each.
type view struct {
	arcs    [2][]arc // by weighing: the same arcs with the mean and with the tail weight
	links   []int32  // the link of each arc
	span    []span   // of each node's arcs
	up      []int32  // a twig's arc towards the core; -1 for nodes of the core
	twigs   []twig   // parents before children
	blocked []bool   // nodes that pass no traffic on; nil where all do
}

// weighing says what a search minimises: the sum of means, or of 99th percentiles. The latter is not the 99th
// percentile of the sum, but the way it finds has little tail.
type weighing int

const (
	byMean weighing = iota
	byTail
)

type arc struct {
	to     int32
	weight uint32
}

// span is where a node's arcs stand: [start, core) lead to nodes of the core, [core, end) to twigs.
type span struct{ start, core, end int32 }

type twig struct {
	node, parent int32
	arc          int32 // from parent to node
}

// newView lays out what a Transit allows. O(nodes + links).
func (g *Graph) newView(t Transit) *view {
	allowed := make([]int32, 0, len(g.links))
	for i, l := range g.links {
		if t.Allows(l) {
			allowed = append(allowed, int32(i))
		}
	}
	v := &view{span: make([]span, len(g.ids)), up: make([]int32, len(g.ids))}
	if t.restricted {
		v.blocked = make([]bool, len(g.ids))
		for i, country := range g.country {
			v.blocked[i] = !t.AllowsJurisdiction(country)
		}
	}
	order, parent := g.strip(allowed)
	v.layOut(g, allowed, parent)
	for _, node := range order {
		up := v.span[node].start // a twig has one arc to its parent, which the layout puts first
		v.up[node] = up
		v.twigs = append(v.twigs, twig{node: node, parent: parent[node], arc: v.arcTo(parent[node], v.links[up])})
	}
	return v
}

// strip finds the twigs, parents first, and the parent of each (-1 for the core).
func (g *Graph) strip(allowed []int32) (order, parent []int32) {
	degree := make([]int32, len(g.ids))
	sum := make([]int32, len(g.ids)) // xor of the neighbours: of the last one left when one is left
	for _, l := range allowed {
		a, b := g.ends[l][0], g.ends[l][1]
		degree[a]++
		degree[b]++
		sum[a] ^= b
		sum[b] ^= a
	}
	parent = make([]int32, len(g.ids))
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

// layOut fills the arcs: for each node first the one to its parent, then those to the core, then those to twigs, each in
// order of link.
func (v *view) layOut(g *Graph, allowed, parent []int32) {
	for _, l := range allowed {
		for _, node := range g.ends[l] {
			v.span[node].end++
			if parent[g.via(l, node)] != node {
				v.span[node].core++
			}
		}
	}
	next := make([][2]int32, len(v.span)) // where the next arc goes: core, twig
	at := int32(0)
	for i := range v.span {
		s := &v.span[i]
		s.start, s.core, s.end = at, at+s.core, at+s.end
		next[i] = [2]int32{s.start, s.core}
		at = s.end
		v.up[i] = -1
	}
	v.links = make([]int32, at)
	v.arcs[byMean], v.arcs[byTail] = make([]arc, at), make([]arc, at)
	for _, l := range allowed {
		for _, node := range g.ends[l] {
			other := g.via(l, node)
			part := 0
			if parent[other] == node {
				part = 1
			}
			i := next[node][part]
			next[node][part]++
			v.links[i] = l
			v.arcs[byMean][i] = arc{other, g.cumulants[l].mean}
			v.arcs[byTail][i] = arc{other, uint32(g.links[l].RTT.P99)}
		}
	}
}

// stem returns the only arc of a node, if all ways from it are that arc and the ways of the node at its end: a neighbour
// that has others and passes traffic on.
func (v *view) stem(node int32) (arc int32, ok bool) {
	s := v.span[node]
	if s.end-s.start != 1 {
		return 0, false
	}
	to := v.arcs[byMean][s.start].to
	others := v.span[to].end-v.span[to].start > 1
	return s.start, others && to != node && (v.blocked == nil || !v.blocked[to])
}

// arcTo returns the arc of a node over a link, which is one to a twig.
func (v *view) arcTo(node, link int32) int32 {
	lo, hi := v.span[node].core, v.span[node].end
	for lo < hi { // twigs stand in order of link
		mid := (lo + hi) / 2
		if v.links[mid] < link {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
