package latency

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// A tail alone says what Latency says; tails in a row what the route of all their links does.
func TestTailsAddUpAsRoutesDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	joined := 0
	for range 20 {
		n := 3 + rng.IntN(20)
		g := build(t, randomSpec(rng, n, 2*n), nil)
		for range 40 {
			a, b, c := g.ids[rng.IntN(n)], g.ids[rng.IntN(n)], g.ids[rng.IntN(n)]
			p := []Percentile{1, P50, 873, P95, P99, 999}[rng.IntN(6)]
			first, second := g.Row(a, Transit{}), g.Row(b, Transit{})
			one, ok := first.Tail(b, p)
			l, known := first.Latency(b, p)
			require.Equal(t, known, ok)
			two, also := second.Tail(c, p)
			if !ok || !also {
				continue
			}
			assert.InDelta(t, int64(l), int64(one.Latency(p)), 1)
			r, _ := first.Route(b, p)
			rest, _ := second.Route(c, p)
			r.Hops = append(r.Hops, rest.Hops...)
			assert.InDelta(t, int64(g.Percentile(r, p)), int64(one.Plus(two).Latency(p)), 1)
			joined++
			parts, sum := Shares([]Tail{one, two, {}}, p), topology.Micros(0)
			for _, x := range parts {
				sum += x
			}
			assert.Equal(t, one.Plus(two).Latency(p), sum)
			assert.Zero(t, parts[2], "no time eats nothing")
		}
	}
	assert.Greater(t, joined, 200)
}

// What was measured adds up with what is composed, and what is not known adds up to nothing known.
func TestTailOfObservations(t *testing.T) {
	g := build(t, twoWays(), &Options{Observations: []Observation{{A: "a", B: "b", RTT: ms(4, 6, 20)}}})
	row := g.Row("a", Transit{})
	for _, p := range []Percentile{P50, P95, P99} {
		tail, ok := row.Tail("b", p)
		require.True(t, ok)
		l, _ := row.Latency("b", p)
		assert.Equal(t, l, tail.Latency(p))
		assert.Equal(t, 2*tail.Mean, tail.Plus(tail).Mean)
	}
	p99, _ := row.Tail("b", P99)
	assert.Less(t, p99.Plus(p99).Latency(P99), 2*p99.Latency(P99), "two rare delays rarely meet")
	_, ok := row.Tail("nowhere", P95)
	assert.False(t, ok)
	_, ok = row.Tail("b", 1000)
	assert.False(t, ok)
	assert.Equal(t, topology.Micros(math.MaxInt64), p99.Latency(0))
	assert.Zero(t, Tail{}.Latency(P99))
}

// What is no round trip meets no bound, whoever forgets to ask whether it is one.
func TestNothingIsNotNear(t *testing.T) {
	g := build(t, randomSpec(rand.New(rand.NewPCG(1, 1)), 3, 3), nil)
	tail, ok := g.Row(g.ids[0], Transit{}).Tail("nowhere", P95)
	require.False(t, ok)
	for name, x := range map[string]topology.Micros{
		"an unknown tail":    tail.Latency(P95),
		"a sum too large":    Tail{Mean: math.MaxInt64}.Plus(Tail{Mean: 5}).Latency(P95),
		"not a number":       Tail{Mean: 5, Variance: math.NaN()}.Latency(P95),
		"without end":        Tail{Mean: 5, Variance: math.Inf(1)}.Latency(P95),
		"no route":           g.Percentile(Route{}, P95),
		"a way without hops": g.Percentile(Route{From: g.ids[0], To: g.ids[1]}, P95),
	} {
		require.Equal(t, unknown, x, name)
	}
	require.Zero(t, g.Percentile(Route{From: g.ids[0], To: g.ids[0]}, P95))
}
