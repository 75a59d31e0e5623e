package placement

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// narrow is a problem of one workload and two sites, home (near, small, dear) and away (far, large, cheap, owned by somebody
// whom the rule CTL-1 refuses), which each test makes unsolvable in its own way.
func narrow(t *testing.T, change func(*topology.Spec, *Workload, *Flow)) *Problem {
	t.Helper()
	site := func(id topology.SiteID, provider topology.ProviderID, cores int64, price topology.MicroEUR) topology.Site {
		return topology.Site{ID: id, Provider: provider, Country: "DE", Tier: topology.Regional, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: cores * 1000}, Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: price}}
	}
	link := func(a, b topology.NodeID, ms topology.Micros) topology.Link {
		return topology.Link{A: a, B: b, Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"}, Bandwidth: 1e9,
			RTT: topology.RTT{P50: ms * 1000, P95: ms * 1000, P99: ms * 1000}}
	}
	spec := topology.Spec{
		Providers:    []topology.Provider{{ID: "own", Country: "DE"}, {ID: "foreign", Country: "US"}},
		Sites:        []topology.Site{site("home", "own", 4, 20_000), site("away", "foreign", 64, 10_000)},
		AccessPoints: []topology.AccessPoint{{ID: "users", Country: "DE"}},
		Links:        []topology.Link{link("users", "home", 2), link("users", "away", 9)},
	}
	w := Workload{ID: "app/api", Application: "app", Component: "api", Kind: VM, Priority: 1, Demand: topology.Resources{topology.CPU: 2000}}
	f := Flow{FromAccess: "users", To: "api", Rate: 1e6, Bound: 10_000}
	change(&spec, &w, &f)
	c, err := topology.New(spec)
	require.NoError(t, err)
	return &Problem{Continuum: c, Applications: []Application{{Name: "app", Workloads: []Workload{w}, Flows: []Flow{f}}}, Admission: ownOnly{}}
}

// ownOnly refuses every provider with a seat outside DE by rule CTL-1.
type ownOnly struct{}

func (ownOnly) Admit(_ context.Context, in Scope, _ *Workload, sites []*topology.Site) ([]Verdict, error) {
	out := make([]Verdict, len(sites))
	for i, s := range sites {
		p, _ := in.Continuum.Provider(s.Provider)
		out[i].Denied = p.Country != "DE"
	}
	return out, nil
}

func (o ownOnly) Reasons(ctx context.Context, in Scope, w *Workload, s *topology.Site) ([]Reason, error) {
	v, err := o.Admit(ctx, in, w, []*topology.Site{s})
	if err != nil || !v[0].Denied {
		return nil, err
	}
	return []Reason{{Code: "CTL-1", Title: "Control at home"}}, nil
}

// relieved solves, relaxes and returns the only relief.
func relieved(t *testing.T, p *Problem) *Relief {
	t.Helper()
	ctx := context.Background()
	r, err := Solve(ctx, p, nil)
	require.NoError(t, err)
	require.NotEmpty(t, r.Unplaced)
	reliefs, err := Relax(ctx, p, r, nil)
	require.NoError(t, err)
	require.Len(t, reliefs, 1)
	for _, way := range reliefs[0].Ways {
		fixed := p
		for _, f := range way.Fixes {
			fixed, err = f.Apply(fixed)
			require.NoError(t, err)
		}
		broken, err := Check(ctx, fixed, way.Assignment)
		require.NoError(t, err)
		assert.Empty(t, broken)
		assert.Contains(t, way.Assignment, reliefs[0].Workloads[0])
		again, err := Solve(ctx, fixed, nil)
		require.NoError(t, err)
		assert.Empty(t, again.Unplaced, "a way out must be one for a solve from scratch too")
	}
	return reliefs[0]
}

func messages(way Way) (out []string) {
	for _, f := range way.Fixes {
		out = append(out, f.Message)
	}
	return out
}

func TestRelaxBuysCapacityBeforeItExceptsFromARule(t *testing.T) {
	r := relieved(t, narrow(t, func(_ *topology.Spec, w *Workload, _ *Flow) { w.Demand[topology.CPU] = 6000 }))
	require.Len(t, r.Ways, 2)
	assert.Equal(t, []string{"2 cores more at home (worth 0.04 EUR/h)"}, messages(r.Ways[0]))
	assert.Equal(t, topology.MicroEUR(120_000), r.Ways[0].Cost, "six cores at home")
	assert.Equal(t, []string{"except app/api at away from CTL-1 (Control at home)"}, messages(r.Ways[1]))
	assert.Equal(t, topology.MicroEUR(60_000), r.Ways[1].Cost, "cheaper, and still behind")
	assert.Equal(t, []Requirement{{ByAdmission, "CTL-1 (Control at home)"}, {ByCapacity, "app/api needs room for 6 cores beside what runs there"}}, r.Conflict)
}

func TestRelaxRaisesABoundToWhatItTakes(t *testing.T) {
	r := relieved(t, narrow(t, func(_ *topology.Spec, _ *Workload, f *Flow) { f.Bound, f.Percentile = 1_950, latency.P99 }))
	require.NotEmpty(t, r.Ways)
	assert.Equal(t, []string{"raise the p99 bound from users to app/api from 1.95 ms to 2 ms"}, messages(r.Ways[0]))
	assert.Equal(t, topology.SiteID("home"), r.Ways[0].Site)
	assert.Equal(t, []Requirement{{ByLatency, "p99 from users to app/api within 1.95 ms"}}, r.Conflict)
	for _, way := range r.Ways[1:] {
		assert.NotEmpty(t, way.Fixes[0].Rules, "what asks for the same and more is not told")
	}
}

func TestRelaxGivesUpSelectors(t *testing.T) {
	r := relieved(t, narrow(t, func(_ *topology.Spec, w *Workload, _ *Flow) { w.Tiers = []topology.Tier{topology.FarEdge} }))
	require.NotEmpty(t, r.Ways)
	assert.Equal(t, []string{"give up that app/api wants tier far-edge"}, messages(r.Ways[0]))
}

func TestRelaxFindsNoWayPastWhatNobodyCanFix(t *testing.T) {
	r := relieved(t, narrow(t, func(spec *topology.Spec, w *Workload, _ *Flow) {
		w.Kind = Machine
		spec.Links = spec.Links[:1]
	}))
	assert.Empty(t, r.Ways)
	assert.Equal(t, []Requirement{{ByRuntime, "a machine needs a baremetal site"}}, r.Conflict)
}

func TestFixOfWhatIsNotThereIsRefused(t *testing.T) {
	p := narrow(t, func(*topology.Spec, *Workload, *Flow) {})
	for _, f := range []Fix{
		{}, {Kind: ByState}, {Kind: ByCapacity, Site: "nowhere", Amount: 1}, {Kind: ByCapacity, Site: "home", Dimension: topology.CPU, Amount: -1},
		{Kind: ByCapacity, Site: "home", Dimension: topology.CPU, Amount: 1<<63 - 1}, {Kind: ByLatency, Component: "app/api", Source: "users", From: 1},
		{Kind: ByLatency, Component: "other/api", Source: "users", From: 10_000}, {Kind: BySelector, Component: "none"}, {Kind: BySpread, Component: "app/api", Wish: "peace"}, {Kind: ByAdmission, Component: "app/api"},
	} {
		_, err := f.Apply(p)
		assert.ErrorIs(t, err, ErrInvalid, "%+v", f)
	}
}

// TestExceptionIsNarrow: an exception admits one component at one site from the rules it names, and nothing else.
func TestExceptionIsNarrow(t *testing.T) {
	ctx := context.Background()
	p := narrow(t, func(*topology.Spec, *Workload, *Flow) {})
	away, _ := p.Continuum.Site("away")
	denied := func(f Fix, w Workload) bool {
		q, err := f.Apply(p)
		require.NoError(t, err)
		v, err := q.Admission.Admit(ctx, q.scope(), &w, []*topology.Site{away})
		require.NoError(t, err)
		reasons, err := q.Admission.Reasons(ctx, q.scope(), &w, away)
		require.NoError(t, err)
		assert.Equal(t, v[0].Denied, len(reasons) > 0, "verdict and reasons agree")
		return v[0].Denied
	}
	api, other := p.Applications[0].Workloads[0], p.Applications[0].Workloads[0]
	other.Component = "db"
	named := Fix{Kind: ByAdmission, Component: "app/api", Site: "away", Rules: []string{"CTL-1"}}
	assert.False(t, denied(named, api))
	assert.True(t, denied(named, other), "another component")
	elsewhere := named
	elsewhere.Site = "home"
	assert.True(t, denied(elsewhere, api), "another site")
	otherRule := named
	otherRule.Rules = []string{"CTL-2"}
	assert.True(t, denied(otherRule, api), "another rule")
}

// What room during the move refuses is named; nobody can give it.
func TestRelaxNamesRoomDuringTheMove(t *testing.T) {
	for want, change := range map[string]func(*Problem){
		"app/api needs room while workloads move": func(p *Problem) {
			app := &p.Applications[0]
			leaver := app.Workloads[0]
			leaver.ID, leaver.Component, leaver.Kind, leaver.Demand = "app/leaver", "leaver", Machine, topology.Resources{topology.CPU: 3000}
			app.Workloads = append(app.Workloads, leaver) // nothing runs it any more, but it is there until the move is over
			app.Flows = nil
			p.Transient = []topology.Dimension{topology.CPU}
			p.Current = Assignment{"app/leaver": "home"}
		},
	} {
		t.Run(want, func(t *testing.T) {
			p := narrow(t, func(*topology.Spec, *Workload, *Flow) {})
			change(p)
			r, err := Solve(context.Background(), p, &Options{MaxSteps: 1000})
			require.NoError(t, err)
			reliefs, err := Relax(context.Background(), p, r, &Options{MaxSteps: 1000})
			require.NoError(t, err)
			require.Len(t, reliefs, 1)
			require.True(t, slices.ContainsFunc(reliefs[0].Conflict, func(r Requirement) bool { return r.Message == want }), "%v", reliefs[0].Conflict)
			for _, way := range reliefs[0].Ways {
				require.NotEqual(t, topology.SiteID("home"), way.Site)
			}
		})
	}
}

// A budget is raised by what is missing, in its own unit, and no further.
func TestRelaxRaisesBudgets(t *testing.T) {
	price := []Term{{Kind: Price, Weight: 1}}
	for want, change := range map[string]func(*Problem){
		"allow price at most 0.04 EUR an hour instead of price at most 0.03 EUR an hour": func(p *Problem) {
			p.Budgets = []Budget{MoveBudget{7}, CostBudget{price, 30_000}}
		},
		"allow at most 100 % of all cpu on one site instead of at most 99.9 % of all cpu on one site": func(p *Problem) {
			p.Budgets = []Budget{ShareBudget{"site", topology.CPU, 999}}
		},
		"allow at most 1 workload moves instead of at most 0 workloads move": func(p *Problem) {
			p.Budgets, p.Current = []Budget{MoveBudget{}}, Assignment{"app/api": "away"}
		},
	} {
		p := narrow(t, func(*topology.Spec, *Workload, *Flow) {})
		change(p)
		r := relieved(t, p)
		require.NotEmpty(t, r.Ways, want)
		assert.True(t, slices.ContainsFunc(r.Ways, func(way Way) bool { return slices.Equal(messages(way), []string{want}) }), "%s: %v", want, r.Ways)
		assert.True(t, slices.ContainsFunc(r.Conflict, func(q Requirement) bool { return q.Kind == ByBudget }), "%v", r.Conflict)
		for _, way := range r.Ways { // one unit less is not enough
			for k := range way.Fixes {
				if f := way.Fixes[k]; f.Kind == ByBudget {
					f.Amount--
					q, err := f.Apply(p)
					require.NoError(t, err)
					again, err := Solve(context.Background(), q, nil)
					require.NoError(t, err)
					assert.NotEmpty(t, again.Unplaced, "%+v", f)
				}
			}
		}
	}
	p := narrow(t, func(*topology.Spec, *Workload, *Flow) {})
	p.Budgets = []Budget{ShareBudget{"site", topology.CPU, 1000}, MoveBudget{1}}
	for _, f := range []Fix{{Kind: ByBudget, Budget: 2}, {Kind: ByBudget, Budget: -1}, {Kind: ByBudget, Amount: 1}, {Kind: ByBudget, Budget: 1, Amount: 1<<63 - 1},
		{Kind: ByGang, Component: "app/api", Wish: "all of api or none"}} {
		_, err := f.Apply(p)
		assert.ErrorIs(t, err, ErrInvalid, "%+v", f)
	}
}

// A gang goes on without the component that nobody can run, where that is all that holds the others back.
func TestRelaxMakesAGangSmaller(t *testing.T) {
	ctx := context.Background()
	p := narrow(t, func(*topology.Spec, *Workload, *Flow) {})
	app := &p.Applications[0]
	metal := app.Workloads[0]
	metal.ID, metal.Component, metal.Kind = "app/metal", "metal", Machine
	app.Workloads = append(app.Workloads, metal)
	app.Constraints = []Constraint{Gang{[]string{"api", "metal"}}}
	r, err := Solve(ctx, p, nil)
	require.NoError(t, err)
	require.Len(t, r.Unplaced, 2)
	reliefs, err := Relax(ctx, p, r, nil)
	require.NoError(t, err)
	require.Len(t, reliefs, 1)
	require.Len(t, reliefs[0].Ways, 1)
	way := reliefs[0].Ways[0]
	assert.Equal(t, []string{"go without metal, of all of api and metal or none"}, messages(way))
	assert.Equal(t, []WorkloadID{"app/metal"}, way.Without)
	assert.Equal(t, topology.SiteID("home"), way.Site)
	fixed, err := way.Fixes[0].Apply(p)
	require.NoError(t, err)
	broken, err := Check(ctx, fixed, way.Assignment)
	require.NoError(t, err)
	assert.Empty(t, broken)
	assert.Equal(t, []Constraint{Gang{[]string{"api", "metal"}}}, app.Constraints, "the problem stays as it was")
}
