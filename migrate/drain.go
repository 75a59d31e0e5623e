package migrate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Scope says what to empty: the sites that match any of the fields.
type Scope struct {
	Sites     []topology.SiteID       `json:"sites,omitempty"`
	Providers []topology.ProviderID   `json:"providers,omitempty"`
	Countries []topology.Jurisdiction `json:"countries,omitempty"`
	// By is when they have to be empty; zero: no deadline.
	By time.Time `json:"by,omitzero"`
}

// Drained is the outcome of a drain.
type Drained struct {
	Scope Scope                `json:"scope"`
	From  placement.Assignment `json:"from"`
	// Target answers Problem. Its unplaced workloads are among the Staying.
	Target *placement.Result `json:"target"`
	// Problem is the one given, with the scope's sites down; and see [Drain].
	Problem *placement.Problem `json:"-"`
	// Plan leads from From to where Target has those that run; who has no place there stays.
	Plan *Plan `json:"plan"`
	// Options are those that Plan was made with: those given, and the deadline of the scope.
	Options *Options `json:"-"`
	// Staying are the workloads in the scope that have nowhere to go or cannot get there, with the reasons; they keep
	// running where they are.
	Staying []Stuck `json:"staying,omitempty"`
	// Over is when the last of those that leave has left, by prediction; zero where none does. What stays is not counted.
	Over time.Time `json:"over,omitzero"`
	// Late are those that leave after Scope.By, by how much, and whether that is proven to be the best.
	Late []Late `json:"late,omitempty"`
	// Back is the plan of the way back, as far as there is one.
	Back *Plan `json:"back"`
	// Difference compares before and after, those that stay where they are included.
	Difference *placement.Difference `json:"difference"`
}

// Drain empties the sites of a scope; p.Current is where things run. The target is solved with these sites down, so that
// nothing may stay on them or enter them, and with everything else pinned where it is: a drain is no occasion to tidy up.
// Only where something would then have nowhere to go, others may move too, if that finds it a place; the objective's term
// Moves, added as a last tier where it is missing, makes that cost something. What runs elsewhere is never pushed out, and
// what does not run yet never takes the place of what does; where priorities as given would do that, they are raised for
// what runs. Drained.Problem says what was solved in the end.
//
// The moves are planned with the sites as they are, because a site that is being emptied still runs what it has, and a
// way back leads onto it. A site of the scope that is down in p runs nothing that could be copied: its workloads are
// Staying. Where a workload cannot get to the site that was found for it (no way, no bandwidth, no method that converges), the
// others are tried, up to four times in all, and the target that leaves least behind is kept.
//
// With a deadline (Scope.By) those that have to leave go first, and who is late is in Drained.Late; they move all the same. The
// error wraps [ErrInvalid] for an unknown site or provider and a scope that matches nothing.
func Drain(ctx context.Context, p *placement.Problem, scope Scope, solve *placement.Options, opts *Options) (*Drained, error) {
	closed, err := scope.sites(p)
	if err != nil {
		return nil, err
	}
	emptied, err := without(p, closed)
	if err != nil {
		return nil, err
	}
	d, w, err := aim(ctx, p, emptied, scope, closed, solve, opts)
	if err != nil {
		return nil, err
	}
	if err := d.date(w, closed); err != nil {
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
	for w := range workloads(p) {
		if _, ok := p.Continuum.Site(p.Current[w.ID]); ok {
			out[w.ID] = p.Current[w.ID]
		}
	}
	return out
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

// goal says where everything that runs was to go.
func (d *Drained) goal() placement.Assignment {
	to := maps.Clone(d.From)
	for id, site := range d.Target.Assignment {
		if _, runs := d.From[id]; runs {
			to[id] = site
		}
	}
	return to
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
