package placement

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// without are options without shadow prices.
var without = &SchedulerOptions{Prices: &Certificate{}}

// pair is an application of two workloads that a constraint ties together.
func pair(name string, constraint Constraint) Application {
	app := Application{Name: name, Constraints: []Constraint{constraint}}
	for _, component := range []string{"a", "b"} {
		app.Workloads = append(app.Workloads, Workload{ID: WorkloadID(name + "/" + component), Application: name, Component: component,
			Kind: VM, Priority: 1, Demand: topology.Resources{topology.CPU: 1000}})
	}
	return app
}

func sitesOf(all []Candidate) (out []topology.SiteID) {
	for _, c := range all {
		out = append(out, c.Site)
	}
	return out
}

// TestGangsAndPartnersComeTogether: what cannot be placed one by one is placed in one reservation.
func TestGangsAndPartnersComeTogether(t *testing.T) {
	ctx := context.Background()
	s, err := NewScheduler(ctx, Answer{Problem: historyWorld(t, 4)}, without)
	require.NoError(t, err)
	for _, c := range []struct {
		name       string
		constraint Constraint
		kind       ConstraintKind
	}{
		{"gang", Gang{Components: []string{"a", "b"}}, ByGang},
		{"attend", Affinity{Components: []string{"a"}, With: []string{"b"}, Over: "site"}, ByAffinity},
	} {
		require.NoError(t, s.Add(ctx, pair(c.name, c.constraint)))
		a, b := WorkloadID(c.name+"/a"), WorkloadID(c.name+"/b")
		var refusal *Refusal
		require.ErrorAs(t, s.Reserve(ctx, Assignment{a: "s0"}), &refusal)
		assert.Equal(t, c.kind, refusal.Kind)
		require.NoError(t, s.Reserve(ctx, Assignment{a: "s0", b: "s0"}))
		ans := s.Answer()
		broken, err := Check(ctx, ans.Problem, ans.Assignment)
		require.NoError(t, err)
		assert.Empty(t, broken)
		require.NoError(t, s.Release(b), "who is gone is gone")
		ans = s.Answer()
		broken, err = Check(ctx, ans.Problem, ans.Assignment)
		require.NoError(t, err)
		require.Len(t, broken, 1)
		assert.Equal(t, c.kind, broken[0].Kind)
		require.NoError(t, s.Reserve(ctx, Assignment{b: "s0"}), "what heals is never refused")
		require.NoError(t, s.Remove(c.name))
		require.Empty(t, s.Answer().Assignment)
		_, err = s.Candidates(ctx, a, 1)
		require.ErrorIs(t, err, ErrInvalid)
	}
}

// TestAddReplaces: an application that grows keeps the places of those that stay, one that shrinks gives some back.
func TestAddReplaces(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	s, err := NewScheduler(ctx, Answer{Problem: p}, without)
	require.NoError(t, err)
	require.NoError(t, s.Reserve(ctx, Assignment{"app1/x-1": "s0", "app1/x-3": "s0"}))
	smaller := p.Applications[1]
	smaller.Workloads = smaller.Workloads[:2]
	require.NoError(t, s.Add(ctx, smaller))
	assert.Equal(t, Assignment{"app1/x-1": "s0"}, s.Answer().Assignment)
	require.NoError(t, s.Add(ctx, p.Applications[1]))
	best, err := s.Candidates(ctx, "app1/x-3", 3)
	require.NoError(t, err)
	assert.Equal(t, []topology.SiteID{"s0", "s1", "s2"}, sitesOf(best))

	stolen := pair("thief", Gang{Components: []string{"a"}})
	stolen.Workloads[0].ID = "app1/x-1"
	require.ErrorIs(t, s.Add(ctx, stolen), ErrInvalid)
	bad := pair("bad", Gang{Components: []string{"none"}})
	require.ErrorIs(t, s.Add(ctx, bad), ErrInvalid)
	require.ErrorIs(t, s.Remove("bad"), ErrInvalid)
	assert.Equal(t, Assignment{"app1/x-1": "s0"}, s.Answer().Assignment)
}

// TestManyApplicationsComeAndGo: tables grow and slots are not mixed up.
func TestManyApplicationsComeAndGo(t *testing.T) {
	ctx := context.Background()
	s, err := NewScheduler(ctx, Answer{Problem: historyWorld(t, 3000)}, &SchedulerOptions{Prices: &Certificate{}, Shapes: 4})
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	want := Assignment{}
	for n := range 1500 {
		name := "n" + strconv.Itoa(r.IntN(400))
		a, b := WorkloadID(name+"/a"), WorkloadID(name+"/b")
		if _, ok := want[a]; ok && n%3 > 0 {
			require.NoError(t, s.Remove(name))
			delete(want, a)
			delete(want, b)
			continue
		}
		require.NoError(t, s.Add(ctx, pair(name, Spread{Components: []string{"a", "b"}, Over: "site", AtLeast: 2})))
		if _, ok := want[a]; !ok {
			require.NoError(t, s.Reserve(ctx, Assignment{a: "s1", b: "s2"}))
			want[a], want[b] = "s1", "s2"
		}
	}
	ans := s.Answer()
	assert.Equal(t, want, ans.Assignment)
	assert.LessOrEqual(t, len(s.now.Load().world.shapes.shapes), 4)
	broken, err := Check(ctx, ans.Problem, ans.Assignment)
	require.NoError(t, err)
	assert.Empty(t, broken)
	fresh, err := NewScheduler(ctx, ans, without)
	require.NoError(t, err)
	for at := range int32(3) {
		assert.Equal(t, fresh.now.Load().free.at(at), s.now.Load().free.at(at), "room kept up to date equals room recomputed")
	}
}

// TestUpdateKeepsPlaces: reservations outlive a new picture, but for those whose site is gone; what shrank takes nothing
// more; what the new problem knows for the first time starts where it runs.
func TestUpdateKeepsPlaces(t *testing.T) {
	ctx := context.Background()
	s, err := NewScheduler(ctx, Answer{Problem: historyWorld(t, 4)}, without)
	require.NoError(t, err)
	require.NoError(t, s.Reserve(ctx, Assignment{"app0/x-1": "s0", "app2/x-1": "s0", "app1/x-1": "s2"}))
	next := historyWorld(t, 3)
	changed, err := next.Continuum.Update(topology.Changes{RemoveNodes: []topology.NodeID{topology.SiteID("s2").Node()}})
	require.NoError(t, err)
	next.Continuum = changed
	next.Applications = append(next.Applications[:1:1], pair("new", Gang{Components: []string{"a"}}))
	next.Current = Assignment{"new/b": "s1", "app0/x-2": "s1"}
	lost, err := s.Update(ctx, next, nil)
	require.NoError(t, err)
	assert.Equal(t, []WorkloadID{"app1/x-1"}, lost)
	ans := s.Answer()
	assert.Equal(t, Assignment{"app0/x-1": "s0", "app2/x-1": "s0", "new/b": "s1"}, ans.Assignment)
	assert.Len(t, ans.Problem.Applications, 5)
	best, err := s.Candidates(ctx, "app0/x-2", 3)
	require.NoError(t, err)
	assert.Equal(t, []topology.SiteID{"s1"}, sitesOf(best), "s0 holds more than it has now")

	budget := historyWorld(t, 4)
	budget.Budgets = []Budget{CostBudget{[]Term{{Kind: Price, Weight: 1}}, 1}}
	_, err = s.Update(ctx, budget, nil)
	require.ErrorIs(t, err, ErrInvalid)
	assert.Equal(t, ans.Assignment, s.Answer().Assignment, "nothing changed")
}

// failing is an Admission out of order.
type failing struct{ ownOnly }

var errOutOfOrder = errors.New("out of order")

func (failing) Admit(context.Context, Scope, *Workload, []*topology.Site) ([]Verdict, error) {
	return nil, errOutOfOrder
}

// TestSchedulerFailsClosed: what cannot be judged is not granted.
func TestSchedulerFailsClosed(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	p.Admission = failing{}
	s, err := NewScheduler(ctx, Answer{Problem: p}, without)
	require.NoError(t, err)
	_, err = s.Candidates(ctx, "app0/x-1", 1)
	require.ErrorIs(t, err, errOutOfOrder)
	require.ErrorIs(t, s.Reserve(ctx, Assignment{"app0/x-1": "s0"}), errOutOfOrder)
	require.Empty(t, s.Answer().Assignment)

	p.Admission = nil
	p.Applications[0].Workloads[0].Demand = topology.Resources{"unheard": 1}
	p.Applications[0].Workloads[1].Site = "s1"
	_, err = s.Update(ctx, p, nil)
	require.NoError(t, err)
	best, err := s.Candidates(ctx, "app0/x-1", 5)
	require.NoError(t, err)
	assert.Empty(t, best)
	var refusal *Refusal
	require.ErrorAs(t, s.Reserve(ctx, Assignment{"app0/x-1": "s0"}), &refusal)
	assert.Equal(t, ByCapacity, refusal.Kind)
	require.ErrorAs(t, s.Reserve(ctx, Assignment{"app0/x-2": "s0"}), &refusal)
	assert.Equal(t, BySelector, refusal.Kind)
	for _, err := range []error{
		s.Reserve(ctx, Assignment{"none": "s0"}), s.Reserve(ctx, Assignment{"app0/x-2": "none"}), s.Release("none"), s.Release("app0/x-2"),
	} {
		require.ErrorIs(t, err, ErrInvalid)
	}
	_, err = NewScheduler(ctx, Answer{}, nil)
	require.ErrorIs(t, err, ErrInvalid)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = s.Candidates(ended, "app3/x-1", 1)
	require.ErrorIs(t, err, context.Canceled)
}

// TestAllocationsDoNotGrowWithSites: a decision about a shape that was seen before allocates as much on many sites as on
// few.
func TestAllocationsDoNotGrowWithSites(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of sites")
	}
	ctx := context.Background()
	perDecision := func(sites int) float64 {
		p := historyWorld(t, 4000)
		var put []topology.Site
		for k := range sites {
			s, _ := p.Continuum.Site("s0")
			site := *s
			site.ID = topology.SiteID(fmt.Sprintf("t%05d", k))
			put = append(put, site)
		}
		c, err := p.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: put}})
		require.NoError(t, err)
		p.Continuum = c
		s, err := NewScheduler(ctx, Answer{Problem: p}, without)
		require.NoError(t, err)
		return testing.AllocsPerRun(20, func() {
			best, err := s.Candidates(ctx, "app0/x-1", 8)
			if err != nil || len(best) != 8 || s.Reserve(ctx, Assignment{"app0/x-1": best[7].Site}) != nil || s.Release("app0/x-1") != nil {
				t.Fatal(err, best)
			}
		})
	}
	few, many := perDecision(100), perDecision(5000)
	assert.Equal(t, few, many)
	assert.Less(t, many, 60.0)
}

// TestExplainerIsWhyAndWhyNot: prepared or not, and from several goroutines, the answers are the same.
func TestExplainerIsWhyAndWhyNot(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, 5, 6, 2)
	ans := Answer{w.p, w.a}
	e, err := Explain(ctx, ans)
	require.NoError(t, err)
	var wait sync.WaitGroup
	for _, id := range w.workloads() {
		wait.Go(func() {
			want, err := Why(ctx, ans, id)
			assert.NoError(t, err)
			have, err := e.Why(ctx, id)
			assert.NoError(t, err)
			assert.Equal(t, want, have)
			for s := range w.p.Continuum.Sites() {
				want, err := WhyNot(ctx, ans, id, s.ID)
				assert.NoError(t, err)
				have, err := e.WhyNot(ctx, id, s.ID)
				assert.NoError(t, err)
				assert.Equal(t, want, have)
			}
		})
	}
	wait.Wait()
	_, err = e.Why(ctx, "none")
	require.ErrorIs(t, err, ErrInvalid)
	_, err = e.WhyNot(ctx, w.workloads()[0], "none")
	require.ErrorIs(t, err, ErrInvalid)
	_, err = Explain(ctx, Answer{w.p, Assignment{"none": "s00"}})
	require.ErrorIs(t, err, ErrInvalid)
}
