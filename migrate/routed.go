package migrate

import (
	"cmp"
	"context"

	"github.com/domicile-eu/domicile/topology"
)

// best times hops over the routes that make the shortest plan, at the full rates of these unless it pays to share links.
func (q *sequencer) best(ctx context.Context, hops []*hop) (*attempt, error) {
	m := newMesh(q.world.problem.Continuum)
	a, err := q.routed(ctx, hops, m)
	if err != nil {
		return nil, err
	}
	return q.shared(ctx, a, m)
}

// routed times hops over the routes with the least latency, and, where others promise a shorter plan, over those too, and
// keeps what is better: deadlines first, then the makespan, then what the moves cost.
func (q *sequencer) routed(ctx context.Context, hops []*hop, m *mesh) (*attempt, error) {
	plain, err := q.over(ctx, hops, m)
	if err != nil || m.forest || len(hops) == 0 {
		return plain, err
	}
	late := plain.scheduler.lateness(plain.timing) > 0
	if !late && plain.timing.makespan <= plain.prices.best.bound {
		return plain, nil
	}
	floor := topology.Micros(0)
	for i, h := range hops {
		if !late {
			floor = max(floor, plain.ends[0][i]+h.rest()+plain.ends[1][i])
		}
	}
	others, err := newRouter(ctx, q, m, hops).spread(floor, plain.prices.best.bound)
	if err != nil || others == nil {
		return plain, err
	}
	spread, err := q.over(ctx, others, m)
	if err != nil {
		return nil, err
	}
	return q.cheaper(plain, spread)
}

// cheaper returns the better of two attempts, the first where they are as good.
func (q *sequencer) cheaper(a, b *attempt) (*attempt, error) {
	better := cmp.Or(
		cmp.Compare(b.scheduler.lateness(b.timing), a.scheduler.lateness(a.timing)),
		cmp.Compare(b.timing.makespan, a.timing.makespan))
	if better == 0 {
		var costs [2]topology.MicroEUR
		for i, x := range [2]*attempt{a, b} {
			for _, h := range x.scheduler.hops {
				transfer, err := q.world.transferOf(h)
				if err == nil {
					err = total(&costs[i], transfer, "the cost of all transfers")
				}
				if err != nil {
					return nil, err
				}
			}
		}
		better = cmp.Compare(costs[1], costs[0])
	}
	if better < 0 {
		return b, nil
	}
	return a, nil
}
