package latency

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// An observation counts up to the age of MaxAge, that moment included, from AsOf at the latest.
func TestAgeOfObservations(t *testing.T) {
	for _, c := range []struct {
		name        string
		age, maxAge time.Duration
		want        bool
	}{
		{"fresh", time.Hour - 1, time.Hour, true},
		{"just fresh", time.Hour, time.Hour, true},
		{"just stale", time.Hour + 1, time.Hour, false},
		{"now", 0, time.Hour, true},
		{"now, of no age", 0, 1, true},
		{"one nanosecond too old", 2, 1, false},
		{"no limit", 100_000 * time.Hour, 0, true},
		{"from the future", -1, time.Hour, false},
		{"from the future, no limit", -1, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := topology.Spec{Exchanges: nodes("a DE", "b DE")}
			o := Observation{A: "a", B: "b", RTT: ms(5, 6, 7), At: day.Add(-c.age)}
			g := build(t, spec, &Options{MaxAge: c.maxAge, Observations: []Observation{o}})
			leg, ok := g.Row("a", Transit{}).Leg("b")
			assert.Equal(t, c.want, ok)
			assert.Equal(t, c.want, leg.Observed)
			p95, ok := g.Row("b", Transit{}).Latency("a", P95)
			assert.Equal(t, c.want, ok)
			assert.Equal(t, c.want, p95 == 6000)
			_, ok = g.Row("a", NewTransit(Permit{Jurisdictions: countries{"DE"}, AnyOperator: true})).Latency("b", P95)
			assert.False(t, ok, "nobody knows which way it went")
		})
	}
}

// What is stale is as if it were not there: every answer is that of the graph without it. And what is unknown meets no bound,
// however it is asked for.
func TestUnknownNeverSatisfies(t *testing.T) {
	rng := rand.New(rand.NewPCG(36, 1))
	unknowns, stale := 0, 0
	for range 40 {
		n := 2 + rng.IntN(20)
		spec := randomSpec(rng, n, n+rng.IntN(n))
		left := spec
		left.Links = nil
		for i := range spec.Links {
			if l := &spec.Links[i]; rng.IntN(3) == 0 {
				l.MeasuredAt = day.Add(-time.Hour - 1)
				if rng.IntN(3) == 0 {
					l.MeasuredAt = day.Add(1)
				}
				stale++
				continue
			}
			left.Links = append(left.Links, spec.Links[i])
		}
		g := build(t, spec, &Options{MaxAge: time.Hour, Observations: []Observation{
			{A: node(0), B: node(1), RTT: ms(1, 1, 1), At: day.Add(-time.Hour - 1)}, {A: node(0), B: node(1), RTT: ms(1, 1, 1)},
		}})
		h := build(t, left, nil)
		for _, transit := range transits {
			from, to := node(rng.IntN(n)), node(rng.IntN(n))
			got, want := g.Row(from, transit), h.Row(from, transit)
			for _, p := range []Percentile{P50, P95, P99} {
				latency, ok := got.Latency(to, p)
				other, known := want.Latency(to, p)
				require.Equal(t, other, latency)
				require.Equal(t, known, ok)
				_, ok = got.Tail(to, p)
				require.Equal(t, known, ok)
				if !known {
					unknowns++
					require.Equal(t, unknown, latency, "no bound is as great")
				}
			}
			_, known := want.Leg(to)
			_, ok := got.Leg(to)
			require.Equal(t, known, ok)
			require.Equal(t, h.Routes(from, to, transit, 3, nil), g.Routes(from, to, transit, 3, nil))
			d, ok := g.Detour(from, to, transit)
			require.True(t, ok || !known)
			require.True(t, !ok || known == (d.Permitted != nil))
			require.True(t, !ok || known || d.Extra() == unknown)
			_, ok = g.Widest(from, to, transit)
			require.Equal(t, known, ok)
			prices := got.Egress(g.Targets([]topology.NodeID{to}), nil)
			require.Equal(t, known, prices[0] >= 0)
			_, ok = g.Disjoint(from, to, transit)
			require.True(t, known || !ok)
			// The whole way over a link that is stale has no percentile, wherever it was found.
			fresh, _ := build(t, spec, &Options{AsOf: day.Add(2)}).Route(from, to, transit)
			for _, hop := range fresh.Hops {
				if _, there := g.findLink(hop.Link); !there {
					require.Equal(t, unknown, g.Percentile(fresh, P50))
					require.Nil(t, g.Budget(fresh, P50))
				}
			}
		}
	}
	assert.Greater(t, min(unknowns, stale), 50)
}
