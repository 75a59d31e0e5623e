package migrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Scope says what to empty: the sites that match any of the fields.
type Scope struct {
	Sites     []topology.SiteID       `json:"sites,omitempty"`
	Providers []topology.ProviderID   `json:"providers,omitempty"`
	Countries []topology.Jurisdiction `json:"countries,omitempty"`
}

// Drained is the outcome of a drain.
type Drained struct {
	Scope Scope                `json:"scope"`
	From  placement.Assignment `json:"from"`
	// Target answers Problem. Its unplaced workloads are among the Staying.
	Target *placement.Result `json:"target"`
	// Problem is the one given, with the scope's sites down; and see [Drain].
	Problem *placement.Problem `json:"-"`
	Plan    *Plan              `json:"plan"`
	// Staying are the workloads in the scope that have nowhere to go or cannot get there, with the reasons; they keep
	// running where they are.
	Staying []Stuck `json:"staying,omitempty"`
	// Back is the plan of the way back, as far as there is one.
	Back *Plan `json:"back"`
	// Difference compares before and after, those that stay where they are included.
	Difference *placement.Difference `json:"difference"`
}

// Drain empties the sites of a scope. The target is solved with these sites down, so that nothing may stay on them or
// enter them; p.Current is where things run, so the objective's term Moves makes leaving any other site cost something
// (an objective without that term gets it as a last tier). If the answer moves anything outside the scope, it is solved
// again with that pinned to its site, and the first answer only stands where it is better: others move only where that
// pays. What runs elsewhere is never pushed out, and what does not run yet never takes the place of what does; where
// priorities as given would do that, they are raised for what runs. Drained.Problem says what was solved in the end.
//
// The moves are planned with the sites as they are, because a site that is being emptied still runs what it has, and a
// way back leads onto it. A site of the scope that is down in p runs nothing that could be copied: its workloads are
// Staying. The error wraps [ErrInvalid] for an unknown site or provider and a scope that matches nothing.
func Drain(ctx context.Context, p *placement.Problem, scope Scope, solve *placement.Options, opts *Options) (*Drained, error) {
	closed, err := scope.sites(p)
	if err != nil {
		return nil, err
	}
	d := &Drained{Scope: scope, From: running(p)}
	emptied, err := without(p, closed)
	if err != nil {
		return nil, err
	}
	if err := d.solve(ctx, emptied, closed, solve); err != nil {
		return nil, err
	}
	to := maps.Clone(d.From)
	for id, site := range d.Target.Assignment {
		if _, runs := d.From[id]; runs {
			to[id] = site
		}
	}
	w, err := newWorld(p, d.From, to, opts)
	if err != nil {
		return nil, err
	}
	q := newSequencer(w)
	q.avoid = make(map[int32]bool)
	for id := range closed {
		q.avoid[w.siteIndex[id]] = true
	}
	if d.Plan, err = q.plan(ctx); err != nil {
		return nil, err
	}
	if d.Back, err = Reverse(ctx, p, d.From, d.Plan, opts); err != nil {
		return nil, err
	}
	return d, d.conclude(ctx, p, w, closed)
}

// sites returns the sites that the scope matches.
func (s Scope) sites(p *placement.Problem) (map[topology.SiteID]bool, error) {
	if p == nil || p.Continuum == nil {
		return nil, fmt.Errorf("%w: no problem or no continuum", ErrInvalid)
	}
	var errs []error
	for _, id := range s.Sites {
		if _, ok := p.Continuum.Site(id); !ok {
			errs = append(errs, fmt.Errorf("%w: scope: there is no site %q", ErrInvalid, id))
		}
	}
	for _, id := range s.Providers {
		if _, ok := p.Continuum.Provider(id); !ok {
			errs = append(errs, fmt.Errorf("%w: scope: there is no provider %q", ErrInvalid, id))
		}
	}
	out := make(map[topology.SiteID]bool)
	for site := range p.Continuum.Sites() {
		if slices.Contains(s.Sites, site.ID) || slices.Contains(s.Providers, site.Provider) || slices.Contains(s.Countries, site.Country) {
			out[site.ID] = true
		}
	}
	if len(out) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("%w: scope: it matches no site", ErrInvalid))
	}
	return out, errors.Join(errs...)
}

// running returns what of p.Current still exists.
func running(p *placement.Problem) placement.Assignment {
	out := make(placement.Assignment)
	for i := range p.Applications {
		for k := range p.Applications[i].Workloads {
			id := p.Applications[i].Workloads[k].ID
			if _, ok := p.Continuum.Site(p.Current[id]); ok {
				out[id] = p.Current[id]
			}
		}
	}
	return out
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

// solve finds the target and the problem that it answers.
func (d *Drained) solve(ctx context.Context, p *placement.Problem, closed map[topology.SiteID]bool, opts *placement.Options) error {
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
	calm := d.pinned(closed)
	if calm == nil {
		return nil
	}
	again, err := placement.Solve(ctx, calm, opts)
	if err == nil && slices.CompareFunc(again.Tiers, res.Tiers, func(a, b placement.TierResult) int { return cmp.Compare(a.Value, b.Value) }) <= 0 {
		d.Problem, d.Target = calm, again
	}
	return err
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

// pinned returns the problem with everything pinned that the target moves although it is outside the scope; nil where
// there is nothing of that kind.
func (d *Drained) pinned(closed map[topology.SiteID]bool) *placement.Problem {
	out := *d.Problem
	out.Applications = slices.Clone(out.Applications)
	any := false
	for i := range out.Applications {
		app := &out.Applications[i]
		app.Workloads = slices.Clone(app.Workloads)
		for k := range app.Workloads {
			w := &app.Workloads[k]
			site, runs := d.From[w.ID]
			if to, placed := d.Target.Assignment[w.ID]; runs && placed && to != site && !closed[site] {
				w.Site = site
				any = true
			}
		}
	}
	if !any {
		return nil
	}
	return &out
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
	out := *p
	out.Applications = slices.Clone(p.Applications)
	for i := range out.Applications {
		out.Applications[i].Workloads = slices.Clone(out.Applications[i].Workloads)
	}
	scale, sum := int64(1), int64(0)
	for level := range 3 {
		for i := range out.Applications {
			for k := range out.Applications[i].Workloads {
				w := &out.Applications[i].Workloads[k]
				if class(w.ID) != level {
					continue
				}
				if w.Priority > math.MaxInt64/4/scale || w.Priority*scale > math.MaxInt64/4-sum {
					return nil, fmt.Errorf("%w: the priorities are too large to rank what runs before what does not", ErrInvalid)
				}
				w.Priority *= scale
				sum += w.Priority
			}
		}
		scale = sum + 1
	}
	return &out, nil
}

// conclude collects who stays and compares before and after.
func (d *Drained) conclude(ctx context.Context, p *placement.Problem, w *world, closed map[topology.SiteID]bool) error {
	stuck := make(map[placement.WorkloadID]Stuck)
	for _, s := range d.Plan.Stuck {
		stuck[s.Workload] = s
	}
	end := d.end()
	refused := make(map[placement.WorkloadID]map[placement.ConstraintKind]int)
	for _, u := range d.Target.Unplaced {
		refused[u.Workload] = u.Refused
	}
	for _, work := range w.works {
		site := d.From[work.ID]
		if !closed[site] || !closed[end[work.ID]] {
			continue
		}
		s, ok := stuck[work.ID]
		if !ok {
			s = Stuck{Workload: work.ID, From: site, Message: nowhereToGo(refused[work.ID])}
		}
		d.Staying = append(d.Staying, s)
	}
	var err error
	d.Difference, err = placement.Diff(ctx, placement.Answer{Problem: p, Assignment: d.From}, placement.Answer{Problem: p, Assignment: end})
	return err
}

// end says where everything is after the plan.
func (d *Drained) end() placement.Assignment {
	end := maps.Clone(d.From)
	for i := range d.Plan.Moves {
		end[d.Plan.Moves[i].Workload] = d.Plan.Moves[i].To
	}
	return end
}

// nowhereToGo says what refuses the other sites.
func nowhereToGo(refused map[placement.ConstraintKind]int) string {
	kinds := slices.Collect(maps.Keys(refused))
	slices.Sort(kinds)
	text := "no other site can take it"
	for i, kind := range kinds {
		sep := ", "
		if i == 0 {
			sep = ": refused by "
		}
		text += fmt.Sprintf("%s%s (%d sites)", sep, kind, refused[kind])
	}
	return text
}
