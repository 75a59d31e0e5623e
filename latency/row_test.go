package latency

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// twoWays has a short way with a long tail (over "wild") and a longer way without one (over "calm").
func twoWays() topology.Spec {
	return topology.Spec{
		Exchanges: nodes("a DE", "wild DE", "calm DE", "b DE"),
		Links: []topology.Link{
			link("a", "wild", ms(5, 30, 50), "x", "DE"), link("wild", "b", ms(1, 1.1, 1.2), "x", "DE"),
			link("a", "calm", ms(9, 9.5, 10), "y", "DE"), link("calm", "b", ms(9, 9.5, 10), "y", "DE"),
		},
	}
}

// A hard bound tries the alternative before it refuses.
func TestLatencyTriesTheCalmWay(t *testing.T) {
	g := build(t, twoWays(), nil)
	row := g.Row("a", Transit{})
	mean, ok := g.Route("a", "b", Transit{})
	require.True(t, ok)
	assert.Equal(t, topology.NodeID("wild"), mean.Hops[0].To)

	p50, _ := row.Latency("b", P50)
	assert.Equal(t, g.Percentile(mean, P50), p50)
	p99, _ := row.Latency("b", P99)
	assert.Less(t, p99, g.Percentile(mean, P99)/2)

	calm, ok := row.Route("b", P99)
	require.True(t, ok)
	assert.Equal(t, topology.NodeID("calm"), calm.Hops[0].To)
	assert.Equal(t, p99, g.Percentile(calm, P99))
	same, ok := row.Route("b", P50)
	require.True(t, ok)
	assert.Equal(t, mean, same)
}

// Latency is that of the route it names, the better of the least mean's and the least tail's.
func TestLatencyIsThatOfItsRoute(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	better := 0
	for range 30 {
		n := 2 + rng.IntN(40)
		g := build(t, randomSpec(rng, n, 2*n), nil)
		for _, transit := range transits {
			origin := g.ids[rng.IntN(n)]
			row := g.Row(origin, transit)
			for _, to := range g.ids {
				least, reached := g.Route(origin, to, transit)
				for _, p := range []Percentile{P50, P95, P99, 999} {
					got, ok := row.Latency(to, p)
					route, routed := row.Route(to, p)
					require.Equal(t, reached, ok)
					require.Equal(t, reached, routed)
					if !ok {
						continue
					}
					checkRoute(t, g, route, origin, to)
					require.Equal(t, g.Percentile(route, p), got)
					calm := row.route(byTail, g.index[to])
					require.Equal(t, min(g.Percentile(least, p), g.Percentile(calm, p)), got)
					if got < g.Percentile(least, p) {
						better++
					}
				}
			}
		}
	}
	assert.Greater(t, better, 100)
}

func TestToItself(t *testing.T) {
	g := build(t, twoWays(), nil)
	for _, transit := range transits {
		row := g.Row("a", transit)
		leg, ok := row.Leg("a")
		assert.True(t, ok)
		assert.Equal(t, Leg{}, leg)
		latency, ok := row.Latency("a", P99)
		assert.True(t, ok)
		assert.Zero(t, latency)
		route, ok := g.Route("a", "a", transit)
		assert.True(t, ok)
		assert.Equal(t, Route{From: "a", To: "a", Bandwidth: math.MaxInt64}, route)
		assert.Zero(t, g.Percentile(route, P99))
	}
}

// What is unknown is no answer.
func TestUnknown(t *testing.T) {
	spec := twoWays()
	spec.Exchanges = append(spec.Exchanges, nodes("island DE")...)
	g := build(t, spec, nil)
	for _, pair := range [][2]topology.NodeID{{"a", "nowhere"}, {"nowhere", "a"}, {"nowhere", "nowhere"}, {"a", "island"}, {"island", "a"}} {
		row := g.Row(pair[0], Transit{})
		_, ok := row.Leg(pair[1])
		assert.False(t, ok, "%v", pair)
		latency, ok := row.Latency(pair[1], P95)
		assert.False(t, ok, "%v", pair)
		assert.Equal(t, topology.Micros(math.MaxInt64), latency, "meets no bound")
		_, ok = row.Route(pair[1], P95)
		assert.False(t, ok, "%v", pair)
		_, ok = g.Route(pair[0], pair[1], Transit{})
		assert.False(t, ok, "%v", pair)
	}
	route, _ := g.Route("a", "b", Transit{})
	for _, p := range []Percentile{-1, 0, 1000} {
		latency, ok := g.Row("a", Transit{}).Latency("b", p)
		assert.False(t, ok)
		assert.Equal(t, topology.Micros(math.MaxInt64), latency, "meets no bound")
		_, ok = g.Row("a", Transit{}).Route("b", p)
		assert.False(t, ok)
		assert.Equal(t, topology.Micros(math.MaxInt64), g.Percentile(route, p))
		assert.Nil(t, g.Budget(route, p))
	}
	route.Hops[0].Link = "gone"
	assert.Equal(t, topology.Micros(math.MaxInt64), g.Percentile(route, P95))
	assert.Nil(t, g.Budget(route, P95))
}

// A site that is down runs nothing and still passes traffic.
func TestDownSitesPassTraffic(t *testing.T) {
	g := build(t, topology.Spec{
		Providers: []topology.Provider{{ID: "p", Country: "DE"}},
		Sites:     []topology.Site{{ID: "s", Provider: "p", Country: "DE", Tier: topology.Edge, State: topology.Down}},
		Exchanges: nodes("a DE", "b DE"),
		Links:     []topology.Link{link("a", "s", ms(1, 1, 1), "x", "DE"), link("s", "b", ms(1, 1, 1), "x", "DE")},
	}, nil)
	latency, ok := g.Row("a", transits[3]).Latency("b", P95)
	assert.True(t, ok)
	assert.Equal(t, topology.Micros(2000), latency)
}

// Many callers at once get the same rows and the same answers as one alone. Run with -race.
func TestConcurrentUse(t *testing.T) {
	spec := randomSpec(rand.New(rand.NewPCG(9, 1)), 40, 100)
	alone, shared := build(t, spec, nil), build(t, spec, nil)
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			for i := range alone.ids {
				origin := alone.ids[(i+caller*10)%len(alone.ids)]
				for _, transit := range transits {
					row := shared.Row(origin, transit)
					for _, to := range alone.ids {
						got, ok := row.Latency(to, P95)
						want, wantOK := alone.Row(origin, transit).Latency(to, P95)
						assert.Equal(t, wantOK, ok)
						assert.Equal(t, want, got)
					}
					assert.Same(t, row, shared.Row(origin, transit))
				}
			}
		})
	}
	callers.Wait()
}

// New names turn the order of nodes around, and nothing else.
func TestRelabelling(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	for range 20 {
		n := 2 + rng.IntN(40)
		spec := randomSpec(rng, n, 2*n)
		turned := topology.Spec{AsOf: day}
		rename := map[topology.NodeID]topology.NodeID{}
		for i, x := range spec.Exchanges {
			rename[x.ID] = node(n - 1 - i)
			x.ID = node(n - 1 - i)
			turned.Exchanges = append(turned.Exchanges, x)
		}
		for _, l := range spec.Links {
			l.A, l.B = rename[l.B], rename[l.A]
			turned.Links = append(turned.Links, l)
		}
		g, h := build(t, spec, nil), build(t, turned, nil)
		for _, transit := range transits {
			for _, from := range g.ids {
				for _, to := range g.ids {
					want, ok := g.Row(from, transit).Leg(to)
					got, gotOK := h.Row(rename[from], transit).Leg(rename[to])
					require.Equal(t, ok, gotOK)
					require.Equal(t, want.Mean, got.Mean)
				}
			}
		}
	}
}

// Ten times slower links make ten times slower percentiles, but for the rounding of each hop's mean.
func TestScaling(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	for range 20 {
		n := 2 + rng.IntN(30)
		spec := randomSpec(rng, n, 2*n)
		scale := func(by topology.Micros) *Graph {
			s := spec
			s.Links = append([]topology.Link{}, spec.Links...)
			for i := range s.Links {
				r := &s.Links[i].RTT
				*r = topology.RTT{P50: r.P50 * by, P95: r.P95 * by, P99: r.P99 * by}
			}
			return build(t, s, nil)
		}
		g, h := scale(100), scale(1000)
		for _, to := range g.ids {
			for _, p := range []Percentile{P50, P95, P99} {
				want, ok := g.Row(g.ids[0], Transit{}).Latency(to, p)
				got, gotOK := h.Row(g.ids[0], Transit{}).Latency(to, p)
				require.Equal(t, ok, gotOK)
				if !ok {
					continue
				}
				require.InDelta(t, float64(want)*10, float64(got), 0.002*float64(got)+60)
			}
		}
	}
}
