package execute_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/migrate/execute"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// ordered is a problem with two small workloads, "app/one" before "app/two", from "a" to "b", and a deadline that is missed.
func ordered(t *testing.T) (*placement.Problem, placement.Assignment, placement.Assignment, *execute.Options) {
	p := pair(t, func(w *placement.Workload) { w.Demand = topology.Resources{topology.CPU: 500} })
	two := p.Applications[0].Workloads[0]
	two.ID, two.Component = "app/two", "two"
	p.Applications[0].Workloads = append(p.Applications[0].Workloads, two)
	from := placement.Assignment{"app/one": "a", "app/two": "a"}
	to := placement.Assignment{"app/one": "b", "app/two": "b"}
	return p, from, to, &execute.Options{Retries: -1, Plan: &migrate.Options{
		Before:    []migrate.Precedence{{First: migrate.Which{Components: []string{"one"}}, Then: migrate.Which{Components: []string{"two"}}}},
		Deadlines: []migrate.Deadline{{By: day.Add(time.Second)}},
	}}
}

// The way back goes by the options of the way back: who went first goes last, and no deadline is missed again.
func TestTheWayBackTurnsPrecedencesRoundAndHasNoDeadlines(t *testing.T) {
	p, from, to, opts := ordered(t)
	e, err := execute.New(context.Background(), p, from, to, opts)
	require.NoError(t, err)
	s := &script{t, e}
	second := func(r *execute.Report) { r.Attempt = 2 }
	third := func(r *execute.Report) { r.Attempt = 3 }
	assert.Equal(t, "start 1", s.tell(execute.Passed, 0))
	s.tell(execute.Started, 1)
	assert.Equal(t, "start 2", s.tell(execute.Ended, 9))
	s.tell(execute.Started, 10, second)
	assert.Empty(t, s.tell(execute.Ended, 19, second))
	e.Abort()
	assert.Equal(t, "start 3", s.tell(execute.Passed, 20))
	plan, _ := e.Plan()
	require.Len(t, plan.Moves, 2)
	assert.Equal(t, placement.WorkloadID("app/two"), plan.Moves[0].Workload)
	assert.Equal(t, []int{0}, plan.Moves[1].After)
	assert.Equal(t, "start 4", s.tell(execute.Ended, 30, third))
	assert.Empty(t, s.tell(execute.Ended, 40, func(r *execute.Report) { r.Attempt = 4 }))
	assert.Equal(t, from, e.Outcome().At)
}

// Who is to go second does not go where the first one has given up.
func TestWhoGoesSecondStaysWhereTheFirstHasFailedTooOften(t *testing.T) {
	p, from, to, opts := ordered(t)
	e, err := execute.New(context.Background(), p, from, to, opts)
	require.NoError(t, err)
	s := &script{t, e}
	assert.Equal(t, "start 1", s.tell(execute.Passed, 0))
	s.tell(execute.Started, 1)
	assert.Equal(t, "look 1", s.tell(execute.Failed, 5))
	assert.Empty(t, s.tell(execute.Found, 6, on(1, "a")))
	assert.True(t, e.Done())
	o := e.Outcome()
	assert.Equal(t, from, o.At)
	require.Len(t, o.Staying, 2)
	assert.Equal(t, "held back: it goes after app/one, which does not get there", o.Staying[1].Message)
}

// Nor where the first one is in doubt.
func TestWhoGoesSecondStaysWhereTheFirstIsInDoubt(t *testing.T) {
	p, from, to, opts := ordered(t)
	e, err := execute.New(context.Background(), p, from, to, opts)
	require.NoError(t, err)
	s := &script{t, e}
	s.tell(execute.Passed, 0)
	for _, at := range []int{30, 60, 90} {
		assert.Equal(t, "cancel 1, look 1", s.tell(execute.Passed, at))
	}
	assert.Empty(t, s.tell(execute.Passed, 120))
	o := e.Outcome()
	require.Len(t, o.Doubts, 1)
	require.Len(t, o.Staying, 1)
	assert.Equal(t, "held back: it goes after app/one, which does not get there", o.Staying[0].Message)
	assert.Equal(t, "start 2", s.tell(execute.Ended, 200), "it is heard of after all")
}

func TestNoProblemIsBadInput(t *testing.T) {
	_, err := execute.New(context.Background(), nil, atA, atB, &execute.Options{Looks: -1})
	require.ErrorIs(t, err, migrate.ErrInvalid)
	assert.ErrorContains(t, err, "looks")
	s := start(t, pair(t), nil)
	require.ErrorIs(t, s.e.Change(nil), migrate.ErrInvalid)
	assert.Equal(t, "start 1", s.tell(execute.Passed, 0), "nothing has changed")
}
