package latency

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

func TestBucketsMeet(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	for coarse := range uint8(5) {
		for i := range 4000 {
			rtt := topology.Micros(1 + i)
			if i > 1000 {
				rtt = topology.Micros(1 + rng.Int64N(int64(longestRTT)))
			}
			index := indexOf(rtt, coarse)
			top := topOf(index, coarse)
			require.GreaterOrEqual(t, top, rtt)
			require.Equal(t, index, indexOf(top, coarse))
			require.Greater(t, indexOf(top+1, coarse), index)
			require.LessOrEqual(t, float64(top-rtt), float64(rtt)/float64(int(64)>>coarse))
		}
	}
}

// randomTrips are of one of several kinds: narrow, wide, with outliers, of few values.
func randomTrips(rng *rand.Rand, n int) []topology.Micros {
	center, spread, wild := 1+rng.IntN(100_000), 1+rng.IntN(1000), rng.IntN(3) == 0
	if rng.IntN(3) == 0 {
		spread = 10_000_000
	}
	var out []topology.Micros
	for range n {
		rtt := topology.Micros(center + rng.IntN(spread))
		if wild && rng.IntN(30) == 0 {
			rtt = topology.Micros(1 + rng.Int64N(int64(longestRTT)))
		}
		out = append(out, rtt)
	}
	return out
}

func TestSketch(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 1))
	coarse := 0
	for range 300 {
		trips := randomTrips(rng, 1+rng.IntN(800))
		var whole, turned, merged sketch
		var parts [panes]sketch
		for i := range trips {
			whole.add(trips[i])
			turned.add(trips[len(trips)-1-i])
			parts[rng.IntN(panes)].add(trips[i])
			require.LessOrEqual(t, len(whole.buckets), mostBuckets)
		}
		for i := range parts {
			merged.merge(&parts[i])
		}
		require.Equal(t, whole, turned, "order does not matter")
		require.Equal(t, whole, merged, "nor do parts")
		slices.Sort(trips)
		got := whole.rtt()
		require.NoError(t, got.Check())
		for p, got := range map[Percentile]topology.Micros{P50: got.P50, P95: got.P95, P99: got.P99} {
			exact := trips[(len(trips)*int(p)+999)/1000-1]
			require.GreaterOrEqual(t, got, exact)
			require.LessOrEqual(t, float64(got-exact), float64(exact)/float64(int(64)>>whole.coarse))
		}
		if whole.coarse > 0 {
			coarse++
		}
		require.LessOrEqual(t, whole.coarse, uint8(4))
	}
	assert.Greater(t, coarse, 10)
}
