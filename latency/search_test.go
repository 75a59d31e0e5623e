package latency

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"

	"github.com/domicile-eu/domicile/topology"
)

// The oracle for unrestricted ways is gonum's Dijkstra over the same means.
func TestRowAgreesWithGonum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		n := 2 + rng.IntN(60)
		g := build(t, randomSpec(rng, n, n+rng.IntN(2*n)), nil)
		oracle := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
		for i := range g.ids {
			oracle.AddNode(simple.Node(i))
		}
		for l := range g.lines {
			e := g.lines[l].ends
			weight := float64(g.lines[l].cumulants.mean)
			if w, ok := oracle.Weight(int64(e[0]), int64(e[1])); ok {
				weight = min(weight, w)
			}
			oracle.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(e[0]), T: simple.Node(e[1]), W: weight})
		}
		for origin := range g.ids {
			want := path.DijkstraFrom(simple.Node(origin), oracle)
			row := g.Row(g.ids[origin], Transit{})
			for to, id := range g.ids {
				leg, ok := row.Leg(id)
				w := want.WeightTo(int64(to))
				require.Equal(t, !math.IsInf(w, 1), ok, "%s to %s", g.ids[origin], id)
				if ok {
					require.Equal(t, topology.Micros(w), leg.Mean, "%s to %s", g.ids[origin], id)
				}
			}
		}
	}
}

// slow finds the least sum to every node by relaxing all links until nothing changes, straight from the rules: a link
// passes if the Transit allows it, and traffic goes on from a node if that is the origin or in an allowed country.
func slow(g *Graph, origin int32, t Transit, weight func(link int) uint64) []uint64 {
	sums := make([]uint64, len(g.ids))
	for i := range sums {
		sums[i] = math.MaxUint64
	}
	sums[origin] = 0
	for changed := true; changed; {
		changed = false
		for l := range g.lines {
			e := g.lines[l].ends
			if !t.Allows(g.lines[l].Link) {
				continue
			}
			for _, dir := range [2][2]int32{{e[0], e[1]}, {e[1], e[0]}} {
				from, to := dir[0], dir[1]
				if sums[from] == math.MaxUint64 || from != origin && !t.AllowsJurisdiction(g.country[from]) {
					continue
				}
				if sum := sums[from] + weight(l); sum < sums[to] {
					sums[to], changed = sum, true
				}
			}
		}
	}
	return sums
}

// Under every Transit: a way is found exactly where the slow search finds one, it is as short, its links lead from one
// end to the other, and nothing on it is forbidden.
func TestRowUnderTransit(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	found, refused := 0, 0
	for range 40 {
		n := 2 + rng.IntN(40)
		g := build(t, randomSpec(rng, n, n+rng.IntN(2*n)), nil)
		for _, transit := range transits {
			for origin := range g.ids {
				want := slow(g, int32(origin), transit, func(l int) uint64 { return uint64(g.lines[l].cumulants.mean) })
				tails := slow(g, int32(origin), transit, func(l int) uint64 { return uint64(g.lines[l].RTT.P99) })
				row := g.Row(g.ids[origin], transit)
				for to, id := range g.ids {
					route, ok := g.Route(g.ids[origin], id, transit)
					require.Equal(t, want[to] != math.MaxUint64, ok)
					if !ok {
						refused++
						continue
					}
					found++
					require.Equal(t, topology.Micros(want[to]), route.Mean)
					require.Equal(t, tails[to], uint64(row.sumTo(byTail, int32(to))))
					checkRoute(t, g, route, g.ids[origin], id)
					hop, crosses := transit.Crosses(route)
					require.False(t, crosses, "%v", hop)
				}
			}
		}
	}
	assert.Greater(t, found, 5000)
	assert.Greater(t, refused, 5000)
}

// checkRoute checks a route against the links it names.
func checkRoute(t *testing.T, g *Graph, r Route, from, to topology.NodeID) {
	t.Helper()
	at, mean, egress, bandwidth := from, topology.Micros(0), topology.MicroEUR(0), int64(math.MaxInt64)
	var crossed []topology.Jurisdiction
	for _, h := range r.Hops {
		l, ok := g.continuum.Link(h.Link)
		require.True(t, ok)
		require.ElementsMatch(t, []topology.NodeID{l.A, l.B}, []topology.NodeID{h.From, h.To})
		require.Equal(t, at, h.From)
		_, country, _ := g.continuum.Place(h.To)
		require.Equal(t, country, h.Country)
		at = h.To
		mean += h.Mean
		egress += l.Egress
		bandwidth = min(bandwidth, l.Bandwidth)
		crossed = append(crossed, l.Jurisdictions...)
		if h.To != to {
			crossed = append(crossed, country)
		}
	}
	require.Equal(t, to, at)
	require.Equal(t, r.Mean, mean)
	require.Equal(t, r.Egress, egress)
	require.Equal(t, r.Bandwidth, bandwidth)
	crossed = slices.DeleteFunc(crossed, func(j topology.Jurisdiction) bool { return j == "" })
	slices.Sort(crossed)
	require.Equal(t, append([]topology.Jurisdiction{}, slices.Compact(crossed)...), append([]topology.Jurisdiction{}, r.Jurisdictions...))
}

// Of equally long ways the one of the nearest last node, the least node and the least link is taken, whatever the search
// did first.
func TestEqualWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 40 {
		n := 2 + rng.IntN(30)
		g := build(t, randomSpec(rng, n, 3*n), nil)
		for origin := range g.ids {
			row := g.newRow(g.newView(Transit{}), int32(origin))
			for to := range g.ids {
				s := row.means.steps[to]
				if s.sum == unreached || to == origin {
					continue
				}
				best := [3]int64{math.MaxInt64}
				for l := range g.lines {
					e := g.lines[l].ends
					for _, dir := range [2][2]int32{{e[0], e[1]}, {e[1], e[0]}} {
						before := row.means.steps[dir[0]].sum
						if dir[1] == int32(to) && before != unreached && before+g.lines[l].cumulants.mean == s.sum {
							k := [3]int64{int64(before), int64(dir[0]), int64(l)}
							if slices.Compare(k[:], best[:]) < 0 {
								best = k
							}
						}
					}
				}
				require.Equal(t, best[2], int64(s.link))
			}
		}
	}
}

// A way longer than 32 bits of microseconds is no way, in the core, up a tree and down a tree.
func TestTooLong(t *testing.T) {
	hour := constant(longest)
	g := build(t, topology.Spec{
		Exchanges: nodes("a", "b", "c", "d", "t1", "t2"),
		Links: []topology.Link{
			link("a", "b", hour, "x"), link("b", "c", hour, "x"), link("c", "d", hour, "x"), link("d", "a", hour, "x"),
			link("a", "t1", hour, "x"), link("t1", "t2", hour, "x"),
		},
	}, nil)
	for _, pair := range [][2]topology.NodeID{{"a", "c"}, {"t1", "b"}, {"b", "t1"}, {"t2", "a"}, {"t2", "b"}, {"a", "t2"}} {
		_, ok := g.Route(pair[0], pair[1], Transit{})
		assert.False(t, ok, "%v", pair)
		_, ok = g.Row(pair[0], Transit{}).Latency(pair[1], P95)
		assert.False(t, ok, "%v", pair)
	}
	_, ok := g.Route("t2", "t1", Transit{})
	assert.True(t, ok)
}

func TestHeapSorts(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	var h heap
	for _, n := range []int{1, 2, 5, 6, 100, 1000} {
		h.reset()
		var want []uint64
		for range n {
			k := key(rng.Uint32N(50), rng.Int32N(50))
			want = append(want, k)
			h.push(k)
		}
		slices.Sort(want)
		for _, k := range want {
			require.Equal(t, k, h.pop())
		}
		require.Empty(t, h.keys)
	}
}

// The queue hands out keys in order, if they come as those of a search do.
func TestQueueSorts(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	var q queue
	for range 200 {
		span := uint32(1) << rng.IntN(32)
		first := rng.Uint32N(1 << 20)
		q.reset(first, span)
		last, live := key(first, 0), []uint64{}
		for range 300 {
			if len(live) > 0 && rng.IntN(3) == 0 {
				slices.Sort(live)
				require.True(t, q.open())
				k := q.heap.pop()
				require.Equal(t, live[0], k)
				last, live = k, live[1:]
				continue
			}
			k := key(uint32(min(uint64(last>>32)+uint64(rng.Uint32N(span)), unreached-1)), rng.Int32N(50))
			if k >= last {
				q.push(k)
				live = append(live, k)
			}
		}
		slices.Sort(live)
		for _, want := range live {
			require.True(t, q.open())
			require.Equal(t, want, q.heap.pop())
		}
		require.False(t, q.open())
	}
}

// Computing a row allocates the row and its steps.
func TestRowAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector empties pools at random")
	}
	g := build(t, randomSpec(rand.New(rand.NewPCG(5, 1)), 100, 300), nil)
	v := g.newView(Transit{})
	g.newRow(v, 0)
	assert.LessOrEqual(t, testing.AllocsPerRun(50, func() { g.newRow(v, 1) }), 2.0)
}
