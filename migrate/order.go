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

// Order plans the moves that lead from one assignment to another, for the workloads that both place and on different
// sites. Each move takes the route with the least latency that the workload's data may take, unless another one of theirs
// makes the plan shorter, at the full rate of that route, by the first of the workload's methods that works; moves over one
// link follow each other. Of two plans of one length the cheaper one is taken. Where workloads wait
// for each other in a circle, one at a time waits on a spare site, each at most once. Stopping a workload does not help
// there: what is stopped still holds its room until it runs elsewhere.
//
// Plan.Bound is proven by Plan.Certificate, which says whether it holds for these moves over all routes that their data may
// take or only over those chosen; another choice of stages may allow less. The timetable is improved by forward and backward passes and by placing hops one by one, within a
// budget of steps, so the same input gives the same plan.
//
// What cannot be moved stands in Plan.Stuck. The error wraps [ErrInvalid] where the input is malformed, naming every
// defect, or is that of ctx or of the problem's Admission and Transit. Serial order and schedule take O(n log n) for n
// moves of which few wait for the same site; circles cost a judgement of all sites for each workload that waits.
func Order(ctx context.Context, p *placement.Problem, from, to placement.Assignment, opts *Options) (*Plan, error) {
	w, err := newWorld(p, from, to, opts)
	if err != nil {
		return nil, err
	}
	return newSequencer(w).plan(ctx)
}

// timed times and prices hops that stand in a safe serial order.
func (q *sequencer) timed(ctx context.Context, hops []*hop) (*Plan, error) {
	a, err := q.best(ctx, hops)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Moves: []Move{}, NoReturn: -1, PeakDouble: topology.Resources{}}
	plan.Bound, plan.Witness = a.bound()
	proven := false
	if a.timing, proven = a.scheduler.settle(a.timing, plan.Bound); proven {
		plan.Bound, plan.Witness = a.timing.makespan, a.scheduler.searched()
	}
	ids, err := q.fill(ctx, plan, a.scheduler, a.timing)
	if err != nil {
		return nil, err
	}
	a.certify(plan, ids, proven)
	plan.Initial, plan.Removed = q.world.leftOut()
	for _, work := range slices.Sorted(maps.Keys(q.stuck)) {
		plan.Stuck = append(plan.Stuck, q.stuck[work])
	}
	plan.Start, err = q.startViolations(ctx)
	return plan, err
}

// fill writes the moves and their sums into a plan, and returns the IDs of the hops.
func (q *sequencer) fill(ctx context.Context, plan *Plan, s *scheduler, t *timing) ([]int, error) {
	hops := s.hops
	order := make([]int32, len(hops))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(t.start[a], t.start[b]), cmp.Compare(a, b)) })
	ids := make([]int, len(hops))
	for id, hop := range order {
		ids[hop] = id
	}
	after := s.chain(t)
	for id, hop := range order {
		m, err := q.move(ctx, hops[hop])
		if err != nil {
			return nil, err
		}
		m.ID, m.Start, m.End = id, t.start[hop], t.end[hop]
		m.NotBefore = s.clock.notBefore(hop, m.Start)
		for _, first := range after[hop] {
			m.After = append(m.After, ids[first])
		}
		slices.Sort(m.After)
		if err := plan.add(m); err != nil {
			return nil, err
		}
		double, err := q.world.doubleOf(hops[hop])
		if err == nil {
			err = total(&plan.Double, double, "the cost of double running")
		}
		if err != nil {
			return nil, err
		}
	}
	plan.Late = s.clock.lates(s, t, after, ids)
	plan.Makespan = t.makespan
	plan.Gap = float64(plan.Makespan-plan.Bound) / float64(max(plan.Makespan, 1))
	if plan.Makespan < plan.Bound {
		return nil, fmt.Errorf("migrate: makespan %d is below its bound %d", plan.Makespan, plan.Bound)
	}
	plan.PeakDouble = q.world.peak(hops, t)
	return ids, nil
}

// move describes a hop.
func (q *sequencer) move(ctx context.Context, h *hop) (Move, error) {
	w := q.world
	m := Move{
		Workload: w.works[h.work].ID, From: w.sites[h.from].ID, To: w.sites[h.to].ID, Stage: h.stage,
		Method: h.method, Route: h.route, Rate: h.rate, Bytes: h.estimate.Bytes, Downtime: h.estimate.Downtime,
		Safe: h.estimate.Safe,
	}
	var err error
	if m.Transfer, err = w.transferOf(h); err != nil {
		return m, err
	}
	m.Undo, m.NoReturn, err = w.undo(ctx, h)
	return m, err
}

// add appends a move and adds it to the sums.
func (p *Plan) add(m Move) error {
	if m.NoReturn != "" && p.NoReturn < 0 {
		p.NoReturn = len(p.Moves)
	}
	p.Moves = append(p.Moves, m)
	if err := total(&p.Bytes, m.Bytes, "the sum of bytes to copy"); err != nil {
		return err
	}
	return total(&p.Transfer, m.Transfer, "the cost of all transfers")
}
