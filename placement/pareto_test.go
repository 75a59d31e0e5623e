package placement

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smallWorld is a world small enough that every solve finds the best.
func smallWorld(t *testing.T, seed uint64) (*checkWorld, bool) {
	w := newWorld(t, seed, 4, 1)
	return w, len(w.p.Applications[0].Workloads) <= 5
}

// TestParetoIsAFrontier: no point is better than another, each passes Check and has the values it says, the best value of
// every axis is among them, and none is below what is proven.
func TestParetoIsAFrontier(t *testing.T) {
	ctx := context.Background()
	steps := &Options{MaxSteps: 20_000}
	worlds, choices := 5, 0
	for seed := uint64(0); worlds > 0; seed++ {
		w, small := smallWorld(t, seed)
		if !small {
			continue
		}
		worlds--
		f, err := Pareto(ctx, w.p, &ParetoOptions{Solve: steps, Solves: 14})
		require.NoError(t, err)
		again, err := Pareto(ctx, w.p, &ParetoOptions{Solve: steps, Solves: 14})
		require.NoError(t, err)
		require.Equal(t, f, again)
		require.NotEmpty(t, f.Points)
		require.Equal(t, []string{"cost", "latency", "carbon"}, f.Axes)
		require.Len(t, f.Ideal, 3)
		choices += len(f.Points) - 1
		for n, p := range f.Points {
			broken, err := Check(ctx, w.p, p.Assignment)
			require.NoError(t, err)
			require.Empty(t, broken)
			judge := *w.p
			judge.Objective = append(Objective{w.p.objective()[0]}, DefaultAxes...)
			e, err := Evaluate(ctx, &judge, p.Assignment)
			require.NoError(t, err)
			require.Equal(t, e.Unplaced, p.Unplaced)
			for k := range p.Values {
				require.Equal(t, e.Tiers[k+1].Value, p.Values[k])
				require.GreaterOrEqual(t, p.Values[k], f.Ideal[k])
			}
			for m, o := range f.Points {
				require.False(t, m != n && dominates(o.Values, p.Values), "seed %d: %v and %v", seed, o.Values, p.Values)
			}
		}
		for k, axis := range DefaultAxes {
			alone := *w.p
			alone.Objective = Objective{w.p.objective()[0], axis}
			least := int64(math.MaxInt64)
			for _, p := range f.Points {
				least = min(least, p.Values[k])
			}
			require.LessOrEqual(t, least, optimum(t, &alone)[1], "seed %d: %s", seed, axis.Name)
		}
	}
	assert.Positive(t, choices, "there was hardly anything to choose")
}

// TestParetoIsStopped: what is there comes back.
func TestParetoIsStopped(t *testing.T) {
	w, _ := smallWorld(t, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Pareto(ctx, w.p, nil)
	require.ErrorIs(t, err, context.Canceled)

	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	x, err := newSweep(ctx, w.p, &ParetoOptions{Solve: &Options{MaxSteps: 1000}})
	require.NoError(t, err)
	require.NoError(t, x.extremes())
	cancel()
	require.ErrorIs(t, x.mesh(), errSwept)
	f := x.frontier()
	assert.True(t, f.Stopped)
	assert.NotEmpty(t, f.Points)
	assert.Len(t, f.Ideal, 3)
}

func TestParetoRefuses(t *testing.T) {
	w, _ := smallWorld(t, 1)
	for _, axes := range [][]Tier{
		{{Name: "load", Terms: []Term{{Kind: Load, Weight: 1}}}},
		{{Name: "", Terms: []Term{{Kind: Price, Weight: 1}}}},
		{{Name: "cost", Terms: []Term{{Kind: Price, Weight: -1}}}},
		{{Name: "unplaced", Terms: []Term{{Kind: Price, Weight: 1}}}},
	} {
		_, err := Pareto(context.Background(), w.p, &ParetoOptions{Axes: axes})
		require.ErrorIs(t, err, ErrInvalid, "%v", axes)
	}
	_, err := Pareto(context.Background(), nil, nil)
	require.ErrorIs(t, err, ErrInvalid)
}

// TestMeshSize: as many ways as there are.
func TestMeshSize(t *testing.T) {
	for _, c := range [][3]int{{1, 5, 1}, {2, 5, 6}, {3, 4, 15}, {4, 3, 20}} {
		assert.Equal(t, c[2], meshSize(c[0], c[1]))
	}
}

// TestHolesFindMore: limits find points that no weights on the mesh led to.
func TestHolesFindMore(t *testing.T) {
	found := 0
	for seed := range uint64(6) {
		w := newWorld(t, seed, 8, 2)
		x, err := newSweep(context.Background(), w.p, &ParetoOptions{Solve: &Options{MaxSteps: 10_000}})
		require.NoError(t, err)
		require.NoError(t, x.extremes())
		require.NoError(t, x.mesh())
		before := len(x.front())
		require.ErrorIs(t, x.holes(), errSwept)
		found += len(x.front()) - before
		points := x.frontier().Points
		for m, a := range points {
			for n, b := range points {
				require.False(t, m != n && (dominates(a.Values, b.Values) || slices.Equal(a.Values, b.Values)))
			}
			broken, err := Check(context.Background(), w.p, a.Assignment)
			require.NoError(t, err)
			require.Empty(t, broken)
		}
	}
	assert.Positive(t, found)
}
