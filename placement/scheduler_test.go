package placement

import (
	"cmp"
	"context"
	"maps"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// ranking is what Candidates should say: every site that WhyNot has nothing against but gangs, by the change of the
// objective that WhyNot names, shadow prices added in the second tier.
func ranking(t *testing.T, e *Explainer, p *Problem, prices *Certificate, w *Workload) []Candidate {
	t.Helper()
	const deciding = 1
	type ranked struct {
		Candidate
		tiers []int64
	}
	var all []ranked
	for s := range p.Continuum.Sites() {
		ans, err := e.WhyNot(context.Background(), w.ID, s.ID)
		require.NoError(t, err)
		if slices.ContainsFunc(ans.Violations, func(v Violation) bool { return v.Kind != ByGang }) {
			continue
		}
		r := ranked{Candidate: Candidate{Site: s.ID, Cost: ans.Tiers[deciding].Delta}}
		sum := new(big.Int)
		for _, y := range prices.Capacity {
			if y.Site == s.ID {
				sum.Add(sum, new(big.Int).Mul(big.NewInt(y.Price), big.NewInt(w.Demand[y.Dimension])))
			}
		}
		r.Shadow = sum.Add(sum, big.NewInt(1<<39)).Rsh(sum, 40).Int64()
		for k, tier := range ans.Tiers {
			r.tiers = append(r.tiers, tier.Delta)
			if k == deciding {
				r.tiers[k] += r.Shadow
			}
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(slices.Compare(a.tiers, b.tiers), cmp.Compare(a.Site, b.Site))
	})
	out := []Candidate{}
	for _, r := range all {
		out = append(out, r.Candidate)
	}
	return out
}

// relative makes the costs of candidates differences to the first, as WhyNot tells differences.
func relative(all []Candidate) []Candidate {
	out := slices.Clone(all)
	for k := range out {
		out[k].Cost -= all[0].Cost
	}
	return out
}

// requireRanked holds the candidates of every workload against the ranking by the checker.
func requireRanked(t *testing.T, s *Scheduler, prices *Certificate, placed bool, seed uint64) (seen int) {
	t.Helper()
	ctx := context.Background()
	ans := s.Answer()
	e, err := s.Explain(ctx)
	require.NoError(t, err)
	for _, app := range ans.Problem.Applications {
		for k := range app.Workloads {
			w := &app.Workloads[k]
			if _, ok := ans.Assignment[w.ID]; ok && !placed {
				continue
			}
			want := ranking(t, e, ans.Problem, prices, w)
			have, err := s.Candidates(ctx, w.ID, len(want)+5)
			require.NoError(t, err)
			seen += len(have)
			require.Equal(t, relative(want), relative(have), "seed %d: %s", seed, w.ID)
			requireRefused(t, s, e, w.ID, seed)
			for n := range have {
				few, err := s.Candidates(ctx, w.ID, n+1)
				require.NoError(t, err)
				require.Equal(t, have[:n+1], few, "seed %d: %s, the best %d", seed, w.ID, n+1)
			}
		}
	}
	return seen
}

// requireRefused holds the counts of refusals against those of Why, gangs aside.
func requireRefused(t *testing.T, s *Scheduler, e *Explainer, id WorkloadID, seed uint64) {
	t.Helper()
	want, err := e.Why(context.Background(), id)
	require.NoError(t, err)
	delete(want.Refused, ByGang)
	have, err := s.Refused(context.Background(), id)
	require.NoError(t, err)
	require.Equal(t, want.Refused, have, "seed %d: %s", seed, id)
}

// TestCandidatesAreWhatTheCheckerWouldChoose: on random worlds with every kind of constraint and term.
func TestCandidatesAreWhatTheCheckerWouldChoose(t *testing.T) {
	worlds, seen, priced := uint64(40), 0, 0
	if testing.Short() {
		worlds = 8
	}
	for seed := range worlds {
		w := newWorld(t, seed, 12, 3)
		broken := seed%4 == 3 // states in which something is wrong already; moving what is part of it is another question
		if !broken {
			w.settle(t)
		}
		prices, err := ShadowPrices(context.Background(), w.p)
		require.NoError(t, err)
		if seed%2 == 1 { // the bound of so easy a problem prices little
			prices = &Certificate{}
			for k, s := range w.spec.Sites {
				prices.Capacity = append(prices.Capacity, ShadowPrice{Site: s.ID, Dimension: topology.CPU, Price: int64(k%5) << 41})
			}
		}
		priced += len(prices.Capacity)
		s, err := NewScheduler(context.Background(), Answer{w.p, w.a}, &SchedulerOptions{Prices: prices, Shapes: 3})
		require.NoError(t, err)
		require.Equal(t, w.a, s.Answer().Assignment)
		seen += requireRanked(t, s, prices, !broken, seed)
	}
	assert.Greater(t, seen, 10*int(worlds))
	assert.NotZero(t, priced)
}

// TestReserveAgreesWithCheck: reserving whatever comes in random order never makes anything wrong, and what is refused
// would have. Gangs and partners come in one reservation.
func TestReserveAgreesWithCheck(t *testing.T) {
	ctx := context.Background()
	granted, refused, budgets := 0, 0, 0
	for seed := range uint64(60) {
		w := newWorld(t, seed, 6, 3)
		if seed >= 30 {
			w = wholeWorld(t, seed, 6, 3)
			w.p.Budgets = slices.DeleteFunc(w.p.Budgets, func(b Budget) bool { _, ok := b.(CostBudget); return ok })
		}
		s, err := NewScheduler(ctx, Answer{w.p, nil}, &SchedulerOptions{Prices: &Certificate{}})
		require.NoError(t, err)
		for _, id := range slices.Sorted(maps.Keys(w.a)) {
			site := w.a[id]
			before := s.Answer()
			places := Assignment{id: site}
			if seed%3 == 0 { // all of an application at once
				for other, at := range w.a {
					if other[:4] == id[:4] {
						places[other] = at
					}
				}
			}
			after := Assignment{}
			taken := false
			for k, v := range before.Assignment {
				after[k] = v
				_, again := places[k]
				taken = taken || again
			}
			if taken {
				continue
			}
			for k, v := range places {
				after[k] = v
			}
			broken, err := Check(ctx, w.p, after)
			require.NoError(t, err)
			err = s.Reserve(ctx, places)
			if len(broken) > 0 {
				refused++
				var r *Refusal
				require.ErrorAs(t, err, &r, "seed %d: %v breaks %v", seed, places, broken)
				require.ErrorIs(t, err, ErrRefused)
				require.NotEmpty(t, r.Kind)
				if r.Kind == ByBudget {
					budgets++
				}
				require.True(t, slices.ContainsFunc(broken, func(v Violation) bool { return v.Kind == r.Kind }), "seed %d: %v for %v", seed, err, broken)
				require.Equal(t, before.Assignment, s.Answer().Assignment, "a refusal leaves no trace")
				continue
			}
			granted++
			require.NoError(t, err, "seed %d: %v", seed, places)
			require.Equal(t, after, s.Answer().Assignment)
			require.ErrorIs(t, s.Reserve(ctx, places), ErrRefused, "twice")
		}
	}
	assert.Greater(t, granted, 30)
	assert.Greater(t, refused, 30)
	assert.Greater(t, budgets, 3)
}
