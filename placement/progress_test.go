package placement

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProgressIsHonest: what is told on the way is a value that was reached and a bound that holds for the best there is,
// or none.
func TestProgressIsHonest(t *testing.T) {
	ctx := context.Background()
	known, unknown := 0, 0
	for seed := range uint64(12) {
		w := newWorld(t, seed, 8, 3)
		var told []Progress
		r, err := Solve(ctx, w.p, &Options{MaxSteps: 30_000, Progress: func(p Progress) { told = append(told, p) }})
		require.NoError(t, err)
		require.NotEmpty(t, told)
		require.Equal(t, Progress{}, told[0], "the problem is compiled")
		for k, p := range told[1:] {
			if p.Bound == math.MinInt64 {
				require.True(t, math.IsInf(p.Gap, 1))
				unknown++
				continue
			}
			known++
			require.Equal(t, gap(p.Value, p.Bound), p.Gap)
			require.LessOrEqual(t, p.Bound, p.Value)
			require.LessOrEqual(t, p.Bound, r.Tiers[1].Value, "seed %d: nothing that is as good before beats the bound", seed)
			require.GreaterOrEqual(t, p.Value, r.Tiers[1].Value, "once the tiers before are at their bounds it only gets better")
			require.Equal(t, told[max(1, k)].Bound, p.Bound)
			require.GreaterOrEqual(t, p.Steps, told[k].Steps)
			require.GreaterOrEqual(t, p.Spent, told[k].Spent)
		}
	}
	assert.NotZero(t, known)
	assert.NotZero(t, unknown)
}

// TestWidestSkips: gaps that no limit can part, those tried already, limits below zero, which a budget cannot have, and axes
// that a budget does not count.
func TestWidestSkips(t *testing.T) {
	axis := func(kind TermKind) Tier { return Tier{Name: string(kind), Terms: []Term{{Kind: kind, Weight: 1}}} }
	x := &sweep{axes: []Tier{axis(Price), axis(Carbon), axis(Preference)}}
	add := func(values ...int64) {
		x.points = append(x.points, sweepPoint{FrontierPoint: FrontierPoint{Values: values}})
	}
	add(9, 10, 0)
	add(8, 11, -90) // next to it
	add(7, 31, -80)
	add(6, 71, -900)
	tried := make(map[[2]int64]bool)
	var limits []int64
	for h := x.widest(tried); h != nil; h = x.widest(tried) {
		require.Equal(t, 1, h.axis, "nothing limits a preference")
		limits = append(limits, h.limit)
		tried[[2]int64{1, h.limit}] = true
	}
	assert.Equal(t, []int64{51, 21}, limits, "the widest first, neighbours never")
	x.points = nil
	add(2, -50, 0)
	add(1, -10, 0)
	assert.Nil(t, x.widest(tried))
}
