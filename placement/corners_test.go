package placement

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// corner is a problem with one of everything that may be priced or limited, over sites and workloads as given.
func corner(t *testing.T, sites []topology.Site, loads []Workload, constraints ...Constraint) *Problem {
	spec := topology.Spec{Providers: []topology.Provider{{ID: "p", Country: "DE"}}}
	for _, s := range sites {
		s.Provider, s.Country, s.Tier, s.Runtimes = "p", "DE", topology.Edge, []topology.Runtime{topology.VM}
		spec.Sites = append(spec.Sites, s)
	}
	p := &Problem{
		Continuum: mustContinuum(t, spec), Relocation: hashRelocator{}, Transient: []topology.Dimension{topology.CPU, "fpga"},
		Budgets: []Budget{MoveBudget{}, ShareBudget{"provider", topology.CPU, 1000}, CostBudget{[]Term{{Kind: Price, Weight: 1}}, 0}},
		Objective: Objective{{"unplaced", []Term{{Kind: Unplaced, Weight: 1}}}, {"rest", []Term{
			{Kind: Price, Weight: 1}, {Kind: Excess, Weight: 1, Dimension: topology.CPU}, {Kind: Load, Weight: 1}, {Kind: GroupMoves, Weight: 1},
			{Kind: Balance, Weight: 1, Dimension: topology.CPU, Against: "fpga", Ratio: 2}, {Kind: Relocation, Weight: 1}, {Kind: Moves, Weight: 1},
		}}},
	}
	if loads != nil {
		for i := range loads {
			w := &loads[i]
			w.Application, w.Kind, w.Priority, w.Component = "a", VM, 1, string(w.ID)
		}
		p.Applications = []Application{{Name: "a", Workloads: loads, Constraints: constraints}}
	}
	return p
}

// Problems with nothing in them have answers.
func TestEmptyProblems(t *testing.T) {
	cpu := func(n int64) topology.Resources { return topology.Resources{topology.CPU: n} }
	for name, c := range map[string]struct {
		p        *Problem
		unplaced int
		rest     int64
	}{
		"nothing":              {corner(t, nil, nil), 0, 0},
		"no workloads":         {corner(t, []topology.Site{{ID: "s", Capacity: cpu(7)}}, nil), 0, 14},
		"empty application":    {corner(t, []topology.Site{{ID: "s"}}, []Workload{}), 0, 0},
		"no sites":             {corner(t, nil, []Workload{{ID: "x", Demand: cpu(1)}}), 1, 0},
		"nothing to give":      {corner(t, []topology.Site{{ID: "s"}, {ID: "z", Capacity: cpu(0)}}, []Workload{{ID: "x", Demand: cpu(1)}}), 1, 0},
		"nothing wanted":       {corner(t, []topology.Site{{ID: "s"}, {ID: "z", Capacity: cpu(0)}}, []Workload{{ID: "x"}, {ID: "y", Demand: cpu(0)}}), 0, 0},
		"all that there is":    {corner(t, []topology.Site{{ID: "s", Capacity: cpu(3)}}, []Workload{{ID: "x", Demand: cpu(3)}}), 0, 200},
		"a unit too much":      {corner(t, []topology.Site{{ID: "s", Capacity: cpu(3)}}, []Workload{{ID: "x", Demand: cpu(4)}}), 1, 6},
		"a dimension too many": {corner(t, []topology.Site{{ID: "s", Capacity: cpu(3)}}, []Workload{{ID: "x", Demand: topology.Resources{"gpu": 1}}}), 1, 6},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			r, err := Solve(ctx, c.p, &Options{MaxSteps: 1000})
			require.NoError(t, err)
			assert.Len(t, r.Unplaced, c.unplaced)
			assert.Equal(t, c.rest, r.Tiers[1].Value)
			requireSound(t, c.p, r)
			for _, u := range r.Unplaced {
				_, err := Why(ctx, Answer{c.p, r.Assignment}, u.Workload)
				require.NoError(t, err)
				for s := range c.p.Continuum.Sites() {
					not, err := WhyNot(ctx, Answer{c.p, r.Assignment}, u.Workload, s.ID)
					require.NoError(t, err)
					assert.NotEmpty(t, not.Violations)
				}
			}
			refused, err := Refusals(ctx, Answer{c.p, r.Assignment}, 3)
			require.NoError(t, err)
			assert.Empty(t, refused)
		})
	}
}

// Pins that contradict each other leave somebody out, with the reason.
func TestContradictoryPins(t *testing.T) {
	pinned := func(sites ...topology.SiteID) []Workload {
		loads := []Workload{{ID: "x"}, {ID: "y"}}
		for i := range loads {
			loads[i].Site = sites[i]
		}
		return loads
	}
	sites := []topology.Site{{ID: "s", Labels: map[string]string{"zone": "a"}}, {ID: "z", Labels: map[string]string{"zone": "b"}}}
	both := []string{"x", "y"}
	for name, c := range map[string]struct {
		p    *Problem
		kind ConstraintKind
	}{
		"two on one site":      {corner(t, sites, pinned("s", "s"), Conflict{both, "site", 1}), ByConflict},
		"together and apart":   {corner(t, sites, pinned("s", "z"), Affinity{both, nil, "label:zone"}), ByAffinity},
		"spread on one":        {corner(t, sites, pinned("s", "s"), Spread{both, "label:zone", 2}), BySpread},
		"with who is far away": {corner(t, sites, pinned("s", "z"), Affinity{[]string{"x"}, []string{"y"}, "label:zone"}), ByAffinity},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			r, err := Solve(ctx, c.p, &Options{MaxSteps: 1000})
			require.NoError(t, err)
			require.Len(t, r.Unplaced, 1)
			requireSound(t, c.p, r)
			out := r.Unplaced[0].Workload
			pin := c.p.Applications[0].Workloads[0].Site
			if out == "y" {
				pin = c.p.Applications[0].Workloads[1].Site
			}
			not, err := WhyNot(ctx, Answer{c.p, r.Assignment}, out, pin)
			require.NoError(t, err)
			require.Len(t, not.Violations, 1)
			assert.Equal(t, c.kind, not.Violations[0].Kind)
		})
	}
	p := corner(t, sites, []Workload{{ID: "x", Site: "s", Labels: map[string]string{"zone": "b"}}})
	r, err := Solve(context.Background(), p, &Options{MaxSteps: 1000})
	require.NoError(t, err)
	require.Equal(t, []Unplaceable{{"x", map[ConstraintKind]int{BySelector: 2}}}, r.Unplaced)
}
