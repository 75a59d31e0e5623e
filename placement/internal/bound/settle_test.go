package bound_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

// What prices lead to can be put in place item by item, and keeps every constraint; the same every time.
func TestSettledAssignmentsAreValid(t *testing.T) {
	settled, placed := 0, 0
	for seed := range uint64(400) {
		r := rng(seed)
		p := problemtest.Random(r, problemtest.Shape{Items: 2 + r.IntN(12), Sites: 2 + r.IntN(6), Load: seed%3 == 0, Use: seed%5 < 2, Parts: true})
		var value problem.Value
		y, _, ok := bound.Climb(context.Background(), p, 1, &value, math.MaxInt64, 100, 1_000_000, nil)
		require.True(t, ok)
		at := bound.Settle(context.Background(), p, 1, &value, y)
		if at == nil {
			continue
		}
		settled++
		s := problem.NewState(p)
		for i, pos := range at {
			require.True(t, s.Fits(int32(i), pos), "seed %d, item %d", seed, i)
			s.Put(int32(i), pos)
			if pos >= 0 {
				placed++
			}
		}
		require.Zero(t, s.Broken, "seed %d", seed)
		require.Equal(t, at, bound.Settle(context.Background(), p, 1, &value, y))
	}
	require.Greater(t, settled, 50)
	require.Greater(t, placed, 2*settled)
}

// A context that has ended leaves out what is not placed yet.
func TestSettleEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for seed := range uint64(50) {
		p := problemtest.Random(rng(seed), problemtest.Shape{Items: 6, Sites: 4, Parts: true})
		var value problem.Value
		for _, pos := range bound.Settle(ctx, p, 1, &value, bound.Zero(p, 1)) {
			require.Negative(t, pos)
		}
	}
}
