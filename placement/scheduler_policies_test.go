package placement

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// only is an Admission that admits one site, and a Transit that forbids all but one country where country is set. It keeps
// the answers that it gave apart from those of others by its number.
type only struct {
	site    topology.SiteID
	country topology.Jurisdiction
}

func (o *only) Admit(_ context.Context, _ Scope, _ *Workload, sites []*topology.Site) ([]Verdict, error) {
	out := make([]Verdict, len(sites))
	for i, s := range sites {
		out[i].Denied = o.site != "" && s.ID != o.site
	}
	return out, nil
}

func (o *only) Reasons(_ context.Context, _ Scope, _ *Workload, s *topology.Site) ([]Reason, error) {
	if o.site == "" || s.ID == o.site {
		return nil, nil
	}
	return []Reason{{Code: "ONLY-" + string(o.site), Title: "one site", Location: "only.go:1"}}, nil
}

func (o *only) Transit(context.Context, Scope, DataClass) (latency.Transit, error) {
	if o.country == "" {
		return latency.Transit{}, nil
	}
	return latency.NewTransit(latency.Permit{Jurisdictions: []topology.Jurisdiction{o.country}, AnyOperator: true}), nil
}

func (o *only) TransitReasons(context.Context, Scope, DataClass, topology.Jurisdiction, string) ([]Reason, error) {
	return nil, nil
}

// TestUpdatePoliciesReportsAndKeeps: what stands where the new policies refuse it stays and is told, once for each time it is
// so; what they allow is not told; nothing else is refused on its account, and what is gone cannot come back there.
func TestUpdatePoliciesReportsAndKeeps(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	p.Admission = &only{}
	s, err := NewScheduler(ctx, Answer{Problem: p}, without)
	require.NoError(t, err)
	placed := Assignment{"app0/x-1": "s0", "app0/x-2": "s1", "app1/x-1": "s2"}
	require.NoError(t, s.Reserve(ctx, placed))

	refused, err := s.UpdatePolicies(ctx, &only{site: "s1"}, nil)
	require.NoError(t, err)
	require.Len(t, refused, 2)
	for k, w := range []WorkloadID{"app0/x-1", "app1/x-1"} {
		assert.Equal(t, ByAdmission, refused[k].Kind)
		assert.Equal(t, []WorkloadID{w}, refused[k].Workloads)
		assert.Equal(t, placed[w], refused[k].Site)
		assert.Equal(t, "ONLY-s1", refused[k].Reasons[0].Code)
	}
	assert.Equal(t, placed, s.Answer().Assignment)
	best, err := s.Candidates(ctx, "app0/x-3", 9)
	require.NoError(t, err)
	assert.Equal(t, []topology.SiteID{"s1"}, sitesOf(best))
	require.NoError(t, s.Reserve(ctx, Assignment{"app0/x-3": "s1"}), "its neighbours do not pay for app0/x-1")
	require.NoError(t, s.Release("app0/x-1"))
	var refusal *Refusal
	require.ErrorAs(t, s.Reserve(ctx, Assignment{"app0/x-1": "s0"}), &refusal)
	assert.Equal(t, ByAdmission, refusal.Kind)

	again, err := s.UpdatePolicies(ctx, &only{site: "s1"}, nil)
	require.NoError(t, err)
	require.Len(t, again, 1, "as long as it is so it is told")
	none, err := s.UpdatePolicies(ctx, nil, nil)
	require.NoError(t, err)
	assert.Empty(t, none)
	require.NoError(t, s.Reserve(ctx, Assignment{"app0/x-1": "s0"}))
}

// Digest and Revision identify it.
func (o *only) Digest() string   { return "digest of " + string(o.site) }
func (o *only) Revision() string { return "revision of " + string(o.site) }

// TestDecisionsAreTold: each with the policies that made it, in order.
func TestDecisionsAreTold(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	p.Admission = &only{site: "s1"}
	var told []Decision
	s, err := NewScheduler(ctx, Answer{Problem: p}, &SchedulerOptions{Prices: &Certificate{}, Decided: func(d Decision) { told = append(told, d) }})
	require.NoError(t, err)
	first, second := Assignment{"app0/x-1": "s1"}, Assignment{"app0/x-2": "s1"}
	require.NoError(t, s.Reserve(ctx, first))
	require.ErrorIs(t, s.Reserve(ctx, Assignment{"nobody": "s1"}), ErrInvalid)
	_, err = s.UpdatePolicies(ctx, &only{site: "s2"}, nil)
	require.NoError(t, err)
	refused := s.Reserve(ctx, second)
	var refusal *Refusal
	require.ErrorAs(t, refused, &refusal)
	_, err = s.UpdatePolicies(ctx, nil, nil)
	require.NoError(t, err)
	require.NoError(t, s.Reserve(ctx, second))
	assert.Equal(t, []Decision{
		{Places: first, Policies: "digest of s1", Revision: "revision of s1"},
		{Places: second, Refused: refusal, Policies: "digest of s2", Revision: "revision of s2"},
		{Places: second},
	}, told)
}

// TestUpdatePoliciesTellsOfWays: a flow that has no way any more is told, and what was broken before is not.
func TestUpdatePoliciesTellsOfWays(t *testing.T) {
	ctx := context.Background()
	site := func(id topology.SiteID, country topology.Jurisdiction) topology.Site {
		return topology.Site{ID: id, Provider: "p", Country: country, Tier: topology.Edge, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 1500}}
	}
	p := &Problem{Continuum: mustContinuum(t, topology.Spec{
		Providers: []topology.Provider{{ID: "p", Country: "DE"}},
		Sites:     []topology.Site{site("a", "DE"), site("b", "FR"), site("c", "DE")},
		Links: []topology.Link{
			{ID: "ab", A: topology.SiteID("a").Node(), B: topology.SiteID("b").Node(), RTT: topology.RTT{P50: 1000, P95: 1000, P99: 1000}, Bandwidth: 1e9, Operator: "o", Jurisdictions: []topology.Jurisdiction{"DE", "FR"}},
		},
	})}
	app := pair("app", Spread{Components: []string{"a", "b"}, Over: "site", AtLeast: 2})
	app.Flows = []Flow{{FromComponent: "a", To: "b", Rate: 1, Data: "health"}}
	full := pair("full", Spread{Components: []string{"a"}, Over: "site", AtLeast: 1})
	p.Applications = []Application{app, full}
	// full/a and full/b do not fit on c together: a fact of before.
	s, err := NewScheduler(ctx, Answer{p, Assignment{"app/a": "a", "app/b": "b", "full/a": "c", "full/b": "c"}}, without)
	require.NoError(t, err)
	refused, err := s.UpdatePolicies(ctx, nil, &only{country: "DE"})
	require.NoError(t, err)
	require.Len(t, refused, 1)
	assert.Equal(t, ByTransit, refused[0].Kind)
	assert.Contains(t, refused[0].Workloads, WorkloadID("app/b"))
	assert.Len(t, s.Answer().Assignment, 4)
}

// TestUpdatePoliciesFailsClosed: policies that cannot be asked about what is placed change nothing.
func TestUpdatePoliciesFailsClosed(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	p.Admission = &only{site: "s1"}
	s, err := NewScheduler(ctx, Answer{Problem: p}, without)
	require.NoError(t, err)
	require.NoError(t, s.Reserve(ctx, Assignment{"app0/x-1": "s1"}))
	before := s.now.Load()
	_, err = s.UpdatePolicies(ctx, failing{}, nil)
	require.ErrorIs(t, err, errOutOfOrder)
	assert.Same(t, before, s.now.Load())
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = s.UpdatePolicies(ended, &only{}, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Same(t, before, s.now.Load())

	// From policies that broke to ones that work there must be a way.
	p.Admission = failing{}
	s, err = NewScheduler(ctx, Answer{p, Assignment{"app0/x-1": "s0"}}, without)
	require.NoError(t, err)
	refused, err := s.UpdatePolicies(ctx, &only{site: "s1"}, nil)
	require.NoError(t, err)
	require.Len(t, refused, 1)
	require.NoError(t, s.Reserve(ctx, Assignment{"app0/x-2": "s1"}))
}

// TestDecisionsSeeOneSetOfPolicies changes policies while others ask and reserve. Each set admits one site alone, so that
// an answer of a mixture would name none or several; and a reservation is granted only where the set in force at that moment
// says so: what stands elsewhere has been told when the set changed.
func TestDecisionsSeeOneSetOfPolicies(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 100)
	sets := make([]*only, 3)
	for k := range sets {
		sets[k] = &only{site: topology.SiteID(fmt.Sprintf("s%d", k))}
	}
	p.Admission = sets[0]
	s, err := NewScheduler(ctx, Answer{Problem: p}, without)
	require.NoError(t, err)
	const changes = 60
	done := make(chan struct{})
	var all sync.WaitGroup
	told := make(map[WorkloadID]bool)
	all.Go(func() {
		defer close(done)
		for n := range changes {
			set := sets[n%len(sets)]
			refused, err := s.UpdatePolicies(ctx, set, set)
			assert.NoError(t, err)
			clear(told)
			for _, v := range refused {
				assert.NotEqual(t, set.site, v.Site)
				told[v.Workloads[0]] = true
			}
		}
	})
	for a := range 4 {
		all.Go(func() {
			id := WorkloadID(fmt.Sprintf("app%d/x-1", a))
			for ended := false; !ended; {
				select {
				case <-done:
					ended = true
				default:
				}
				best, err := s.Candidates(ctx, id, 9)
				assert.NoError(t, err)
				if !assert.Len(t, best, 1) {
					return
				}
				if s.Reserve(ctx, Assignment{id: best[0].Site}) == nil && !ended {
					held := s.Answer()
					assert.Contains(t, held.Assignment, id)
					assert.NoError(t, s.Release(id))
				}
				// An answer is of one time: its policies judge what it shows.
				ans := s.Answer()
				set := ans.Problem.Admission.(*only)
				assert.Same(t, set, map[bool]Transit{true: ans.Problem.Transit, false: set}[ans.Problem.Transit != nil])
			}
		})
	}
	all.Wait()
	// What stands now is where the last set has it, or was told of when it came into force.
	last := sets[(changes-1)%len(sets)]
	ans := s.Answer()
	assert.Same(t, last, ans.Problem.Admission)
	for id, at := range ans.Assignment {
		assert.True(t, at == last.site || told[id], "%s on %s", id, at)
	}
	broken, err := Check(ctx, ans.Problem, ans.Assignment)
	require.NoError(t, err)
	broken = slices.DeleteFunc(broken, func(v Violation) bool { return told[v.Workloads[0]] })
	assert.Empty(t, broken)
}
