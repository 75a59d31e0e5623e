package placement

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// Answers to problems that price and limit the assignment as a whole stand up to the checker, to the unit.
func TestSolveOfTheWholeIsSound(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 8
	}
	for seed := range seeds {
		w := wholeWorld(t, seed, 3+int(seed%6), 1+int(seed%3))
		r, err := Solve(context.Background(), w.p, &Options{Seed: seed, MaxSteps: 20_000})
		require.NoError(t, err)
		requireSound(t, w.p, r)
	}
}

// Numbers near the end of what 64 bits hold give an error or a sound answer.
func TestExtremeNumbers(t *testing.T) {
	solved, refused := 0, 0
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 5))
		huge := func() int64 {
			if r.IntN(16) > 0 {
				return r.Int64N(1 << (1 + r.IntN(20)))
			}
			return []int64{0, 1, 7, 1 << 20, 1 << 31, 1 << 40, 1 << 52, 1 << 61, math.MaxInt64/4 - 1, math.MaxInt64 / 2, math.MaxInt64}[r.IntN(11)]
		}
		res := func() topology.Resources { return topology.Resources{topology.CPU: huge(), "fpga": huge()} }
		sites := []topology.Site{{ID: "s", Capacity: res()}, {ID: "z", Capacity: res()}}
		for i := range sites {
			sites[i].Safe = topology.Resources{topology.CPU: min(huge(), sites[i].Capacity[topology.CPU])}
		}
		spec := topology.Spec{Sites: sites, Providers: []topology.Provider{{ID: "p", Country: "DE"}}}
		for i := range spec.Sites {
			s := &spec.Sites[i]
			s.Provider, s.Country, s.Tier = "p", "DE", topology.Edge
		}
		if _, err := topology.New(spec); err != nil {
			continue // more than all sites may have
		}
		p := corner(t, sites, []Workload{{ID: "x", Demand: res(), MoveCost: topology.MicroEUR(huge())}, {ID: "y", Demand: res()}})
		for i := range p.Objective[1].Terms {
			term := &p.Objective[1].Terms[i]
			if r.IntN(2) > 0 {
				term.Weight = huge()
			}
			if term.Kind == Balance || term.Kind == Excess {
				term.Per = huge()
			}
			if term.Kind == Balance {
				term.Ratio = huge()
			}
		}
		p.Current = Assignment{"x": "s", "y": "z"}
		p.Budgets = []Budget{CostBudget{[]Term{{Kind: Moves, Weight: huge()}, {Kind: Relocation, Weight: huge()}}, huge()}}
		answer, err := Solve(context.Background(), p, &Options{MaxSteps: 500})
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			refused++
			continue
		}
		requireSound(t, p, answer)
		solved++
	}
	require.Greater(t, solved, 20)
	require.Greater(t, refused, 20)
}

// On tiny worlds the answer is the best of all assignments, and no bound is above it.
func TestSolveOfTheWholeFindsTheOptimum(t *testing.T) {
	worlds := 15
	if testing.Short() {
		worlds = 3
	}
	for seed := uint64(0); worlds > 0; seed++ {
		w := wholeWorld(t, seed, 2+int(seed%2), 1)
		if len(w.p.Applications[0].Workloads) > 5 {
			continue
		}
		worlds--
		r, err := Solve(context.Background(), w.p, &Options{Seed: seed, MaxSteps: 100_000})
		require.NoError(t, err)
		requireSound(t, w.p, r)
		for i, best := range optimum(t, w.p) {
			require.Equal(t, best, r.Tiers[i].Value, "seed %d: %s", seed, r.Tiers[i].Name)
			require.LessOrEqual(t, r.Tiers[i].Bound, best, "seed %d: %s", seed, r.Tiers[i].Name)
		}
	}
}
