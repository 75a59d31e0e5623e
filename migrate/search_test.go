package migrate

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// searched returns plans whose bound rests on a search through all timetables.
func searched(t *testing.T, each func(seed uint64, b *build, p *Plan)) {
	found := 0
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 10))
		b := random(rng, shape{sites: 2 + rng.IntN(3), workloads: 4 + rng.IntN(5), slack: 1 + rng.Int64N(3)})
		plan, err := Order(context.Background(), b.problem(t), b.from, b.to, b.opts)
		require.NoError(t, err)
		if plan.Certificate.Kind == "search" {
			found++
			each(seed, b, plan)
		}
	}
	t.Logf("%d of 400", found)
	assert.Greater(t, found, 10)
}

// TestASearchIsJudgedBySearching has the judge look through all timetables by itself, and see it when one is shorter.
func TestASearchIsJudgedBySearching(t *testing.T) {
	searched(t, func(seed uint64, b *build, p *Plan) {
		ctx := context.Background()
		violations, err := Replay(ctx, b.problem(t), b.from, b.to, p, b.opts)
		require.NoError(t, err)
		assert.Empty(t, violations, "seed %d", seed)
		assert.Equal(t, p.Makespan, p.Bound)

		// With its last move put off it is still a plan, but no longer the shortest.
		last := &p.Moves[len(p.Moves)-1]
		late := p.Makespan + 1 - last.End
		last.Start, last.End = last.Start+late, last.End+late
		p.Makespan, p.Bound = p.Makespan+1, p.Bound+1
		violations, err = Replay(ctx, b.problem(t), b.from, b.to, p, b.opts)
		require.NoError(t, err)
		told := false
		for _, v := range violations {
			told = told || strings.Contains(v.Message, "there is a timetable that ends before")
		}
		assert.True(t, told, "seed %d: %v", seed, violations)
	})
}

// TestASearchSpeaksOfAllMoves refuses searches through some of the moves only.
func TestASearchSpeaksOfAllMoves(t *testing.T) {
	searched(t, func(seed uint64, b *build, p *Plan) {
		p.Certificate.Moves = p.Certificate.Moves[1:]
		violations, err := Replay(context.Background(), b.problem(t), b.from, b.to, p, b.opts)
		require.NoError(t, err)
		assert.NotEmpty(t, violations, "seed %d", seed)
	})
}
