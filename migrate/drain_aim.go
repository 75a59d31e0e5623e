package migrate

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// mostAims is how often a target is looked for whose sites can be reached.
const mostAims = 4

// aim finds a target and the plan that leads there, again without the sites that somebody who has to leave cannot get to,
// and returns what leaves least behind, the first of several.
func aim(ctx context.Context, p, emptied *placement.Problem, scope Scope, closed map[topology.SiteID]bool, solve *placement.Options, opts *Options) (*Drained, *world, error) {
	barred := make(dead)
	var best *Drained
	var world *world
	least := int64(-1)
	for range mostAims {
		d := &Drained{Scope: scope, From: running(p)}
		if err := d.solve(ctx, barred.rule(emptied), closed, solve); err != nil {
			return nil, nil, err
		}
		d.Options = scope.due(opts, d.From, closed)
		w, err := newWorld(p, d.From, d.goal(), d.Options)
		if err != nil {
			return nil, nil, err
		}
		if err := d.plan(ctx, w, closed); err != nil {
			return nil, nil, err
		}
		if behind := d.behind(w, closed); least < 0 || behind < least {
			best, world, least = d, w, behind
		}
		if !barred.add(d, closed) {
			break
		}
	}
	return best, world, nil
}

// plan plans the way to the target; nothing waits on a site that is being emptied.
func (d *Drained) plan(ctx context.Context, w *world, closed map[topology.SiteID]bool) error {
	q := newSequencer(w)
	q.avoid = make(map[int32]bool)
	for id := range closed {
		q.avoid[w.siteIndex[id]] = true
	}
	var err error
	d.Plan, err = q.plan(ctx)
	return err
}

// behind adds up the priorities of what is left behind.
func (d *Drained) behind(w *world, closed map[topology.SiteID]bool) int64 {
	sum, end := int64(0), d.end()
	for _, work := range w.works {
		if closed[end[work.ID]] {
			sum += work.Priority
		}
	}
	return sum
}

// dead are the sites that workloads cannot get to. It is a rule of the problem in which others are looked for.
type dead map[placement.WorkloadID]map[topology.SiteID]string

// add notes who of those that have to leave is stuck, and says whether that was news.
func (x dead) add(d *Drained, closed map[topology.SiteID]bool) bool {
	news := false
	for _, s := range d.Plan.Stuck {
		if !closed[s.From] || x[s.Workload][s.To] != "" {
			continue
		}
		if x[s.Workload] == nil {
			x[s.Workload] = make(map[topology.SiteID]string)
		}
		x[s.Workload][s.To] = fmt.Sprintf("%s cannot get to %s: %s", s.Workload, s.To, s.Message)
		news = true
	}
	return news
}

// rule returns the problem with the sites refused. A rule must judge workloads alike that differ in nothing but their ID,
// so those that it means get an attribute of their own.
func (x dead) rule(p *placement.Problem) *placement.Problem {
	if len(x) == 0 {
		return p
	}
	rule := make(dead, len(x))
	for w, sites := range x {
		rule[w] = maps.Clone(sites)
	}
	out := edited(p)
	out.Rules = append(slices.Clone(p.Rules), rule)
	for w := range workloads(out) {
		if x[w.ID] != nil {
			w.Attributes = maps.Clone(w.Attributes)
			if w.Attributes == nil {
				w.Attributes = make(map[string]any)
			}
			w.Attributes["domicile.eu/unreachable-for"] = string(w.ID)
		}
	}
	return out
}

// Judge refuses a workload the sites that it cannot get to.
func (x dead) Judge(w *placement.Workload, s *topology.Site) (ok bool, why string, cost topology.MicroEUR) {
	why = x[w.ID][s.ID]
	return why == "", why, 0
}
