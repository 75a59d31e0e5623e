package opennebula

import (
	"context"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

const (
	// defaultSteps is the whole budget, over all levels that are tried.
	defaultSteps = 4_000_000
	// tries is how often a level between what is proven and what was reached is tried.
	tries = 7
)

// found is an answer of one try.
type found struct {
	on       map[int]int // VM -> host
	result   *placement.Result
	problem  *placement.Problem
	unplaced int64
	moves    int
	stay     int // who should leave and does not
	at       level
}

// better says whether f is to be preferred: more has a place, then in a placement less moves, then the load is lower, then less
// moves.
func (c *worldCase) better(f, g *found) bool {
	if g == nil || f.unplaced != g.unplaced {
		return g == nil || f.unplaced < g.unplaced
	}
	if f.stay != g.stay {
		return f.stay < g.stay
	}
	if c.cfg.Mode == Place && f.moves != g.moves {
		return f.moves < g.moves
	}
	if v, w := c.weights.value(f.at), c.weights.value(g.at); v != w {
		return v < w
	}
	return f.moves < g.moves
}

// search finds where VMs should be. The greatest load is no term of package placement, but use above what a host takes with
// ease is: so a load is aimed at, first that which is proven to be the least, and where it is not reached one between that and
// what was. Each answer counts by the load that it has, whatever was aimed at.
func (c *worldCase) search(ctx context.Context, w *world) (*found, error) {
	if c.packs() {
		return c.gather(ctx, w)
	}
	lower := c.bound(func(int) bool { return true })
	best, err := c.try(ctx, w, lower)
	if err != nil {
		return nil, err
	}
	if less := c.bound(func(vm int) bool { _, ok := best.on[vm]; return ok }); less != lower {
		lower = less
		f, err := c.try(ctx, w, lower)
		if err != nil {
			return nil, err
		}
		if c.better(f, best) {
			best = f
		}
	}
	if c.reached(best, lower) {
		return c.fewer(ctx, w, best)
	}
	low, high := lower, best.at
	for range tries {
		if c.late(ctx) {
			break
		}
		var mid level
		for m := range mid {
			mid[m] = low[m] + (high[m]-low[m])/2
		}
		f, err := c.try(ctx, w, mid)
		if err != nil {
			return nil, err
		}
		if c.reached(f, mid) {
			high = f.at
			for m := range high {
				high[m] = max(high[m], low[m])
			}
		} else {
			low = mid
		}
		if c.better(f, best) {
			best = f
		}
		if c.reached(best, lower) || c.weights.value(high)-c.weights.value(low) < 0.0002 {
			break
		}
	}
	return best, nil
}

// fewer looks for an answer with the same load and less moves, by halving how many are allowed: a limit guides the search
// better than a price does.
func (c *worldCase) fewer(ctx context.Context, w *world, best *found) (*found, error) {
	if c.cfg.Mode == Place {
		return best, nil
	}
	aim, limit := best.at, c.limit
	defer func() { c.limit = limit }()
	for low := -1; best.moves-low > 1 && !c.late(ctx); {
		c.limit = low + (best.moves-low)/2
		f, err := c.try(ctx, w, aim)
		if err != nil {
			return nil, err
		}
		if c.reached(f, aim) && c.better(f, best) {
			best = f
		} else {
			low = c.limit
		}
	}
	return best, nil
}

func (c *worldCase) late(ctx context.Context) bool {
	return c.cfg.Spent != nil && c.cfg.Spent() >= 1 || ctx.Err() != nil
}

func (c *worldCase) reached(f *found, aim level) bool {
	for m, weight := range c.weights.list() {
		if weight > 0 && f.at[m] > aim[m] {
			return false
		}
	}
	return true
}

// try solves with one load aimed at.
func (c *worldCase) try(ctx context.Context, w *world, aim level) (*found, error) {
	continuum, err := w.continuum.Update(topology.Changes{Put: topology.Spec{Sites: c.aim(w.sites, aim)}})
	if err != nil {
		return nil, err
	}
	aimed := *w
	aimed.continuum = continuum
	p := c.problem(&aimed)
	steps := c.cfg.MaxSteps
	if steps == 0 {
		steps = defaultSteps
	}
	seed := c.cfg.Seed
	if seed == 0 {
		seed = 1
	}
	result, err := placement.Solve(ctx, p, &placement.Options{Seed: seed, MaxSteps: max(1, steps/(tries+1)), Workers: 1})
	if err != nil {
		return nil, err
	}
	answer, err := placement.Interim(context.WithoutCancel(ctx), placement.Answer{Problem: p, Assignment: result.Assignment})
	if err != nil {
		return nil, err
	}
	f := &found{on: make(map[int]int), result: result, problem: p}
	for i := range c.vms {
		s := &c.vms[i]
		site, ok := answer[c.workload(s.ID)]
		switch k, there := w.rule.hosts[site]; {
		case ok && there:
			f.on[s.ID] = c.doc.Hosts[k].ID
		case s.onHost():
			f.on[s.ID] = s.Running.Host // it runs there, whether it may or not
		default:
			f.unplaced += s.priority()
		}
		if h, ok := f.on[s.ID]; ok && s.onHost() && h != s.Running.Host {
			f.moves++
		}
	}
	for vm := range c.quit {
		if c.quit[vm] && f.on[vm] == c.host(vm) {
			f.stay++
		}
	}
	f.at = c.load(f.on)
	return f, nil
}
