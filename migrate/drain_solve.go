package migrate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// solve finds the target and the problem that it answers: p with all that runs outside the scope pinned, or without those
// pins that cannot hold, or, where that places more, without any.
func (d *Drained) solve(ctx context.Context, p *placement.Problem, closed map[topology.SiteID]bool, opts *placement.Options) error {
	loose := make(map[placement.WorkloadID]bool)
	for range 2 {
		if err := d.attempt(ctx, d.pinned(p, closed, loose), closed, opts); err != nil {
			return err
		}
		again := false
		for id, site := range d.From {
			if _, placed := d.Target.Assignment[id]; !placed && !closed[site] {
				loose[id], again = true, true
			}
		}
		if !again {
			break
		}
	}
	problem, target := d.Problem, d.Target
	lost := d.lost(p)
	if lost == 0 {
		return nil
	}
	if err := d.attempt(ctx, p, closed, opts); err != nil {
		return err
	}
	if d.lost(p) >= lost {
		d.Problem, d.Target = problem, target
	}
	return nil
}

// attempt solves a problem, and again with raised priorities where what runs would suffer.
func (d *Drained) attempt(ctx context.Context, p *placement.Problem, closed map[topology.SiteID]bool, opts *placement.Options) error {
	res, err := placement.Solve(ctx, p, opts)
	if err != nil {
		return err
	}
	if d.pushes(res, closed) {
		if p, err = prefer(p, d.From, closed); err != nil {
			return err
		}
		if res, err = placement.Solve(ctx, p, opts); err != nil {
			return err
		}
	}
	d.Problem, d.Target = p, res
	return nil
}

// lost adds up the priorities of what runs and has no place in the target.
func (d *Drained) lost(p *placement.Problem) int64 {
	lost := int64(0)
	for w := range workloads(p) {
		_, runs := d.From[w.ID]
		if _, placed := d.Target.Assignment[w.ID]; runs && !placed {
			lost += w.Priority
		}
	}
	return lost
}

// pushes says whether a target pushes out what runs outside the scope, or starts something new at the cost of what runs.
func (d *Drained) pushes(res *placement.Result, closed map[topology.SiteID]bool) bool {
	lost, starts := false, false
	for id, site := range d.From {
		if _, placed := res.Assignment[id]; !placed {
			if !closed[site] {
				return true
			}
			lost = true
		}
	}
	for id := range res.Assignment {
		if _, runs := d.From[id]; !runs {
			starts = true
		}
	}
	return starts && lost
}

// pinned returns the problem with everything that runs outside the scope pinned to its site, except what is loose.
func (d *Drained) pinned(p *placement.Problem, closed map[topology.SiteID]bool, loose map[placement.WorkloadID]bool) *placement.Problem {
	out := edited(p)
	for w := range workloads(out) {
		if site, runs := d.From[w.ID]; runs && !closed[site] && !loose[w.ID] && w.Site == "" {
			w.Site = site
		}
	}
	return out
}

// prefer raises priorities so that each workload on an open site weighs more than all in the scope together, and each of
// those more than all that do not run.
func prefer(p *placement.Problem, from placement.Assignment, closed map[topology.SiteID]bool) (*placement.Problem, error) {
	class := func(id placement.WorkloadID) int {
		switch site, runs := from[id]; {
		case !runs:
			return 0
		case closed[site]:
			return 1
		default:
			return 2
		}
	}
	out := edited(p)
	scale, sum := int64(1), int64(0)
	for level := range 3 {
		for w := range workloads(out) {
			if class(w.ID) != level {
				continue
			}
			if w.Priority > math.MaxInt64/4/scale || w.Priority*scale > math.MaxInt64/4-sum {
				return nil, fmt.Errorf("%w: the priorities are too large to rank what runs before what does not", ErrInvalid)
			}
			w.Priority *= scale
			sum += w.Priority
		}
		scale = sum + 1
	}
	return out, nil
}

// without returns the problem with some sites down.
func without(p *placement.Problem, closed map[topology.SiteID]bool) (*placement.Problem, error) {
	var put topology.Spec
	for s := range p.Continuum.Sites() {
		if closed[s.ID] {
			down := *s
			down.State = topology.Down
			put.Sites = append(put.Sites, down)
		}
	}
	c, err := p.Continuum.Update(topology.Changes{Put: put})
	if err != nil {
		return nil, err
	}
	out := *p
	out.Continuum = c
	if out.Latency == nil {
		asOf := p.AsOf
		if asOf.IsZero() {
			asOf = p.Continuum.AsOf()
		}
		if out.Latency, err = latency.New(c, &latency.Options{AsOf: asOf}); err != nil {
			return nil, err
		}
	}
	if len(out.Objective) == 0 {
		out.Objective = placement.DefaultObjective
	}
	if !slices.ContainsFunc(out.Objective, countsMoves) {
		out.Objective = append(slices.Clone(out.Objective), placement.Tier{
			Name: "moves", Terms: []placement.Term{{Kind: placement.Moves, Weight: 1}},
		})
	}
	return &out, nil
}

func countsMoves(t placement.Tier) bool {
	return slices.ContainsFunc(t.Terms, func(term placement.Term) bool { return term.Kind == placement.Moves && term.Weight > 0 })
}
