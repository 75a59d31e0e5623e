package placement

import (
	"context"
	"slices"
)

// Refused counts, for a workload, the sites that each kind of constraint refuses as things stand, so that a site can
// count several times. Like [Scheduler.Candidates] it leaves gangs out, and where the workload is now. It asks Admission
// once about all sites for each shape, also where something else refuses them; [Explainer.WhyNot] has the whole story of
// one site. O(sites x (flows and constraints of the workload)).
func (s *Scheduler) Refused(ctx context.Context, id WorkloadID) (map[ConstraintKind]int, error) {
	snap := s.now.Load()
	app, _, i, err := snap.find(id)
	if err != nil {
		return nil, err
	}
	shape, err := snap.shape(ctx, app, i)
	if err != nil {
		return nil, err
	}
	q, err := snap.world.query(snap, app, i, shape)
	if err != nil {
		return nil, err
	}
	out := make(map[ConstraintKind]int)
	memo := &snap.world.shapes
	memo.compiling.Lock() // what is known of a shape for reports is not known beforehand
	defer memo.compiling.Unlock()
	c := *memo.compiled
	c.ctx = ctx
	for at := range int32(len(snap.world.sites)) {
		if at == q.now {
			continue
		}
		for _, kind := range q.refusals(at, c.refusalsAlone(shape.class, at)) {
			out[kind]++
		}
	}
	return out, nil
}

// refusals adds the kinds of constraints that refuse a site because of what else is placed.
func (q *schedQuery) refusals(at int32, kinds []ConstraintKind) []ConstraintKind {
	if !q.hasRoom(at) {
		kinds = addKind(kinds, ByCapacity)
	}
	if !q.affords(at) {
		kinds = addKind(kinds, ByBudget)
	}
	for k := range q.limits {
		if l := &q.limits[k]; !slices.Contains(kinds, l.kind) && !l.allows(at) {
			kinds = append(kinds, l.kind)
		}
	}
	node := q.w.sites[at].ID.Node()
	for k := range q.ends {
		e := &q.ends[k]
		if e.site == at || e.within(e.row, node) {
			continue
		}
		if _, known := e.row.Leg(node); !known && e.transit.Restricted() {
			kinds = addKind(kinds, ByTransit)
		} else {
			kinds = addKind(kinds, ByLatency)
		}
	}
	for k := range q.gaps {
		if !q.gaps[k].keeps(q.w, at) {
			kinds = addKind(kinds, ByPath)
		}
	}
	return kinds
}
