package placement

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestSchedulerKeepsCount: what is counted of moves and shares from change to change is what a new scheduler counts.
func TestSchedulerKeepsCount(t *testing.T) {
	ctx := context.Background()
	moved, most := 0, int32(0)
	for seed := range uint64(20) {
		w := wholeWorld(t, seed, 6, 3)
		w.p.Budgets = []Budget{MoveBudget{4}, MoveBudget{9}, ShareBudget{"provider", topology.CPU, 400}, ShareBudget{"site", topology.Memory, 300}}
		s, err := NewScheduler(ctx, Answer{w.p, w.a}, without)
		require.NoError(t, err)
		r := rand.New(rand.NewPCG(seed, 3))
		ids := w.workloads()
		for range 60 {
			id := ids[r.IntN(len(ids))]
			app := w.p.Applications[r.IntN(len(w.p.Applications))]
			switch r.IntN(8) {
			case 0:
				_ = s.Remove(app.Name)
			case 1:
				require.NoError(t, s.Add(ctx, app))
			case 2, 3, 4:
				_ = s.Release(id)
			default:
				_ = s.Reserve(ctx, Assignment{id: randomSite(r, w.spec).ID})
			}
		}
		again, err := NewScheduler(ctx, s.Answer(), without)
		require.NoError(t, err)
		have, want := s.now.Load(), again.now.Load()
		require.Equal(t, want.moved.all, have.moved.all)
		moved += int(have.moved.all)
		counted := componentsMoved(s.Answer())
		require.Equal(t, len(counted), len(have.moved.batches))
		for n, k := range counted {
			require.Equal(t, k, have.moved.batches[n])
			most = max(most, n)
		}
		for k := range want.world.shares {
			require.Equal(t, want.limit(&want.world.shares[k]), have.limit(&have.world.shares[k]))
			for part := range int32(want.world.shares[k].parts) {
				require.Equal(t, want.shares[k].at(part), have.shares[k].at(part))
			}
		}
	}
	assert.NotZero(t, moved)
	assert.Greater(t, most, int32(1), "several of one component")
}

// componentsMoved counts plainly how many components have how many workloads elsewhere than they run.
func componentsMoved(ans Answer) map[int32]int32 {
	of := make(map[[2]string]int32)
	for _, app := range ans.Problem.Applications {
		for _, w := range app.Workloads {
			now, runs := ans.Problem.Continuum.Site(ans.Problem.Current[w.ID])
			if at, ok := ans.Assignment[w.ID]; ok && runs && at != now.ID {
				of[[2]string{app.Name, w.Component}]++
			}
		}
	}
	batches := make(map[int32]int32)
	for _, n := range of {
		batches[n]++
	}
	return batches
}
