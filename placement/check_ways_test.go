package placement

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Every flow that misses its bound is told with its way; the hops of a way sum to its latency; and a direct way is one that
// the transit does not allow.
func TestWaysAddUp(t *testing.T) {
	tight, detours, blocked, hops := 0, 0, 0, 0
	forWorlds(t, func(t *testing.T, w *checkWorld, r *rand.Rand) {
		ctx := context.Background()
		graph, err := w.p.graph()
		require.NoError(t, err)
		for _, id := range w.workloads() {
			s := randomSite(r, w.spec).ID
			answer, err := WhyNot(ctx, Answer{w.p, w.a}, id, s)
			require.NoError(t, err)
			missed := 0
			for _, way := range answer.Ways {
				transit, err := w.p.Transit.Transit(ctx, w.p.scope(), way.Data)
				require.NoError(t, err)
				sum := topology.Micros(0)
				for _, h := range way.Hops {
					sum += h.Share
				}
				row := graph.Row(way.From, transit)
				want, known := row.Latency(way.To, way.Percentile)
				if !known {
					want = -1
				}
				require.Equal(t, want, way.Latency)
				if len(way.Hops) > 0 {
					hops++
					require.Equal(t, want, sum)
				}
				if way.Bound > 0 && (!known || way.Latency > way.Bound) {
					missed++
				}
				if way.Direct == nil {
					require.Positive(t, way.Bound)
					require.True(t, !known || way.Latency >= way.Bound-way.Bound/10)
					tight++
					continue
				}
				if detours++; !known {
					blocked++
				}
				require.NotEmpty(t, way.Direct.Crossings)
				direct, _ := graph.Row(way.From, latency.Transit{}).Latency(way.To, way.Percentile)
				require.Equal(t, direct, way.Direct.Latency)
			}
			for _, v := range answer.Violations {
				if v.Kind == ByLatency && v.Want > 0 {
					require.Positive(t, missed, "%v", v)
				}
			}
		}
	})
	assert.Greater(t, min(tight, detours, hops), 20)
	assert.Positive(t, blocked)
}

// Flows that are neither tight nor restricted are not worth a word, and a way is told once.
func TestWaysAreFew(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, _ *rand.Rand) {
		w.p.Transit = nil
		for _, id := range w.workloads() {
			answer, err := Why(context.Background(), Answer{w.p, w.a}, id)
			require.NoError(t, err)
			for i, way := range answer.Ways {
				require.Nil(t, way.Direct)
				require.True(t, way.Latency < 0 || 10*way.Latency >= 9*way.Bound)
				for _, other := range answer.Ways[:i] {
					require.False(t, way.FlowLatency == other.FlowLatency && way.Data == other.Data)
				}
			}
		}
	})
}
