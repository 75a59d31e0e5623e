package latency

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// randomLoss picks some links and now and then a node.
func randomLoss(rng *rand.Rand, g *Graph) (nodes []topology.NodeID, links []topology.LinkID) {
	for _, l := range g.all() {
		if rng.IntN(len(g.lines)/2+1) == 0 {
			links = append(links, l.ID)
		}
	}
	if rng.IntN(3) == 0 {
		nodes = append(nodes, g.ids[rng.IntN(len(g.ids))])
	}
	return nodes, links
}

// What is left is what a graph of the continuum without them has; and where the support is whole nothing changes.
func TestWithout(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	whole, hit, dropped := 0, 0, 0
	for range 40 {
		n := 3 + rng.IntN(30)
		spec := randomSpec(rng, n, n+rng.IntN(2*n))
		var opts Options
		for range rng.IntN(6) {
			a, b := rng.IntN(n), rng.IntN(n)
			if a != b {
				opts.Observations = append(opts.Observations, Observation{A: node(a), B: node(b), RTT: constant(topology.Micros(1 + rng.IntN(40))), At: day})
			}
		}
		g := build(t, spec, &opts)
		nodes, links := randomLoss(rng, g)
		left, err := g.Without(nodes, links)
		require.NoError(t, err)
		gone := func(id topology.LinkID) bool {
			_, ok := left.continuum.Link(id)
			return !ok
		}
		for _, transit := range transits {
			for _, from := range g.ids {
				row, after := g.Row(from, transit), left.Row(from, transit)
				for _, to := range g.ids {
					if slices.Contains(nodes, from) || slices.Contains(nodes, to) {
						_, ok := after.Leg(to)
						require.False(t, ok)
						continue
					}
					leg, ok := row.Leg(to)
					now, nowOK := after.Leg(to)
					if leg.Observed && !now.Observed {
						dropped++
					}
					if slices.ContainsFunc(row.Support(to), gone) {
						require.False(t, now.Observed)
						hit++
						continue
					}
					whole++
					require.Equal(t, ok, nowOK)
					require.Equal(t, leg, now)
					for _, p := range []Percentile{P50, P95, P99, 700} {
						l, lOK := row.Latency(to, p)
						m, mOK := after.Latency(to, p)
						require.Equal(t, lOK, mOK)
						require.Equal(t, l, m)
						x, _ := row.Tail(to, p)
						y, _ := after.Tail(to, p)
						require.Equal(t, x.Latency(P99), y.Latency(P99))
					}
				}
			}
		}
	}
	assert.Greater(t, whole, 10_000)
	assert.Greater(t, hit, 1_000)
	assert.Greater(t, dropped, 10)
}

func TestWithoutWhatIsNotThere(t *testing.T) {
	g := build(t, twoWays(), nil)
	_, err := g.Without([]topology.NodeID{"nowhere"}, nil)
	require.ErrorIs(t, err, topology.ErrInvalid)
	_, err = g.Without(nil, []topology.LinkID{"a--nowhere"})
	require.ErrorIs(t, err, topology.ErrInvalid)
	left, err := g.Without(nil, []topology.LinkID{"a--calm", "a--calm"})
	require.NoError(t, err, "named twice, lost once")
	assert.Equal(t, g.continuum.NumLinks()-1, left.continuum.NumLinks())
	assert.Empty(t, g.Row("a", Transit{}).Support("nowhere"))
	assert.Equal(t, []topology.LinkID{"a--calm", "a--wild", "calm--b", "wild--b"}, g.Row("a", Transit{}).Support("b"))
}

// The oracle: a node or a link is unavoidable if there is no way without it.
func TestUnavoidable(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 1))
	found, none := 0, 0
	for range 25 {
		n := 2 + rng.IntN(14)
		g := build(t, randomSpec(rng, n, n+rng.IntN(n)), nil)
		for _, transit := range transits {
			from := g.ids[rng.IntN(n)]
			for _, to := range g.ids {
				nodes, links, ok := g.Unavoidable(from, to, transit)
				_, routed := g.Route(from, to, transit)
				require.Equal(t, routed, ok)
				if !ok {
					none++
					continue
				}
				var wantNodes []topology.NodeID
				for _, id := range g.ids {
					if id != from && id != to && cut(t, g, from, to, transit, []topology.NodeID{id}, nil) {
						wantNodes = append(wantNodes, id)
					}
				}
				var wantLinks []topology.LinkID
				for _, l := range g.all() {
					if cut(t, g, from, to, transit, nil, []topology.LinkID{l.ID}) {
						wantLinks = append(wantLinks, l.ID)
					}
				}
				found += len(wantNodes) + len(wantLinks)
				require.ElementsMatch(t, wantNodes, nodes)
				require.ElementsMatch(t, wantLinks, links)
				requireAlong(t, g, from, to, transit, nodes, links)
			}
		}
	}
	assert.Greater(t, found, 500)
	assert.Greater(t, none, 500)
	_, _, ok := build(t, twoWays(), nil).Unavoidable("a", "nowhere", Transit{})
	assert.False(t, ok)
}

func cut(t *testing.T, g *Graph, from, to topology.NodeID, transit Transit, nodes []topology.NodeID, links []topology.LinkID) bool {
	left, err := g.Without(nodes, links)
	require.NoError(t, err)
	_, ok := left.Route(from, to, transit)
	return !ok
}

// requireAlong checks that unavoidable nodes and links come in the order of a route.
func requireAlong(t *testing.T, g *Graph, from, to topology.NodeID, transit Transit, nodes []topology.NodeID, links []topology.LinkID) {
	route, _ := g.Route(from, to, transit)
	for _, h := range route.Hops {
		if len(links) > 0 && links[0] == h.Link {
			links = links[1:]
		}
		if len(nodes) > 0 && nodes[0] == h.To {
			nodes = nodes[1:]
		}
	}
	require.Empty(t, nodes)
	require.Empty(t, links)
}
