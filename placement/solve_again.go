package placement

import (
	"cmp"
	"context"
	"math"
	"reflect"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/search"
	"github.com/domicile-eu/domicile/topology"
)

// solveAgain is solve where the answer to the problem before is known.
func (c *compiled) solveAgain(ctx context.Context, given Options, answer *Result) *Result {
	start := c.start()
	share := c.share(start, answer)
	var state *problem.State
	if share == 0 {
		state = c.stand(start)
	}
	c.given = &given
	o := given.part(share)
	if state == nil && (c.last == nil || c.last.before.packed || c.last.before.proven == nil) {
		return c.solve(ctx, o) // it is new, or small
	}
	tier, prices, steps := c.decidingTier(), c.lifted(), int64(0)
	if state == nil {
		goal := c.lowest()
		found := search.Solve(ctx, c.out, search.Options{
			Seed: o.Seed, Prices: inFloat(prices[tier]), Tier: tier, Start: start, Keep: true, Workers: o.Workers,
		}, search.Budget{Steps: o.MaxSteps, Spent: o.Spent, Goal: goal, Report: c.reporter(o, tier, goal)})
		state, steps = found.State, found.Steps
	}
	c.packed = c.last.before.packed
	return c.result(ctx, state, c.boundsAgain(ctx, state, prices, tier, answer), steps, o)
}

// share returns which part of the problem is not as it was when the last answer was found; 1 where nothing is known of that.
func (c *compiled) share(start []int32, answer *Result) float64 {
	m := c.last
	if m == nil {
		return 1
	}
	before := m.before.p
	if !reflect.DeepEqual(c.p.Budgets, before.Budgets) || !slices.Equal(c.p.Transient, before.Transient) || !same(c.p.Relocation, before.Relocation) {
		return 1
	}
	known, changed := 0, 0
	for i, w := range c.workloads {
		now, matched := topology.SiteID(""), c.matched(c.classOf[i])
		if pos := start[i]; pos >= 0 {
			at := c.out.Classes[c.classOf[i]].Sites[pos]
			now = c.sites[at].ID
			matched = matched && !m.at.has(at)
		}
		then, placed := answer.Assignment[w.ID]
		if _, out := slices.BinarySearchFunc(answer.Unplaced, w.ID, func(u Unplaceable, id WorkloadID) int { return cmp.Compare(u.Workload, id) }); placed || out {
			known++
		}
		if !matched || now != then {
			changed++
		}
	}
	gone := max(0, len(m.before.workloads)-known)
	return min(1, float64(changed+gone)/float64(max(1, len(c.workloads)))+float64(len(m.changed))/float64(max(1, len(c.sites))))
}

// matched says whether a class is one of the problem before, in an application with the same constraints.
func (c *compiled) matched(k int32) bool {
	if int(k) >= c.listed {
		return true // it follows from constraints that it is left out, as it did before where they are the same
	}
	was := c.last.of(int(k))
	return was != nil && sameSlice(c.p.Applications[c.classes[k].app].Constraints, c.last.before.p.Applications[was.app].Constraints)
}

// stand returns the state in which all stand where they start; nil where that is not allowed.
func (c *compiled) stand(start []int32) *problem.State {
	s := problem.NewState(c.out)
	for i, pos := range start {
		if pos < 0 {
			continue
		}
		if !s.Fits(int32(i), pos) {
			return nil
		}
		s.Put(int32(i), pos)
	}
	if s.Broken != 0 {
		return nil
	}
	return s
}

// part returns the options for a part of the search.
func (o Options) part(share float64) Options {
	o.MaxSteps = int64(math.Ceil(float64(o.MaxSteps) * share))
	if spent, first := o.Spent, -1.0; spent != nil && share < 1 {
		o.Spent = func() float64 {
			x := spent()
			if first < 0 {
				first = x
			}
			if all := share * (1 - first); x-first < all {
				return (x - first) / all
			}
			return 1
		}
	}
	return o
}

// lowest is a value that no assignment reaches, down to the cost budgets, of which nothing is to be saved.
func (c *compiled) lowest() (v problem.Value) {
	for t := range c.out.Tiers {
		v[t] = math.MinInt64
		if t >= c.out.Tiers-c.out.Capped {
			v[t] = math.MaxInt64
		}
	}
	return v
}

// lifted returns the prices that have proven the bounds of the last answer, by tier; nil where they say nothing.
func (c *compiled) lifted() []*bound.Prices {
	before := c.last.before
	out := make([]*bound.Prices, len(before.proven))
	for t, y := range before.proven {
		out[t] = y.Lift(before.out, c.out, t, func(site int32) bool { return c.sites[site].State == topology.Down })
	}
	return out
}

// worse is by how much the gap of a tier may grow until better prices are looked for, and again is of the budget of a climb
// for that how small a part.
const (
	worse = 0.01
	again = 10
)

// boundsAgain proves the bound of each tier by the prices of the last answer, as long as they prove about as much.
func (c *compiled) boundsAgain(ctx context.Context, s *problem.State, prices []*bound.Prices, deciding int, answer *Result) []TierResult {
	changes := c.last.changes(c)
	out := make([]TierResult, len(prices))
	c.proven = make([]*bound.Prices, len(prices))
	for t, y := range prices {
		before := answer.Tiers[t].Gap
		if y != nil {
			b, ok := bound.Again(ctx, c.out, t, &s.Value, y, changes)
			if g := gap(s.Value[t], min(b, s.Value[t])); ok && (g <= before+worse && before > 0 || g == 0) {
				c.proven[t], out[t] = y, c.tierResult(t, s.Value[t], b, y)
				continue
			}
		}
		y, b, ok := bound.Climb(ctx, c.out, t, &s.Value, s.Value[t], lastClimb/again, climbWork(t, deciding)/again, y)
		if !ok {
			y, b = bound.Zero(c.out, t), math.MinInt64
		}
		c.proven[t], out[t] = y, c.tierResult(t, s.Value[t], b, y)
	}
	return out
}
