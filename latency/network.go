package latency

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"

	"github.com/domicile-eu/domicile/topology"
)

// Network is the graph as traffic under one [Transit] may cross it, in the form that gonum's algorithms take: connected
// components, betweenness, cuts, spanning trees. It implements graph.WeightedUndirected; an edge's weight is the mean
// round trip in microseconds. Nodes come in order of ID, so that what depends on order is the same every time.
//
// Of several links between two nodes the edge is the one of least mean. A node that may not pass traffic on stands alone,
// without edges: a graph has no words for a node where ways end but do not pass. For ways that start or end at such nodes
// ask a [Row]. Observations play no part.
//
// It is immutable and safe for concurrent use.
type Network struct {
	g     *Graph
	first []int32 // where the edges of each node begin; one more for the end
	edges []networkEdge
}

type networkEdge struct{ to, link int32 }

// NetworkNode is a node of a [Network].
type NetworkNode struct {
	id   int64
	Node topology.NodeID
}

// ID implements graph.Node: the node's place in order of topology.NodeID.
func (n NetworkNode) ID() int64 { return n.id }

// DOTID names the node in Graphviz files that gonum writes.
func (n NetworkNode) DOTID() string { return string(n.Node) }

// NetworkEdge is an edge of a [Network].
type NetworkEdge struct {
	from, to NetworkNode
	mean     float64
	Link     topology.LinkID
}

// From implements graph.Edge.
func (e NetworkEdge) From() graph.Node { return e.from }

// To implements graph.Edge.
func (e NetworkEdge) To() graph.Node { return e.to }

// Weight implements graph.WeightedEdge: the mean round trip in microseconds.
func (e NetworkEdge) Weight() float64 { return e.mean }

// ReversedEdge implements graph.Edge.
func (e NetworkEdge) ReversedEdge() graph.Edge {
	e.from, e.to = e.to, e.from
	return e
}

// Network returns the view of t. O(nodes + links log links).
func (g *Graph) Network(t Transit) *Network {
	type edge struct {
		from int32
		networkEdge
	}
	var all []edge
	for i, l := range g.all() {
		a, b := l.ends[0], l.ends[1]
		if t.Allows(l.Link) && t.AllowsJurisdiction(g.country[a]) && t.AllowsJurisdiction(g.country[b]) {
			all = append(all, edge{a, networkEdge{b, i}}, edge{b, networkEdge{a, i}})
		}
	}
	slices.SortFunc(all, func(x, y edge) int {
		return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to),
			cmp.Compare(g.line(x.link).cumulants.mean, g.line(y.link).cumulants.mean), cmp.Compare(g.line(x.link).ID, g.line(y.link).ID))
	})
	all = slices.CompactFunc(all, func(x, y edge) bool { return x.from == y.from && x.to == y.to })
	n := &Network{g: g, first: make([]int32, len(g.ids)+1), edges: make([]networkEdge, len(all))}
	for i, e := range all {
		n.edges[i] = e.networkEdge
		n.first[e.from+1] = int32(i + 1)
	}
	for i := range g.ids { // nodes without edges
		n.first[i+1] = max(n.first[i+1], n.first[i])
	}
	return n
}

// Find returns the node of an ID, and whether there is one.
func (n *Network) Find(id topology.NodeID) (NetworkNode, bool) {
	i, ok := n.g.index[id]
	return NetworkNode{int64(i), id}, ok
}

// Node implements graph.Graph.
func (n *Network) Node(id int64) graph.Node {
	if !n.has(id) {
		return nil
	}
	return n.node(int32(id))
}

// Nodes implements graph.Graph: all nodes in order of topology.NodeID.
func (n *Network) Nodes() graph.Nodes {
	if len(n.g.ids) == 0 {
		return graph.Empty
	}
	return iterator.NewImplicitNodes(0, len(n.g.ids), func(id int) graph.Node { return n.node(int32(id)) })
}

// From implements graph.Graph.
func (n *Network) From(id int64) graph.Nodes {
	edges := n.at(id)
	if len(edges) == 0 {
		return graph.Empty
	}
	nodes := make([]graph.Node, len(edges))
	for i, e := range edges {
		nodes[i] = n.node(e.to)
	}
	return iterator.NewOrderedNodes(nodes)
}

// HasEdgeBetween implements graph.Graph.
func (n *Network) HasEdgeBetween(x, y int64) bool {
	_, ok := n.find(x, y)
	return ok
}

// Edge implements graph.Graph.
func (n *Network) Edge(u, v int64) graph.Edge { return n.EdgeBetween(u, v) }

// EdgeBetween implements graph.Undirected.
func (n *Network) EdgeBetween(x, y int64) graph.Edge {
	if e := n.WeightedEdgeBetween(x, y); e != nil {
		return e
	}
	return nil
}

// WeightedEdge implements graph.Weighted.
func (n *Network) WeightedEdge(u, v int64) graph.WeightedEdge { return n.WeightedEdgeBetween(u, v) }

// WeightedEdgeBetween implements graph.WeightedUndirected. The edge is a [NetworkEdge].
func (n *Network) WeightedEdgeBetween(x, y int64) graph.WeightedEdge {
	e, ok := n.find(x, y)
	if !ok {
		return nil
	}
	return NetworkEdge{n.node(int32(x)), n.node(int32(y)), n.mean(e), n.g.line(e.link).ID}
}

// Weight implements graph.Weighted: 0 between a node and itself, infinite where there is no edge.
func (n *Network) Weight(x, y int64) (w float64, ok bool) {
	if x == y && n.has(x) {
		return 0, true
	}
	if e, ok := n.find(x, y); ok {
		return n.mean(e), true
	}
	return math.Inf(1), false
}

func (n *Network) has(id int64) bool { return 0 <= id && id < int64(len(n.g.ids)) }

func (n *Network) node(i int32) NetworkNode { return NetworkNode{int64(i), n.g.ids[i]} }

func (n *Network) mean(e networkEdge) float64 { return float64(n.g.line(e.link).cumulants.mean) }

func (n *Network) at(id int64) []networkEdge {
	if !n.has(id) {
		return nil
	}
	return n.edges[n.first[id]:n.first[id+1]]
}

func (n *Network) find(x, y int64) (networkEdge, bool) {
	edges := n.at(x)
	i, ok := slices.BinarySearchFunc(edges, y, func(e networkEdge, y int64) int { return cmp.Compare(int64(e.to), y) })
	if !ok {
		return networkEdge{}, false
	}
	return edges[i], true
}
