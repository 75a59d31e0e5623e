package migrate

import (
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// startViolations returns what is broken before anything moves, of what a plan keeps: capacity, admission of every
// workload where it is, conflicts, spreads and affinities.
func (q *sequencer) startViolations(ctx context.Context) ([]placement.Violation, error) {
	out, err := q.startUnary(ctx)
	if err != nil {
		return nil, err
	}
	for stock, free := range q.stocks.free {
		if free >= 0 {
			continue
		}
		out = append(out, q.overdrawn(int32(stock), free))
	}
	for _, g := range newSpreads(q.world, q.domains).groups {
		if used := len(g.counts); used < g.want {
			out = append(out, placement.Violation{
				Kind: placement.BySpread, Have: int64(used), Want: int64(g.want),
				Message: fmt.Sprintf("%v of %s use %d values of %s, %d are asked for", g.rule.Components, g.app.Name, used, g.rule.Over, g.want),
			})
		}
	}
	for i := range q.affinities {
		a := &q.affinities[i]
		if n := a.broken(q.world.from); n > 0 {
			out = append(out, placement.Violation{
				Kind: placement.ByAffinity, Have: int64(n),
				Message: fmt.Sprintf("%v of %s are parted over %s", a.rule.Components, a.app.Name, a.rule.Over),
			})
		}
	}
	return out, nil
}

// overdrawn describes a stock of which more is held than there is.
func (q *sequencer) overdrawn(stock int32, free int64) placement.Violation {
	v := placement.Violation{Kind: placement.ByConflict, Message: fmt.Sprintf("%s is held %d times too often", q.stocks.name(stock), -free)}
	if q.stocks.isRoom(stock) {
		n := int32(len(q.world.dims))
		site := q.world.sites[stock/n]
		capacity := site.Capacity[q.world.dims[stock%n]]
		v = placement.Violation{
			Kind: placement.ByCapacity, Site: site.ID, Have: capacity - free, Want: capacity,
			Message: fmt.Sprintf("%s: %d used of %d", q.stocks.name(stock), capacity-free, capacity),
		}
	}
	return v
}

// startUnary judges every placed workload on its own site. A cordoned site may keep what it has.
func (q *sequencer) startUnary(ctx context.Context) ([]placement.Violation, error) {
	var out []placement.Violation
	w := q.world
	for i, site := range w.from {
		work := int32(i)
		if site == nowhere {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found := w.unfit(work, site)
		if s := w.sites[site]; s.State == topology.Down {
			found = append(found, placement.Violation{
				Kind: placement.ByState, Workloads: []placement.WorkloadID{w.works[i].ID}, Site: s.ID,
				Message: fmt.Sprintf("%s is down", s.ID),
			})
		}
		found, err := w.grounds(ctx, work, site, found)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
