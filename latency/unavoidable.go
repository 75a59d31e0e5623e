package latency

import (
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/flow"
	"gonum.org/v1/gonum/graph/iterator"

	"github.com/domicile-eu/domicile/topology"
)

// Unavoidable returns the nodes and links that every way from one node to another crosses under t, in the order of the way,
// the two ends left out: whichever of them fails, there is no way any more. ok says whether there is a way at all.
// Observations play no part, nor does how long a way is: also one over 71 minutes, which no [Row] reaches, is a way.
//
// They are the dominators of the target in the graph in which links are nodes as well (Lengauer and Tarjan, TOPLAS 1979).
// O((nodes + links) log nodes).
func (g *Graph) Unavoidable(from, to topology.NodeID, t Transit) (nodes []topology.NodeID, links []topology.LinkID, ok bool) {
	a, okA := g.index[from]
	b, okB := g.index[to]
	if !okA || !okB {
		return nil, nil, false
	}
	if a == b {
		return nil, nil, true
	}
	x := g.newCrossings(a, t)
	tree := flow.Dominators(crossing(a), x)
	above := tree.DominatorOf(int64(b))
	if above == nil {
		return nil, nil, false
	}
	for ; above != nil && above.ID() != int64(a); above = tree.DominatorOf(above.ID()) {
		if link := above.ID() - int64(len(g.ids)); link >= 0 {
			links = append(links, g.line(int32(link)).ID)
		} else {
			nodes = append(nodes, g.ids[above.ID()])
		}
	}
	slices.Reverse(nodes)
	slices.Reverse(links)
	return nodes, links, true
}

// crossing is a node or, numbered after all nodes, a link.
type crossing int64

func (c crossing) ID() int64 { return int64(c) }

// crossings is the directed graph of nodes and links: from each node to its links, and from each link to its ends. Blocked
// nodes, other than the origin, lead nowhere. Only what gonum's dominators ask for is filled in.
type crossings struct {
	g    *Graph
	from [][]graph.Node // by node
}

func (g *Graph) newCrossings(origin int32, t Transit) *crossings {
	x := &crossings{g, make([][]graph.Node, len(g.ids))}
	for i, l := range g.all() {
		if !t.Allows(l.Link) {
			continue
		}
		for _, node := range l.ends {
			if node == origin || t.AllowsJurisdiction(g.country[node]) {
				x.from[node] = append(x.from[node], crossing(len(g.ids)+int(i)))
			}
		}
	}
	return x
}

func (x *crossings) From(id int64) graph.Nodes {
	if link := id - int64(len(x.g.ids)); link >= 0 {
		e := x.g.line(int32(link)).ends
		return iterator.NewOrderedNodes([]graph.Node{crossing(e[0]), crossing(e[1])})
	}
	return iterator.NewOrderedNodes(x.from[id])
}

func (x *crossings) Node(id int64) graph.Node { return crossing(id) }

func (x *crossings) Nodes() graph.Nodes {
	return iterator.NewImplicitNodes(0, len(x.g.ids)+len(x.g.lines)+len(x.g.added), func(id int) graph.Node { return crossing(id) })
}

func (x *crossings) HasEdgeFromTo(u, v int64) bool {
	for at := x.From(u); at.Next(); {
		if at.Node().ID() == v {
			return true
		}
	}
	return false
}

func (x *crossings) HasEdgeBetween(u, v int64) bool {
	return x.HasEdgeFromTo(u, v) || x.HasEdgeFromTo(v, u)
}

func (x *crossings) Edge(u, v int64) graph.Edge { return nil }

func (x *crossings) To(id int64) graph.Nodes { return graph.Empty }
