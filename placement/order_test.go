package placement

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOrderOfApplicationsMakesNoDifference: nor for the digest, nor for the proof.
func TestOrderOfApplicationsMakesNoDifference(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(6) {
		w := wholeWorld(t, seed, 8, 5)
		want, err := Solve(ctx, w.p, &Options{MaxSteps: 20_000})
		require.NoError(t, err)
		given := slices.Clone(w.p.Applications)
		r := rand.New(rand.NewPCG(seed, 9))
		r.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		q := *w.p
		q.Applications = slices.Clone(given)
		have, err := Solve(ctx, &q, &Options{MaxSteps: 20_000})
		require.NoError(t, err)
		require.Equal(t, want, have)
		require.NoError(t, VerifyBounds(ctx, &q, have))
		require.Equal(t, given, q.Applications, "the problem stays as it is")
	}
}
