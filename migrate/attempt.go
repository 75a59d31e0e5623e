package migrate

import (
	"context"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// attempt is hops over certain routes, with the times and the bounds that follow.
type attempt struct {
	scheduler *scheduler
	limit     limit
	ends      [2][]topology.Micros
	prices    *pricer // holds whatever the routes
	timing    *timing
}

// over gives hops their times, over the routes that they have.
func (q *sequencer) over(ctx context.Context, hops []*hop, m *mesh) (*attempt, error) {
	s := q.scheduler(newNetwork(q.world, hops), hops)
	a := &attempt{scheduler: s}
	a.limit, a.ends = s.lowerBound(q.world.ready)
	var err error
	if a.prices, err = s.routeBound(ctx, m); err != nil {
		return nil, err
	}
	bound := max(a.limit.time, a.prices.best.bound)
	if a.timing, err = schedule(ctx, s, bound, a.ends); err != nil {
		return nil, err
	}
	if s.lateness(a.timing) > 0 { // those whom the late ones wait for are in a hurry too
		s.class = s.clock.inherited(a.timing, s.chain(a.timing))
		if again, err := schedule(ctx, s, bound, a.ends); err == nil {
			a.timing = s.better(a.timing, again)
		}
	}
	return a, nil
}

// bound returns the greater of the two bounds and what it rests on in words; of two as great, that which holds for more.
func (a *attempt) bound() (topology.Micros, string) {
	if p := a.prices; p.best.bound >= a.limit.time && a.limit.time > 0 {
		return p.best.bound, p.witness()
	}
	return a.limit.time, a.scheduler.witness(a.limit)
}

// certify writes the bounds of a plan down as data; searched says that all timetables were looked through.
func (a *attempt) certify(plan *Plan, ids []int, searched bool) {
	p := a.prices
	plan.RouteBound = p.best.bound
	if !searched && p.best.bound >= a.limit.time && a.limit.time > 0 {
		plan.Certificate = p.certificate(ids)
		return
	}
	plan.Certificate = a.scheduler.certificate(a.limit, a.ends, ids)
	if searched {
		plan.Certificate = Certificate{Kind: "search", Holds: holdsDirect, Moves: slices.Sorted(slices.Values(ids))}
	}
	if p.best.bound > 0 {
		c := p.certificate(ids)
		plan.RouteCertificate = &c
	}
}
