package latency

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/topo"
)

var (
	_ graph.WeightedUndirected = (*Network)(nil)
	_ graph.Undirected         = (*Network)(nil)
	_ graph.WeightedEdge       = NetworkEdge{}
)

// gonum's own algorithms see what rows see: distances between nodes that pass traffic on, components where there are ways.
func TestNetworkIsTheGraph(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	alone := 0
	for range 20 {
		n := 2 + rng.IntN(40)
		g := build(t, randomSpec(rng, n, n+rng.IntN(2*n)), nil)
		for _, transit := range transits {
			network := g.Network(transit)
			part := map[int64]int{}
			for i, nodes := range topo.ConnectedComponents(network) {
				for _, node := range nodes {
					part[node.ID()] = i
				}
			}
			for _, from := range g.ids {
				a, ok := network.Find(from)
				require.True(t, ok)
				if !transit.AllowsJurisdiction(g.country[a.ID()]) {
					require.Zero(t, network.From(a.ID()).Len())
					alone++
					continue
				}
				tree := path.DijkstraFrom(a, network)
				row := g.Row(from, transit)
				for _, to := range g.ids {
					b, _ := network.Find(to)
					if !transit.AllowsJurisdiction(g.country[b.ID()]) {
						continue
					}
					leg, known := row.Leg(to)
					require.Equal(t, known, part[a.ID()] == part[b.ID()])
					if known {
						require.Equal(t, float64(leg.Mean), tree.WeightTo(b.ID()))
					}
				}
			}
		}
	}
	assert.Greater(t, alone, 100)
}

// Every edge is there both ways, with one of the links that lead there.
func TestNetworkEdges(t *testing.T) {
	g := build(t, randomSpec(rand.New(rand.NewPCG(42, 1)), 30, 80), nil)
	network := g.Network(Transit{})
	require.Equal(t, len(g.ids), network.Nodes().Len())
	for nodes := network.Nodes(); nodes.Next(); {
		u := nodes.Node()
		require.Equal(t, u, network.Node(u.ID()))
		for next := network.From(u.ID()); next.Next(); {
			v := next.Node()
			require.True(t, network.HasEdgeBetween(v.ID(), u.ID()))
			e := network.WeightedEdge(u.ID(), v.ID()).(NetworkEdge)
			back := network.EdgeBetween(v.ID(), u.ID())
			require.Equal(t, back, e.ReversedEdge())
			require.Equal(t, []graph.Node{u, v}, []graph.Node{e.From(), e.To()})
			l, ok := g.continuum.Link(e.Link)
			require.True(t, ok)
			require.Contains(t, []any{l.A, l.B}, any(u.(NetworkNode).Node))
			w, ok := network.Weight(u.ID(), v.ID())
			require.True(t, ok)
			require.Equal(t, e.Weight(), w)
		}
	}
}

func TestNetworkOfWhatIsNotThere(t *testing.T) {
	network := build(t, twoWays(), nil).Network(Transit{})
	for _, id := range []int64{-1, 4, math.MaxInt64, math.MinInt64} {
		assert.Nil(t, network.Node(id))
		assert.Zero(t, network.From(id).Len())
		assert.Nil(t, network.Edge(id, 0))
		assert.Nil(t, network.WeightedEdge(0, id))
		assert.Nil(t, network.EdgeBetween(id, id))
		w, ok := network.Weight(id, id)
		assert.False(t, ok)
		assert.True(t, math.IsInf(w, 1))
	}
	w, ok := network.Weight(2, 2)
	assert.True(t, ok)
	assert.Zero(t, w)
	assert.Equal(t, "calm", network.Node(2).(NetworkNode).DOTID())
	_, ok = network.Find("nowhere")
	assert.False(t, ok)
}
