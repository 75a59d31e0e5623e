package migrate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/placement"
)

// Reverse plans the way back from the end of a plan to where it started, from: every move the other way round, last
// one first, priced anew (egress is not symmetric). A plan of which only some moves were made is taken back by giving it
// those alone, in their order.
//
// A plan run backwards needs no more room than it did forwards, so there is always a way back, but for moves onto sites
// that are closed or refused by now: those are points of no return and stand in Stuck with the reasons, as does what
// waits for them. The options are those that the plan was made with; the way back is planned, and to be judged, by
// Options.Back of them, and its calendars are read from Options.Start on. What was broken at the start (Plan.Start) and has
// been mended is not broken again either.
func Reverse(ctx context.Context, p *placement.Problem, from placement.Assignment, plan *Plan, opts *Options) (*Plan, error) {
	if p == nil || p.Continuum == nil || plan == nil {
		return nil, fmt.Errorf("%w: no problem, no continuum or no plan", ErrInvalid)
	}
	end := maps.Clone(from)
	var errs []error
	for i := range plan.Moves {
		m := &plan.Moves[i]
		if at, runs := end[m.Workload]; !runs || at != m.From {
			errs = append(errs, fmt.Errorf("%w: move %d takes %q from %q, but it is on %q", ErrInvalid, m.ID, m.Workload, m.From, at))
			continue
		}
		end[m.Workload] = m.To
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	w, err := newWorld(p, end, from, opts.Back())
	if err != nil {
		return nil, err
	}
	q := newSequencer(w)
	hops, err := q.backwards(ctx, plan)
	if err != nil {
		return nil, err
	}
	if hops == nil {
		return q.plan(ctx)
	}
	back, err := q.timed(ctx, hops)
	if shut := (*shutError)(nil); errors.As(err, &shut) {
		return q.plan(ctx)
	}
	return back, err
}

// backwards returns the moves of a plan in reverse order of their ends, which is a safe serial order; nil where some of
// it cannot be taken back, so that an order has to be searched for.
func (q *sequencer) backwards(ctx context.Context, plan *Plan) ([]*hop, error) {
	w := q.world
	for i := range q.affinities {
		if a := &q.affinities[i]; a.broken(w.to) > a.broken(w.from) {
			return nil, nil
		}
	}
	moves := slices.Clone(plan.Moves)
	slices.SortStableFunc(moves, func(a, b Move) int {
		if a.End != b.End {
			return int(min(1, max(-1, b.End-a.End)))
		}
		return b.ID - a.ID
	})
	moving := make(map[placement.WorkloadID]int)
	for i := range moves {
		moving[moves[i].Workload]++
	}
	s := newSerial(q.stocks, newSpreads(w, q.domains), nil)
	hops := make([]*hop, 0, len(moves))
	for i := range moves {
		m := &moves[i]
		h, no, err := w.prepare(ctx, w.workIndex[m.Workload], w.siteIndex[m.To], w.siteIndex[m.From])
		if err != nil {
			return nil, err
		}
		if no != nil {
			return nil, nil
		}
		moving[m.Workload]--
		h.stage = moving[m.Workload] > 0
		q.stocks.fill(h)
		if !s.feasible(h) {
			return nil, nil
		}
		s.carryOut(h)
		hops = append(hops, h)
	}
	if q.disobeys(hops) {
		return nil, nil
	}
	return hops, nil
}
