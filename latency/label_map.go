package latency

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// labelMap is the graph as the search for labels sees it: trees cut off, the nodes of the core numbered by rank.
type labelMap struct {
	nodes   []labelNode
	blocked []bool // by index; nil where all pass traffic on
	direct  map[[2]int32]uint32

	rank  []int32 // the node of each rank
	open  int     // ranks below pass traffic on, those from it on are blocked
	first []int32 // where the arcs of each rank begin; one more for the end
	arcs  []rung  // to is a rank
}

// newLabelMap cuts off the trees and ranks the rest. O(nodes + links), but for the sorting.
func (g *Graph) newLabelMap(t Transit) *labelMap {
	m := &labelMap{nodes: make([]labelNode, len(g.ids)), direct: map[[2]int32]uint32{}}
	if t.restricted {
		m.blocked = make([]bool, len(g.ids))
		for i, country := range g.country {
			m.blocked[i] = !t.AllowsJurisdiction(country)
		}
	}
	var allowed []int32
	for i, l := range g.all() {
		if t.Allows(l.Link) {
			allowed = append(allowed, i)
		}
	}
	order, parent := strip(len(g.ids), allowed, g.line)
	var core []int32 // links
	stems := make([]uint32, len(g.ids))
	degree := make([]int32, len(g.ids))
	for _, link := range allowed {
		a, b := g.line(link).ends[0], g.line(link).ends[1]
		switch {
		case parent[a] == b:
			stems[a] = g.line(link).cumulants.mean
		case parent[b] == a:
			stems[b] = g.line(link).cumulants.mean
		default:
			core = append(core, link)
			degree[a]++
			degree[b]++
		}
	}
	m.rankCore(parent, degree, g.tiers())
	for _, node := range order {
		hang(m.nodes, node, parent[node], stems[node], m.blocked)
	}
	m.layOut(g, core)
	return m
}

// rankCore numbers the nodes of the core: what passes no traffic on last, then the highest tier first, and in a tier who
// has most links.
func (m *labelMap) rankCore(parent, degree []int32, tier []topology.Tier) {
	for node, p := range parent {
		if p < 0 {
			m.rank = append(m.rank, int32(node))
		}
	}
	isBlocked := func(node int32) int {
		if m.blocked != nil && m.blocked[node] {
			return 1
		}
		return 0
	}
	slices.SortFunc(m.rank, func(a, b int32) int {
		return cmp.Or(isBlocked(a)-isBlocked(b), int(tier[b])-int(tier[a]), int(degree[b]-degree[a]), int(a-b))
	})
	m.open = len(m.rank)
	for rank, node := range m.rank {
		if isBlocked(node) > 0 {
			m.open = min(m.open, rank)
		}
		m.nodes[node] = labelNode{root: int32(rank), parent: node, jump: node}
	}
}

// tiers returns the tier of each node. Exchanges stand above the tiers of sites, since sites meet at them; access points
// below.
func (g *Graph) tiers() []topology.Tier {
	tier := make([]topology.Tier, len(g.ids))
	for s := range g.continuum.Sites() {
		tier[g.index[s.ID.Node()]] = s.Tier
	}
	for x := range g.continuum.Exchanges() {
		tier[g.index[x.ID]] = topology.Cloud + 1
	}
	return tier
}

// layOut fills the arcs of the core. Of those between two nodes that are both blocked only the least counts, and it is
// kept apart.
func (m *labelMap) layOut(g *Graph, links []int32) {
	ends := make([][2]int32, 0, len(links))
	weights := make([]uint32, 0, len(links))
	m.first = make([]int32, len(m.rank)+1)
	for _, link := range links {
		a, b := m.nodes[g.line(link).ends[0]].root, m.nodes[g.line(link).ends[1]].root
		w := g.line(link).cumulants.mean
		if min(a, b) >= int32(m.open) {
			pair := [2]int32{min(a, b), max(a, b)}
			if old, ok := m.direct[pair]; !ok || w < old {
				m.direct[pair] = w
			}
			continue
		}
		ends, weights = append(ends, [2]int32{a, b}), append(weights, w)
		m.first[a]++
		m.first[b]++
	}
	at := int32(0)
	for i, n := range m.first {
		m.first[i] = at
		at += n
	}
	next := slices.Clone(m.first)
	m.arcs = make([]rung, at)
	for i, e := range ends {
		for k, from := range e {
			m.arcs[next[from]] = rung{e[1-k], weights[i]}
			next[from]++
		}
	}
}
