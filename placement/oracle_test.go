package placement

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// optimum looks at every assignment there is, with the checker alone, and returns the best values of the tiers.
func optimum(t *testing.T, p *Problem) []int64 {
	t.Helper()
	var ids []WorkloadID
	for _, app := range p.Applications {
		for _, w := range app.Workloads {
			ids = append(ids, w.ID)
		}
	}
	sites := []topology.SiteID{""}
	for s := range p.Continuum.Sites() {
		sites = append(sites, s.ID)
	}
	var best []int64
	a := Assignment{}
	var try func(k int)
	try = func(k int) {
		if k < len(ids) {
			for _, s := range sites {
				if delete(a, ids[k]); s != "" {
					a[ids[k]] = s
				}
				try(k + 1)
			}
			return
		}
		broken, err := Check(context.Background(), p, a)
		require.NoError(t, err)
		if len(broken) > 0 {
			return
		}
		worth, err := Evaluate(context.Background(), p, a)
		require.NoError(t, err)
		values := make([]int64, len(worth.Tiers))
		for i, tier := range worth.Tiers {
			values[i] = tier.Value
		}
		if best == nil || slices.Compare(values, best) < 0 {
			best = values
		}
	}
	try(0)
	return best
}

// TestSolveFindsTheOptimumAndNeverBoundsItAway holds answers and bounds on tiny worlds against enumeration: also that what
// bounds conclude from spreads, conflicts, affinities and gangs takes no assignment away that counts.
func TestSolveFindsTheOptimumAndNeverBoundsItAway(t *testing.T) {
	worlds, concluded := 60, 0
	if testing.Short() {
		worlds = 10
	}
	for seed := uint64(0); worlds > 0; seed++ {
		w := newWorld(t, seed, 2+int(seed%2), 1)
		if n := len(w.p.Applications[0].Workloads); n > 5 {
			continue
		}
		worlds--
		if seed%2 == 0 {
			w.p.Current = nil
		}
		r, err := Solve(context.Background(), w.p, &Options{Seed: seed, MaxSteps: 100_000})
		require.NoError(t, err)
		requireSound(t, w.p, r)
		best := optimum(t, w.p)
		for i, tier := range r.Tiers {
			assert.Equal(t, best[i], tier.Value, "seed %d: %s", seed, tier.Name)
			assert.LessOrEqual(t, tier.Bound, best[i], "seed %d: %s", seed, tier.Name)
		}
		c, err := compile(context.Background(), w.p)
		require.NoError(t, err)
		for k, cl := range c.classes {
			kept := len(cl.admits.list(nil))
			_, err := c.judge(k)
			require.NoError(t, err)
			if len(cl.admits.list(nil)) > kept {
				concluded++
			}
		}
	}
	if testing.Short() {
		return // too few worlds to be sure of one
	}
	assert.NotZero(t, concluded, "no constraint over several workloads took a site from any")
}

// TestBoundKnowsWhatASpreadLeaves: two replicas on two providers, of which only one is in reach; one of them is left out,
// and the bound says that nobody can do better.
func TestBoundKnowsWhatASpreadLeaves(t *testing.T) {
	site := func(id topology.SiteID, provider topology.ProviderID) topology.Site {
		return topology.Site{ID: id, Provider: provider, Country: "DE", Tier: topology.Regional, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 8000}, Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: 10_000}}
	}
	c, err := topology.New(topology.Spec{
		Providers: []topology.Provider{{ID: "alpha", Country: "DE"}, {ID: "beta", Country: "DE"}},
		Sites:     []topology.Site{site("a-1", "alpha"), site("a-2", "alpha"), site("b-1", "beta")},
	})
	require.NoError(t, err)
	app := Application{Name: "app", Constraints: []Constraint{
		Spread{Components: []string{"db"}, Over: "provider", AtLeast: 2},
		Gang{Components: []string{"agent", "db"}},
		Affinity{Components: []string{"cache"}, With: []string{"db"}, Over: "provider"},
	}}
	add := func(id WorkloadID, component string, priority int64, sites ...topology.Tier) {
		app.Workloads = append(app.Workloads, Workload{ID: id, Application: "app", Component: component, Kind: VM, Priority: priority,
			Demand: topology.Resources{topology.CPU: 1000}, Tiers: sites, Labels: map[string]string{}})
	}
	add("app/db-1", "db", 7)
	add("app/db-2", "db", 7)
	add("app/cache", "cache", 3)
	add("app/agent", "agent", 2)
	p := &Problem{Continuum: c, Applications: []Application{app}, Rules: []Rule{onlyAlpha{}}}
	r, err := Solve(context.Background(), p, nil)
	require.NoError(t, err)
	requireSound(t, p, r)
	assert.Equal(t, TierResult{Name: "unplaced", Value: 19, Bound: 19, Certificate: r.Tiers[0].Certificate}, r.Tiers[0],
		"one db too many, so no gang, so no cache")

	p.Applications[0].Constraints = app.Constraints[:1]
	r, err = Solve(context.Background(), p, nil)
	require.NoError(t, err)
	requireSound(t, p, r)
	assert.Equal(t, int64(7), r.Tiers[0].Value)
	assert.Equal(t, int64(7), r.Tiers[0].Bound)
	assert.Equal(t, Optimal, r.Status)
}

// onlyAlpha keeps databases off everybody else's sites.
type onlyAlpha struct{}

func (onlyAlpha) Judge(w *Workload, s *topology.Site) (bool, string, topology.MicroEUR) {
	return w.Component != "db" || s.Provider == "alpha", "databases stay with alpha", 0
}

// TestNoSingleShiftIsBetter asks of every answer what a user would ask: why not there? Nothing may come back that is
// permitted and better.
func TestNoSingleShiftIsBetter(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(12) {
		w := newWorld(t, seed, 8, 3)
		r, err := Solve(ctx, w.p, &Options{Seed: seed, MaxSteps: 50_000})
		require.NoError(t, err)
		for _, app := range w.p.Applications {
			for _, work := range app.Workloads {
				for s := range w.p.Continuum.Sites() {
					ans, err := WhyNot(ctx, Answer{Problem: w.p, Assignment: r.Assignment}, work.ID, s.ID)
					require.NoError(t, err)
					if len(ans.Violations) == 0 {
						assert.GreaterOrEqual(t, compareDeltas(ans.Tiers, make([]TierDelta, len(ans.Tiers))), 0, "seed %d: %s on %s", seed, work.ID, s.ID)
					}
				}
			}
		}
	}
}
