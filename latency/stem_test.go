package latency

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A row that shares its neighbour's says the same as one that was searched from its origin.
func TestStemsShareRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 1))
	shared := 0
	for range 60 {
		n := 2 + rng.IntN(30)
		g := build(t, randomSpec(rng, n, n+rng.IntN(n)), nil)
		for _, transit := range transits {
			for origin, id := range g.ids {
				row := g.Row(id, transit)
				if row.base == nil {
					continue
				}
				shared++
				own := g.newRow(g.newView(transit), int32(origin))
				for _, to := range g.ids {
					wantLeg, want := own.Leg(to)
					leg, ok := row.Leg(to)
					require.Equal(t, want, ok)
					require.Equal(t, wantLeg, leg)
					for _, p := range []Percentile{P50, P95, P99} {
						wantMicros, want := own.Latency(to, p)
						micros, ok := row.Latency(to, p)
						require.Equal(t, want, ok)
						require.Equal(t, wantMicros, micros)
						wantRoute, want := own.Route(to, p)
						route, ok := row.Route(to, p)
						require.Equal(t, want, ok)
						require.Equal(t, wantRoute, route)
					}
				}
			}
		}
	}
	assert.Greater(t, shared, 300)
}
