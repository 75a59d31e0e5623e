package placement

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestCandidatesKnowTheWhole is TestCandidatesAreWhatTheCheckerWouldChoose with use above what is safe, balance, moves by
// site pair and by component, transient room, and limits of moves and shares.
func TestCandidatesKnowTheWhole(t *testing.T) {
	ctx := context.Background()
	seen := 0
	for seed := range uint64(24) {
		w := wholeWorld(t, seed, 12, 3)
		w.p.Budgets = slices.DeleteFunc(w.p.Budgets, func(b Budget) bool { _, ok := b.(CostBudget); return ok })
		w.settle(t)
		prices := &Certificate{}
		for k, s := range w.spec.Sites {
			prices.Capacity = append(prices.Capacity, ShadowPrice{Site: s.ID, Dimension: topology.CPU, Price: int64(k%5) << 41})
		}
		s, err := NewScheduler(ctx, Answer{w.p, w.a}, &SchedulerOptions{Prices: prices})
		require.NoError(t, err)
		seen += requireRanked(t, s, prices, true, seed)
	}
	assert.Greater(t, seen, 240)
}

// TestExplainerKnowsTheWhole: what one question keeps does not mislead the next, budgets included.
func TestExplainerKnowsTheWhole(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(6) {
		w := wholeWorld(t, seed, 6, 2)
		ans := Answer{w.p, w.a}
		e, err := Explain(ctx, ans)
		require.NoError(t, err)
		for _, id := range w.workloads() {
			want, err := Why(ctx, ans, id)
			require.NoError(t, err)
			have, err := e.Why(ctx, id)
			require.NoError(t, err)
			require.Equal(t, want, have, "seed %d: %s", seed, id)
			for s := range w.p.Continuum.Sites() {
				want, err := WhyNot(ctx, ans, id, s.ID)
				require.NoError(t, err)
				have, err := e.WhyNot(ctx, id, s.ID)
				require.NoError(t, err)
				require.Equal(t, want, have, "seed %d: %s on %s", seed, id, s.ID)
			}
		}
	}
}
