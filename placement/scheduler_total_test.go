package placement

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestSchedulerRefusesWhatDoesNotAddUp: demands that validate would refuse together are refused one by one, and what is
// removed or replaced makes room again.
func TestSchedulerRefusesWhatDoesNotAddUp(t *testing.T) {
	ctx := context.Background()
	s, err := NewScheduler(ctx, Answer{Problem: historyWorld(t, 4)}, &SchedulerOptions{Prices: &Certificate{}})
	require.NoError(t, err)
	large := func(name string) Application {
		app := Application{Name: name, Workloads: []Workload{{
			ID: WorkloadID(name + "/a"), Application: name, Component: "a", Kind: VM, Priority: 1,
			Demand: topology.Resources{topology.CPU: math.MaxInt64/3 + 1},
		}}}
		return app
	}
	require.NoError(t, s.Add(ctx, large("one")))
	require.NoError(t, s.Add(ctx, large("two")))
	require.NoError(t, s.Add(ctx, large("two")), "it replaces itself")
	require.ErrorContains(t, s.Add(ctx, large("three")), "overflows")
	require.NoError(t, s.Remove("one"))
	require.NoError(t, s.Add(ctx, large("three")))
	_, err = Check(ctx, s.Answer().Problem, s.Answer().Assignment)
	require.NoError(t, err)
}

// TestSchedulerReusesSlots: applications that come and go leave nothing behind that grows.
func TestSchedulerReusesSlots(t *testing.T) {
	ctx := context.Background()
	s, err := NewScheduler(ctx, Answer{Problem: historyWorld(t, 4)}, &SchedulerOptions{Prices: &Certificate{}})
	require.NoError(t, err)
	before := s.now.Load().slots
	for n := range 50 {
		name := fmt.Sprint("app-", n)
		app := Application{Name: name, Workloads: []Workload{{
			ID: WorkloadID(name + "/a"), Application: name, Component: "a", Kind: VM, Priority: 1,
			Demand: topology.Resources{topology.CPU: 1},
		}}}
		require.NoError(t, s.Add(ctx, app))
		found, err := s.Candidates(ctx, app.Workloads[0].ID, 1)
		require.NoError(t, err)
		if len(found) > 0 {
			require.NoError(t, s.Reserve(ctx, Assignment{app.Workloads[0].ID: found[0].Site}))
		}
		require.NoError(t, s.Remove(name))
	}
	require.LessOrEqual(t, s.now.Load().slots, before+1)
	ans := s.Answer()
	broken, err := Check(ctx, ans.Problem, ans.Assignment)
	require.NoError(t, err)
	require.Empty(t, broken)
}
