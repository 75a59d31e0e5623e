package placement

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireOutlook holds an outlook to the checker's refusals and to the ranking.
func requireOutlook(t *testing.T, s, bare *Scheduler, e *Explainer, app Application, a Assignment, id WorkloadID) (refused int) {
	t.Helper()
	ctx := context.Background()
	o, err := bare.Outlook(ctx, app, a, id)
	require.NoError(t, err)
	best, err := s.Candidates(ctx, id, len(o.Sites))
	require.NoError(t, err)
	slices.SortStableFunc(best, func(a, b Candidate) int {
		return cmp.Compare(o.Rank[slices.Index(o.Sites, a.Site)], o.Rank[slices.Index(o.Sites, b.Site)])
	})
	again, err := s.Candidates(ctx, id, len(o.Sites))
	require.NoError(t, err)
	require.Equal(t, again, best, "the ranks are the order of Candidates")
	for k, site := range o.Sites {
		why, err := e.WhyNot(ctx, id, site)
		require.NoError(t, err)
		var kinds []ConstraintKind
		for _, v := range why.Violations {
			if v.Kind != ByGang {
				kinds = append(kinds, v.Kind)
			}
		}
		at := slices.IndexFunc(best, func(c Candidate) bool { return c.Site == site })
		if o.Refused[k] == "" {
			require.Empty(t, kinds, "%s on %s", id, site)
			require.GreaterOrEqual(t, at, 0)
			require.Equal(t, best[at].Cost+best[at].Shadow, o.Cost[k])
			require.GreaterOrEqual(t, o.Rank[k], int32(0))
			continue
		}
		refused++
		require.Contains(t, kinds, o.Refused[k], "%s on %s", id, site)
		require.Negative(t, at)
		require.Equal(t, int32(-1), o.Rank[k])
	}
	return refused
}

// TestOutlookIsWhatTheCheckerSays: on random worlds, of an application that the scheduler knows and of one that it does not.
func TestOutlookIsWhatTheCheckerSays(t *testing.T) {
	ctx := context.Background()
	worlds, refused, asked := uint64(24), 0, 0
	if testing.Short() {
		worlds = 6
	}
	for seed := range worlds {
		w := newWorld(t, seed, 12, 3)
		w.settle(t)
		s, err := NewScheduler(ctx, Answer{w.p, w.a}, &SchedulerOptions{Prices: &Certificate{}, Shapes: 3})
		require.NoError(t, err)
		e, err := Explain(ctx, s.Answer())
		require.NoError(t, err)
		for k, app := range w.p.Applications {
			without := *w.p
			without.Applications = slices.Delete(slices.Clone(w.p.Applications), k, k+1)
			bare, err := NewScheduler(ctx, Answer{&without, w.a}, &SchedulerOptions{Prices: &Certificate{}, Shapes: 3})
			require.NoError(t, err)
			before := bare.Answer()
			for i := range app.Workloads {
				id := app.Workloads[i].ID
				asked++
				refused += requireOutlook(t, s, bare, e, app, w.a, id)
				known, err := s.Outlook(ctx, app, w.a, id)
				require.NoError(t, err)
				unknown, err := bare.Outlook(ctx, app, w.a, id)
				require.NoError(t, err)
				require.Equal(t, known, unknown)
			}
			require.Equal(t, before.Assignment, bare.Answer().Assignment, "asking leaves no trace")
		}
	}
	assert.Greater(t, refused, 10*asked/10)
	assert.Greater(t, asked, 10*int(worlds)/2)
}

func TestOutlookOfNobody(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	s, err := NewScheduler(ctx, Answer{Problem: p}, &SchedulerOptions{Prices: &Certificate{}})
	require.NoError(t, err)
	app := p.Applications[0]
	_, err = s.Outlook(ctx, app, nil, "app0/y-1")
	require.ErrorIs(t, err, ErrInvalid)
	app.Name = "another"
	_, err = s.Outlook(ctx, app, nil, "app0/x-1")
	require.ErrorIs(t, err, ErrInvalid, "another application has the workload")
	o, err := s.Outlook(ctx, p.Applications[0], Assignment{"app0/x-2": "s0", "app0/x-3": "s0", "nobody": "s1", "app0/x-1": "nowhere"}, "app0/x-1")
	require.NoError(t, err)
	require.Equal(t, []ConstraintKind{ByConflict, "", ""}, o.Refused)
	require.Equal(t, []int32{-1, 0, 1}, o.Rank)
}
