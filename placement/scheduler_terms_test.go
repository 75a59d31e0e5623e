package placement

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// siteCost is what the terms over the use of one site come to, told as the words of the terms have it.
func siteCost(terms []Term, s *topology.Site, use topology.Resources) *big.Int {
	sum := new(big.Int)
	up := func(x, weight, per int64) *big.Int {
		q := new(big.Int).Mul(big.NewInt(max(0, x)), big.NewInt(weight))
		q.Add(q, big.NewInt(max(1, per)-1))
		return q.Div(q, big.NewInt(max(1, per)))
	}
	for _, t := range terms {
		switch t.Kind {
		case Load:
			for dim, capacity := range s.Capacity {
				if capacity > 0 {
					sum.Add(sum, up(0, 1, 1).Mul(up(1000*(5*use[dim]-4*capacity), 1, 5*capacity), big.NewInt(t.Weight)))
				}
			}
		case Excess:
			safe, ok := s.Safe[t.Dimension]
			if !ok {
				safe = s.Capacity[t.Dimension]
			}
			sum.Add(sum, up(use[t.Dimension]-safe, t.Weight, t.Per))
		case Balance:
			free := func(dim topology.Dimension) int64 { return s.Capacity[dim] - use[dim] }
			sum.Add(sum, up(t.Ratio*free(t.Dimension)-free(t.Against), t.Weight, t.Per))
		}
	}
	return sum
}

// TestUseCostIsTheDifference holds what a workload is said to add to the terms over the use of a site against those terms
// with and without it, on random sites.
func TestUseCostIsTheDifference(t *testing.T) {
	ctx := context.Background()
	r := rand.New(rand.NewPCG(4, 5))
	kinds := make(map[TermKind]int)
	for range 300 {
		p := historyWorld(t, 1)
		s, _ := p.Continuum.Site("s0")
		site := *s
		site.Capacity = topology.Resources{topology.CPU: r.Int64N(20_000), topology.Memory: r.Int64N(64 << 30)}
		site.Safe = topology.Resources{topology.CPU: r.Int64N(site.Capacity[topology.CPU] + 1)}
		c, err := p.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{site}}})
		require.NoError(t, err)
		p.Continuum = c
		terms := []Term{
			{Kind: Load, Weight: r.Int64N(50)},
			{Kind: Excess, Dimension: topology.CPU, Weight: r.Int64N(50), Per: r.Int64N(7)},
			{Kind: Excess, Dimension: topology.Memory, Weight: 1 + r.Int64N(3), Per: 1 << 30},
			{Kind: Balance, Dimension: topology.CPU, Against: topology.Memory, Ratio: 1 + r.Int64N(1<<22), Weight: r.Int64N(50), Per: 1 + r.Int64N(1000)},
			{Kind: Balance, Dimension: "unheard", Against: topology.CPU, Ratio: 2, Weight: 3},
		}
		p.Objective = Objective{{"unplaced", []Term{{Kind: Unplaced, Weight: 1}}}, {"use", terms}}
		w, err := newSchedWorld(ctx, p, &Certificate{}, 4)
		require.NoError(t, err)
		load := func(k int) *Workload { return &p.Applications[0].Workloads[k] }
		for k := range 2 {
			load(k).Demand = topology.Resources{topology.CPU: r.Int64N(8000), topology.Memory: r.Int64N(32 << 30)}
		}
		snap, _, err := newSchedSnapshot(ctx, w, p.Applications[:1], func(id WorkloadID) (topology.SiteID, bool) { return "s0", id == load(0).ID })
		require.NoError(t, err)
		for k, others := range []topology.Resources{{}, load(0).Demand} { // the one that is there, and one that comes
			app, _, i, err := snap.find(load(k).ID)
			require.NoError(t, err)
			q := schedQuery{w: w, snap: snap, shape: &schedShape{demand: app.loads[i].demand}, now: app.site[i], home: -1}
			with := topology.Resources{}
			for dim, x := range load(k).Demand {
				with[dim] = others[dim] + x
			}
			for n := range w.terms {
				term := &w.terms[n]
				want := siteCost([]Term{term.Term}, &site, with)
				want.Sub(want, siteCost([]Term{term.Term}, &site, others))
				require.Equal(t, want.String(), fmt.Sprint(q.useCost(term, 0)), "%+v", term)
				if want.Sign() != 0 {
					kinds[term.Kind]++
				}
			}
		}
	}
	for _, kind := range []TermKind{Load, Excess, Balance} {
		assert.Greater(t, kinds[kind], 50, kind)
	}
}

// TestMovesTakeRoomAtBothEnds: in a transient dimension, what runs on a site holds its room until it has left, also where
// it is placed elsewhere already; what stays is never refused for it.
func TestMovesTakeRoomAtBothEnds(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4) // app0 needs one core each, app1 two, app2 three
	p.Transient = []topology.Dimension{topology.CPU}
	p.Current = Assignment{"app2/x-1": "s0"}
	s, err := NewScheduler(ctx, Answer{Problem: p}, without)
	require.NoError(t, err)
	require.NoError(t, s.Reserve(ctx, Assignment{"app2/x-1": "s1"}), "it moves away")
	best, err := s.Candidates(ctx, "app1/x-1", 3)
	require.NoError(t, err)
	assert.Equal(t, []topology.SiteID{"s2"}, sitesOf(best), "three cores of s0 are still in use, three of s1 taken")
	require.ErrorIs(t, s.Reserve(ctx, Assignment{"app1/x-1": "s0"}), ErrRefused)
	require.NoError(t, s.Reserve(ctx, Assignment{"app0/x-1": "s0"}), "there is one left")
	require.ErrorIs(t, s.Reserve(ctx, Assignment{"app0/x-2": "s0"}), ErrRefused)
	require.NoError(t, s.Release("app2/x-1"))
	best, err = s.Candidates(ctx, "app2/x-1", 3)
	require.NoError(t, err)
	assert.Contains(t, sitesOf(best), topology.SiteID("s0"), "what stays")
	require.NoError(t, s.Reserve(ctx, Assignment{"app2/x-1": "s0"}))
	require.NoError(t, s.Remove("app2"))
	require.NoError(t, s.Reserve(ctx, Assignment{"app1/x-1": "s0"}), "it is gone")
}

// byDistance prices moves by the names of the sites.
type byDistance struct{}

func (byDistance) RelocationCost(from, to *topology.Site) topology.MicroEUR {
	d := int64(from.ID[1]) - int64(to.ID[1])
	return topology.MicroEUR(720_000 * d * d)
}

func TestRelocationCounts(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	p.Relocation, p.Current = byDistance{}, Assignment{"app0/x-1": "s2"}
	w, err := newSchedWorld(ctx, p, &Certificate{}, 4)
	require.NoError(t, err)
	w.terms = append(w.terms, schedTerm{Term: Term{Kind: Relocation, Weight: 2}, tier: 1, dim: -1, against: -1})
	snap, _, err := newSchedSnapshot(ctx, w, p.Applications, func(WorkloadID) (topology.SiteID, bool) { return "", false })
	require.NoError(t, err)
	s := &Scheduler{most: 4}
	s.now.Store(snap)
	best, err := s.Candidates(ctx, "app0/x-1", 3)
	require.NoError(t, err)
	assert.Equal(t, []Candidate{{"s2", 3000, 0}, {"s1", 2000 + 2000, 0}, {"s0", 1000 + 4*2000, 0}}, best)
}
