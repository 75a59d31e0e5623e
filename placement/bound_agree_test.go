package placement

import (
	"context"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// TestSearchAndCheckerAgreeOnBounds holds what a certificate proves by the one against the other, to the last unit.
func TestSearchAndCheckerAgreeOnBounds(t *testing.T) {
	ctx, joint := context.Background(), 0
	for seed := range uint64(40) {
		w := newWorld(t, seed, 4+int(seed%4), 2)
		if seed%2 == 0 {
			w.p.Current = nil
		}
		w.settle(t)
		c, err := compile(ctx, w.p)
		require.NoError(t, err)
		e, err := Evaluate(ctx, w.p, w.a)
		require.NoError(t, err)
		var value problem.Value
		for k, tier := range e.Tiers {
			value[k] = tier.Value
		}
		for k := range e.Tiers {
			y, b, ok := bound.Climb(ctx, c.out, k, &value, math.MaxInt64, 60, math.MaxInt, nil)
			require.True(t, ok)
			if y.Joint {
				joint++
			}
			require.Equal(t, big.NewInt(b), provenBound(t, w, k, e.Tiers, c.certificate(k, y)), "seed %d, tier %d", seed, k)
		}
	}
	require.Greater(t, joint, 10)
}
