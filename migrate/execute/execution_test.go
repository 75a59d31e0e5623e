package execute_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/migrate/execute"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// pair is two sites with room for two cores each, a link, and one workload of two cores on "a" that is to go to "b".
func pair(t *testing.T, edit ...func(*placement.Workload)) *placement.Problem {
	return network(t, func(*topology.Spec) {}, edit...)
}

func network(t *testing.T, change func(*topology.Spec), edit ...func(*placement.Workload)) *placement.Problem {
	t.Helper()
	spec := topology.Spec{Name: "test", AsOf: day, Providers: []topology.Provider{{ID: "p", Name: "p", Country: "DE"}}}
	for _, id := range []topology.SiteID{"a", "b", "c"} {
		spec.Sites = append(spec.Sites, topology.Site{
			ID: id, Name: string(id), Provider: "p", Country: "DE", City: "x", Tier: topology.Regional, Location: topology.Location{Lat: 50, Lon: 8},
			Capacity: topology.Resources{topology.CPU: 2000}, Runtimes: []topology.Runtime{topology.VM}, Energy: topology.Energy{PUE: 1000},
		})
	}
	for _, ends := range [][2]topology.NodeID{{"a", "b"}, {"b", "c"}, {"a", "c"}} {
		spec.Links = append(spec.Links, topology.Link{
			ID: topology.LinkID(ends[0] + "--" + ends[1]), A: ends[0], B: ends[1], Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"},
			RTT: topology.RTT{P50: 1000, P95: 2000, P99: 3000}, Bandwidth: 8e9,
		})
	}
	change(&spec)
	c, err := topology.New(spec)
	require.NoError(t, err)
	w := placement.Workload{
		ID: "app/one", Application: "app", Component: "one", Kind: placement.VM, Priority: 1,
		Demand: topology.Resources{topology.CPU: 2000}, Migration: placement.Migration{Memory: 10e9},
	}
	for _, e := range edit {
		e(&w)
	}
	return &placement.Problem{Continuum: c, Applications: []placement.Application{{Name: "app", Workloads: []placement.Workload{w}}}, AsOf: day}
}

var atA, atB = placement.Assignment{"app/one": "a"}, placement.Assignment{"app/one": "b"}

// script drives an execution by hand.
type script struct {
	*testing.T
	e *execute.Execution
}

func start(t *testing.T, p *placement.Problem, opts *execute.Options) *script {
	t.Helper()
	e, err := execute.New(context.Background(), p, atA, atB, opts)
	require.NoError(t, err)
	return &script{t, e}
}

// tell reports, and returns the commands as text.
func (s *script) tell(kind execute.News, seconds int, edit ...func(*execute.Report)) string {
	s.Helper()
	r := execute.Report{Kind: kind, At: topology.Micros(seconds) * 1_000_000, Attempt: 1}
	for _, e := range edit {
		e(&r)
	}
	commands, err := s.e.Handle(context.Background(), r)
	require.NoError(s, err)
	var out []string
	for _, c := range commands {
		out = append(out, fmt.Sprintf("%s %d", c.Do, c.Attempt))
	}
	return strings.Join(out, ", ")
}

func on(ask int, sites ...topology.SiteID) func(*execute.Report) {
	return func(r *execute.Report) { r.Ask, r.Sites = ask, sites }
}

func TestAMoveIsMade(t *testing.T) {
	s := start(t, pair(t), nil)
	assert.False(t, s.e.Done())
	assert.Equal(t, "start 1", s.tell(execute.Passed, 0))
	assert.Empty(t, s.tell(execute.Started, 1))
	assert.Empty(t, s.tell(execute.Started, 2), "twice")
	assert.Empty(t, s.tell(execute.Ended, 9))
	assert.Empty(t, s.tell(execute.Ended, 10), "twice")
	assert.True(t, s.e.Done())
	o := s.e.Outcome()
	assert.Equal(t, atB, o.At)
	require.Len(t, o.Made, 1)
	assert.Equal(t, topology.Micros(9_000_000), o.Made[0].End)
	assert.Empty(t, o.Notes)
}

func TestSilenceIsAskedAboutAndNeverGuessed(t *testing.T) {
	s := start(t, pair(t), nil)
	s.tell(execute.Passed, 0)
	assert.Equal(t, topology.Micros(30_000_000), s.e.Wake())
	assert.Equal(t, "cancel 1, look 1", s.tell(execute.Passed, 30))
	assert.Equal(t, "cancel 1, look 1", s.tell(execute.Passed, 60))
	assert.Equal(t, "cancel 1, look 1", s.tell(execute.Passed, 90))
	assert.Empty(t, s.tell(execute.Passed, 120))
	assert.True(t, s.e.Done())
	o := s.e.Outcome()
	assert.Empty(t, o.At)
	require.Len(t, o.Doubts, 1)
	assert.True(t, o.Doubts[0].Unknown)
	assert.Equal(t, []topology.SiteID{"a", "b"}, o.Doubts[0].Sites)

	assert.Empty(t, s.tell(execute.Found, 200, on(2, "a")), "an answer to an earlier question counts no more")
	assert.Len(t, s.e.Outcome().Doubts, 1)
	assert.Empty(t, s.tell(execute.Ended, 300), "it is heard of after all")
	assert.Equal(t, atB, s.e.Outcome().At)
	assert.Empty(t, s.e.Outcome().Doubts)
}

func TestAFailedMoveIsLookedForAndTriedAgain(t *testing.T) {
	s := start(t, pair(t), &execute.Options{Retries: 1})
	s.tell(execute.Passed, 0)
	s.tell(execute.Started, 1)
	assert.Equal(t, "look 1", s.tell(execute.Failed, 5))
	assert.Equal(t, "start 2", s.tell(execute.Found, 6, on(1, "a")))
	second := func(r *execute.Report) { r.Attempt = 2 }
	assert.Equal(t, "look 2", s.tell(execute.Failed, 7, second))
	assert.Empty(t, s.tell(execute.Found, 8, second, on(2, "a")))
	assert.True(t, s.e.Done())
	o := s.e.Outcome()
	assert.Equal(t, atA, o.At)
	require.Len(t, o.Staying, 1)
	assert.Contains(t, o.Staying[0].Message, "failed 2 times")
}

func TestAFailedPostCopyIsALostSource(t *testing.T) {
	post := func(w *placement.Workload) { w.Migration.Methods = []placement.Method{placement.PostCopy} }
	s := start(t, pair(t, post), nil)
	s.tell(execute.Passed, 0)
	s.tell(execute.Started, 0)
	s.tell(execute.Failed, 5)
	assert.Empty(t, s.tell(execute.Found, 6, on(1)))
	o := s.e.Outcome()
	require.Len(t, o.Doubts, 1)
	assert.False(t, o.Doubts[0].Unknown)
	assert.Contains(t, o.Doubts[0].Message, "lost on the way")
	assert.Empty(t, o.At)

	s = start(t, pair(t, post), nil) // one that is overdue cannot be called off
	s.tell(execute.Passed, 0)
	s.tell(execute.Started, 0)
	assert.Equal(t, "look 1", s.tell(execute.Passed, int(s.e.Wake()/1_000_000)+1))
}

func TestTwoPlacesAreReported(t *testing.T) {
	s := start(t, pair(t), nil)
	s.tell(execute.Passed, 0)
	s.tell(execute.Failed, 5)
	s.tell(execute.Found, 6, on(1, "b", "a"))
	o := s.e.Outcome()
	require.Len(t, o.Doubts, 1)
	assert.Contains(t, o.Doubts[0].Message, "2 places: [a b]")
}

func TestAContradictionIsLookedInto(t *testing.T) {
	s := start(t, pair(t), nil)
	s.tell(execute.Passed, 0)
	s.tell(execute.Ended, 5)
	assert.Equal(t, "cancel 1, look 1", s.tell(execute.Failed, 6))
	assert.Equal(t, "start 2", s.tell(execute.Found, 7, on(1, "a")))
	assert.Empty(t, s.e.Outcome().Made, "it was not made after all")
}

func TestAWorldThatChangesIsPlannedForAnew(t *testing.T) {
	s := start(t, pair(t), nil)
	s.tell(execute.Passed, 0)
	s.tell(execute.Failed, 5)
	s.e.Change(network(t, func(x *topology.Spec) { x.Sites[1].State = topology.Down }))
	assert.Empty(t, s.tell(execute.Found, 6, on(1, "a")))
	assert.True(t, s.e.Done())
	o := s.e.Outcome()
	require.Len(t, o.Staying, 1)
	assert.Contains(t, o.Staying[0].Message, "b is down")
}

func TestTheWayBackEndsAtAClosedSite(t *testing.T) {
	s := start(t, network(t, func(x *topology.Spec) { x.Sites[0].State = topology.Cordoned }), nil)
	plan, _ := s.e.Plan()
	assert.Zero(t, plan.NoReturn)
	s.tell(execute.Passed, 0)
	s.tell(execute.Ended, 5)
	s.e.Abort()
	assert.Empty(t, s.tell(execute.Passed, 6))
	assert.True(t, s.e.Done())
	o := s.e.Outcome()
	assert.Equal(t, atB, o.At)
	require.Len(t, o.Staying, 1)
	assert.Contains(t, o.Staying[0].Message, "cordoned")

	s = start(t, pair(t), nil) // an open one is gone back to
	s.tell(execute.Passed, 0)
	s.tell(execute.Ended, 5)
	s.e.Abort()
	assert.Equal(t, "start 2", s.tell(execute.Passed, 6))
	s.tell(execute.Ended, 9, func(r *execute.Report) { r.Attempt = 2 })
	assert.Equal(t, atA, s.e.Outcome().At)
}

func TestNothingBeginsOutsideItsCalendar(t *testing.T) {
	o := &migrate.Options{Calendars: []migrate.Calendar{{Name: "night", Windows: []migrate.Slot{{From: day.Add(time.Hour), Until: day.Add(2 * time.Hour)}}}}}
	s := start(t, pair(t), &execute.Options{Plan: o, Retries: 5})
	assert.Empty(t, s.tell(execute.Passed, 0))
	assert.False(t, s.e.Done())
	assert.Equal(t, topology.Micros(3600_000_000), s.e.Wake())
	assert.Equal(t, "start 1", s.tell(execute.Passed, 3600))
	s.tell(execute.Failed, 7100)
	assert.Empty(t, s.tell(execute.Found, 7195, on(1, "a")), "five seconds are not enough")
	assert.True(t, s.e.Done())
	assert.Contains(t, s.e.Outcome().Staying[0].Message, "night")
}

func TestBadReports(t *testing.T) {
	s := start(t, pair(t), nil)
	for _, r := range []execute.Report{
		{Kind: execute.Ended, Attempt: 7}, {Kind: execute.Ended}, {Kind: execute.Passed, At: 1 << 62},
	} {
		_, err := s.e.Handle(context.Background(), r)
		assert.ErrorIs(t, err, migrate.ErrInvalid)
	}
	s.tell(execute.Passed, 0)
	_, err := s.e.Handle(context.Background(), execute.Report{Kind: "gone", Attempt: 1})
	assert.ErrorContains(t, err, `kind "gone"`)
	_, err = execute.New(context.Background(), pair(t), atA, atB, &execute.Options{Patience: -1, Looks: -2})
	assert.ErrorContains(t, err, "patience")
	assert.ErrorContains(t, err, "looks")
}

// TestCompanyOfADoubtStaysWhereItIs: two replicas may not share a site. One is unknown between a and b, so nobody can say
// whether the other may go to either.
func TestCompanyOfADoubtStaysWhereItIs(t *testing.T) {
	p := network(t, func(x *topology.Spec) {
		for i := range x.Sites {
			x.Sites[i].Capacity = topology.Resources{topology.CPU: 8000}
		}
	})
	two := p.Applications[0].Workloads[0]
	two.ID, two.Component = "app/two", "two"
	app := &p.Applications[0]
	app.Workloads = append(app.Workloads, two)
	app.Constraints = []placement.Constraint{placement.Conflict{Components: []string{"one", "two"}, Over: "site", AtMost: 1}}
	e, err := execute.New(context.Background(), p, placement.Assignment{"app/one": "a", "app/two": "c"}, placement.Assignment{"app/one": "b", "app/two": "a"}, nil)
	require.NoError(t, err)
	s := &script{t, e}
	assert.Equal(t, "start 1", s.tell(execute.Passed, 0), "the other waits for the place")
	for _, at := range []int{30, 60, 90, 120} {
		s.tell(execute.Passed, at)
	}
	assert.True(t, s.e.Done())
	o := s.e.Outcome()
	assert.Len(t, o.Doubts, 1)
	require.Len(t, o.Staying, 1)
	assert.Contains(t, o.Staying[0].Message, "shares a constraint with app/one")
}
