package placement

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// known returns the entries of an assignment that name something.
func (w *checkWorld) known(a Assignment) Assignment {
	out := make(Assignment)
	for _, id := range w.workloads() {
		if s, ok := a[id]; ok {
			if _, ok := w.p.Continuum.Site(s); ok {
				out[id] = s
			}
		}
	}
	return out
}

// Whatever Current breaks, it breaks no worse than Current.
func TestCheckInheritsAllOfCurrent(t *testing.T) {
	forWorlds(t, func(t *testing.T, w *checkWorld, _ *rand.Rand) {
		found, err := Check(context.Background(), w.p, w.known(w.p.Current))
		require.NoError(t, err)
		for _, v := range found {
			require.True(t, v.Inherited, "%+v", v)
			if v.Have != 0 {
				require.Equal(t, v.Have, v.Before, "%+v", v)
			}
		}
	})
}

// What Check calls inherited, Current breaks at least as badly, by what Check says of it; and of capacities, all that is so.
func TestCheckInheritsOnlyWhatCurrentBreaks(t *testing.T) {
	inherited := make(map[ConstraintKind]int)
	forWorlds(t, func(t *testing.T, w *checkWorld, r *rand.Rand) {
		for _, id := range w.workloads() { // near Current, so that much is the same
			if now, ok := w.p.Current[id]; ok && r.IntN(3) > 0 {
				w.a[id] = now
			}
		}
		w.a = w.known(w.a)
		now, err := Check(context.Background(), w.p, w.known(w.p.Current))
		require.NoError(t, err)
		found, err := Check(context.Background(), w.p, w.a)
		require.NoError(t, err)
		for _, v := range found {
			if v.Kind == ByCapacity && w.p.Transient == nil {
				worst := int64(0)
				for _, b := range now {
					if b.Kind == v.Kind && b.Site == v.Site && b.Unit == v.Unit && b.Want == v.Want {
						worst = max(worst, b.Have)
					}
				}
				require.Equal(t, worst >= v.Have, v.Inherited, "%+v", v)
			}
			if !v.Inherited {
				continue
			}
			inherited[v.Kind]++
			require.True(t, slices.ContainsFunc(now, func(b Violation) bool {
				return (b.Kind == v.Kind || b.Kind == ByTransit && v.Kind == ByLatency) && b.Have == v.Before && b.Unit == v.Unit
			}), "%+v\n%+v", v, now)
		}
	})
	for _, kind := range []ConstraintKind{ByAdmission, ByRule, ByCapacity, ByLatency, ByPath, BySpread, ByConflict, ByAffinity, ByGang, ByBudget} {
		assert.NotZero(t, inherited[kind], kind)
	}
}

// An interim answer adds to a sound one only what runs where it is, and breaks nothing that Current does not break, too.
func TestInterimNeverWorsens(t *testing.T) {
	kept, gone := 0, 0
	forWorlds(t, func(t *testing.T, w *checkWorld, _ *rand.Rand) {
		ctx := context.Background()
		w.settle(t)
		given := maps.Clone(w.a)
		interim, err := Interim(ctx, Answer{w.p, w.a})
		require.NoError(t, err)
		require.Equal(t, given, w.a)
		found, err := Check(ctx, w.p, interim)
		require.NoError(t, err)
		for _, v := range found {
			require.True(t, v.Inherited, "%+v", v)
		}
		for id, s := range w.known(w.p.Current) {
			at, placed := interim[id]
			if was, ok := given[id]; ok {
				require.Equal(t, was, at)
				continue
			}
			if placed {
				require.Equal(t, s, at)
				kept++
			} else {
				gone++
			}
		}
	})
	assert.Greater(t, kept, 2*gone, "few have to go: %d of %d", gone, kept+gone)
	assert.NotZero(t, gone)
}

// A start that is broken is mended step by step, however few moves each step may make.
func TestInterimMendsStepByStep(t *testing.T) {
	cpu := func(n int64) topology.Resources { return topology.Resources{topology.CPU: n} }
	loads := make([]Workload, 5)
	for i := range loads {
		loads[i] = Workload{ID: WorkloadID(fmt.Sprintf("w%d", i)), Demand: cpu(2)}
	}
	p := corner(t, []topology.Site{{ID: "old", Capacity: cpu(5)}, {ID: "new", Capacity: cpu(8)}}, loads) // old had 10
	p.Transient, p.Budgets = nil, []Budget{MoveBudget{1}}
	p.Current = Assignment{}
	for _, w := range loads {
		p.Current[w.ID] = "old"
	}
	for step, over := range []int64{8, 6, 0} {
		r, err := Solve(context.Background(), p, &Options{MaxSteps: 10_000})
		require.NoError(t, err)
		next, err := Interim(context.Background(), Answer{p, r.Assignment})
		require.NoError(t, err)
		require.Len(t, next, 5, "nobody is stopped")
		found, err := Check(context.Background(), p, next)
		require.NoError(t, err)
		if over == 0 {
			require.Empty(t, found, step)
			require.Empty(t, r.Unplaced)
			break
		}
		require.Len(t, found, 1, step)
		require.Equal(t, []int64{over, over + 2, 5}, []int64{found[0].Have, found[0].Before, found[0].Want})
		require.True(t, found[0].Inherited)
		p.Current = next
	}
}
