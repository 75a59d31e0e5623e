package migrate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// pin keeps those where they are whose moves cannot be made or cost more by the plan than they bring, and says whether there
// were any: then the rest has to be looked for again.
func (b *rebalancer) pin(ctx context.Context, plan *Plan) (again bool, err error) {
	for _, s := range plan.Stuck {
		if _, known := b.still[s.Workload]; !known {
			b.still[s.Workload] = s.Message
			b.stuck = append(b.stuck, s)
			again = true
		}
	}
	if again {
		return true, nil
	}
	moves, err := b.worth(ctx, b.from, b.to, plan)
	for _, w := range moves {
		if w.Because == "" && !w.pays(b.options.Hours) {
			b.still[w.Workload] = "it costs more than it brings"
			again = true
		}
	}
	return again, err
}

// worth says what the move of each workload of a plan brings and costs.
func (b *rebalancer) worth(ctx context.Context, from, to placement.Assignment, plan *Plan) ([]Worth, error) {
	costs, err := b.costs(plan)
	if err != nil {
		return nil, err
	}
	p, tier := *b.given, ""
	p.Current = from
	p.Objective, tier = b.withoutMoves()
	e, err := placement.Explain(ctx, placement.Answer{Problem: &p, Assignment: to})
	if err != nil {
		return nil, err
	}
	var out []Worth
	for _, id := range slices.Sorted(maps.Keys(costs)) {
		back, err := e.WhyNot(ctx, id, from[id])
		if err != nil {
			return nil, err
		}
		w := Worth{Workload: id, From: from[id], To: to[id], Cost: costs[id], Payback: -1}
		w.judge(back, tier)
		out = append(out, w)
	}
	return out, nil
}

// judge fills in what it would mean to have the workload back.
func (w *Worth) judge(back *placement.WhyNotAnswer, tier string) {
	if len(back.Violations) > 0 {
		w.Because = back.Violations[0].Message
	}
	before := true // of the tier of the prices
	for _, t := range back.Tiers {
		if t.Name == tier {
			w.Benefit, before = topology.MicroEUR(t.Delta), false
		} else if before && t.Delta > 0 && w.Because == "" {
			w.Because = fmt.Sprintf("%s would be worse by %d", t.Name, t.Delta)
		}
	}
	if w.Benefit > 0 {
		w.Payback = (int64(w.Cost) + int64(w.Benefit) - 1) / int64(w.Benefit)
	}
}

// pays says whether the benefit of so many hours pays the cost.
func (w *Worth) pays(hours int64) bool { return w.Payback >= 0 && w.Payback <= hours }

// withoutMoves returns the given objective without what moves cost, and the name of the tier of the prices.
func (b *rebalancer) withoutMoves() (placement.Objective, string) {
	given := b.given.Objective
	if len(given) == 0 {
		given = placement.DefaultObjective
	}
	out, name := make(placement.Objective, 0, len(given)), ""
	for k, t := range given {
		if k == pricesOf(given) {
			name = t.Name
		}
		t.Terms = slices.DeleteFunc(slices.Clone(t.Terms), func(t placement.Term) bool {
			return t.Kind == placement.Moves || t.Kind == placement.Relocation || t.Kind == placement.GroupMoves
		})
		out = append(out, t)
	}
	return out, name
}

// costs adds up what the moves of each workload cost, once.
func (b *rebalancer) costs(plan *Plan) (map[placement.WorkloadID]topology.MicroEUR, error) {
	works := workloadsByID(b.given)
	out := make(map[placement.WorkloadID]topology.MicroEUR)
	for i := range plan.Moves {
		m := &plan.Moves[i]
		sum, begun := out[m.Workload]
		if !begun {
			sum = works[m.Workload].MoveCost
		}
		to, _ := b.given.Continuum.Site(m.To)
		hourly, err := to.HourlyPrice(works[m.Workload].Demand)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		double, ok := scaled(int64(hourly), int64(m.End-m.Start), hourMicros)
		if !ok {
			return nil, fmt.Errorf(overflowing, ErrInvalid, "the double running of "+string(m.Workload))
		}
		for _, part := range []topology.MicroEUR{m.Transfer, topology.MicroEUR(double)} {
			if err := total(&sum, part, "the cost of moving "+string(m.Workload)); err != nil {
				return nil, err
			}
		}
		out[m.Workload] = sum
	}
	return out, nil
}

// conclude plans the whole way, says what it is worth and who should move and cannot, and compares before and after.
func (b *rebalancer) conclude(ctx context.Context, r *Rebalanced) error {
	var err error
	if r.Plan, err = Order(ctx, b.given, r.From, r.To, b.opts); err != nil {
		return err
	}
	r.Staying = append(b.stuck, r.Plan.Stuck...)
	known := make(map[placement.WorkloadID]bool)
	for _, s := range r.Staying {
		known[s.Workload] = true
	}
	for _, s := range r.Plan.Stuck {
		r.To[s.Workload] = s.From
	}
	for _, u := range b.left {
		if site, runs := r.To[u.Workload]; runs && !known[u.Workload] {
			r.Staying = append(r.Staying, Stuck{
				Workload: u.Workload, From: site, Message: "it may not stay where it is, and " + nowhereToGo(u.Refused),
			})
		}
	}
	slices.SortStableFunc(r.Staying, func(x, y Stuck) int { return cmp.Compare(x.Workload, y.Workload) })
	if r.Moves, err = b.worth(ctx, r.From, r.To, r.Plan); err != nil {
		return err
	}
	for i := range r.Moves {
		if w := &r.Moves[i]; w.Because == "" && !w.pays(b.options.Hours) {
			w.Because = "each of the steps that it stands for paid when it was found"
		}
	}
	r.Difference, err = placement.Diff(ctx, placement.Answer{Problem: b.given, Assignment: r.From}, placement.Answer{Problem: b.given, Assignment: r.To})
	return err
}
