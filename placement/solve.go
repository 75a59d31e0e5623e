package placement

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/search"
)

// Solve looks for the best assignment of a problem and proves how good it is.
//
// It builds an assignment application by application or by regret, with shadow prices, or starts from Problem.Current, improves it by simulated annealing in
// which an earlier tier of the objective never pays for a later one, and bounds every tier from below by Lagrangian relaxation.
// The result always satisfies every constraint ([Check] finds nothing); what cannot be placed is listed with the reasons. The
// search ends when the budget of Options.MaxSteps or Options.Spent is used up, or when nothing better can exist: all of a small
// problem was looked at, or every tier has reached its bound. With a budget so small that it does not pay to accept anything
// worse (some 1,000 steps a workload) it also ends when nothing better was found for 200,000 steps and 200 more per workload.
//
// The same problem, options and version give the same result on one architecture. When ctx ends, Solve returns the best
// assignment so far, with its bounds, as [Stopped]; only if it ends before there is any, while policies are being asked
// and costs computed, the context's error comes back. Other errors are those of a malformed problem, which wrap [ErrInvalid], and of an
// Admission or Transit that failed. Memory and time to compile are O(distinct workloads x sites); it works on two
// goroutines, which ask Admission at the same time and have ended when it returns.
func Solve(ctx context.Context, p *Problem, opts *Options) (*Result, error) {
	o := opts.Resolved()
	if err := validateOptions(&o); err != nil {
		return nil, err
	}
	c, err := compile(ctx, p)
	if err != nil {
		return nil, err
	}
	if o.Progress != nil {
		o.Progress(Progress{})
	}
	return c.solve(ctx, o), nil
}

// mostWorkers is far more than help: each holds a state of the whole problem.
const mostWorkers = 64

func validateOptions(o *Options) error {
	switch {
	case o.MaxSteps < 0:
		return fmt.Errorf("%w: options: MaxSteps %d is negative", ErrInvalid, o.MaxSteps)
	case o.Workers < 0 || o.Workers > mostWorkers:
		return fmt.Errorf("%w: options: %d workers are not between 1 and %d", ErrInvalid, o.Workers, mostWorkers)
	}
	return nil
}

// Resolved returns the options with the defaults in place, of nil too.
func (o *Options) Resolved() Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Seed == 0 {
		out.Seed = 1
	}
	if out.Workers == 0 {
		out.Workers = 2
	}
	if out.MaxSteps == 0 {
		out.MaxSteps = 2_000_000
	}
	return out
}

// The budgets of the climbs to a bound, in steps and in evaluated pairs of a class and a site: the first is what small
// problems need, the second what large ones can afford, some twenty nanoseconds each when they do not fit the caches. The
// deciding tier gets most, because its prices lead the search.
const (
	firstClimb   = 400
	lastClimb    = 1500
	decidingWork = 100_000_000
	otherWork    = 30_000_000
)

func (c *compiled) solve(ctx context.Context, o Options) *Result {
	tier := c.decidingTier()
	goal, first := c.firstBounds(ctx, tier)
	prices, proven := first[tier], goal
	packed := c.pack(ctx, o, tier, &goal, prices)
	c.packed = packed != nil
	packed.raise(&goal)
	start, lead := packed.start(c), prices
	if start == nil {
		start, lead = c.settle(ctx, tier, &goal, prices)
	}
	found := search.Solve(ctx, c.out, search.Options{
		Seed: o.Seed, Prices: inFloat(lead), Tier: tier, Start: start, Workers: o.Workers,
	}, search.Budget{Steps: o.MaxSteps, Spent: o.Spent, Goal: goal, Report: c.reporter(o, tier, goal)})
	state := packed.finish(ctx, c, o, prices, found.State)
	tiers := c.lastBounds(ctx, state, tier, first, &proven)
	packed.improve(c, state, tiers)
	return c.result(ctx, state, tiers, found.Steps, o)
}

// leanSteps and leanWork are the budget of a climb that proves nothing, in steps and evaluated pairs.
const (
	leanSteps = 400
	leanWork  = 200_000_000
)

// settle returns where a search from nothing starts, and the prices that led there: an assignment made application by
// application, nil where no flows join parts of them. Prices that were found without a look at those flows are replaced by
// better ones.
func (c *compiled) settle(ctx context.Context, tier int, goal *problem.Value, prices *bound.Prices) ([]int32, *bound.Prices) {
	if prices == nil {
		return nil, nil
	}
	if bound.Large(c.out) {
		if y := bound.Lean(ctx, c.out, tier, goal, leanSteps, leanWork, prices); y != nil {
			prices = y
		}
	}
	return bound.Settle(ctx, c.out, tier, goal, prices), prices
}

// reporter passes on how far a search is; nil where nobody asks.
func (c *compiled) reporter(o Options, tier int, goal problem.Value) func(int64, float64, *problem.Value) {
	if o.Progress == nil {
		return nil
	}
	bound := goal[tier]
	return func(steps int64, spent float64, best *problem.Value) {
		p := Progress{Steps: steps, Spent: spent, Value: best[tier], Bound: math.MinInt64, Gap: math.Inf(1)}
		known := bound <= best[tier] && bound > math.MinInt64
		for t := range tier {
			known = known && best[t] == goal[t]
		}
		if known {
			p.Bound, p.Gap = bound, gap(best[tier], bound)
		}
		o.Progress(p)
	}
}

// decidingTier is the first tier in which sites differ for a workload; the last one where there is none.
func (c *compiled) decidingTier() int {
	last := c.out.Tiers - c.out.Capped - 1
	first := last
	note := func(t int) { first = min(first, t) }
	for _, t := range c.out.Unary {
		note(t)
	}
	for t, w := range c.out.LoadWeight {
		if w != 0 {
			note(t)
		}
	}
	for k := range c.out.Excess {
		note(c.out.Excess[k].Tier)
	}
	for k := range c.out.Balance {
		note(c.out.Balance[k].Tier)
	}
	return first
}

// start is where a search starts, as positions in their classes; nil: from nothing.
func (c *compiled) start() []int32 {
	if len(c.p.Current) == 0 && len(c.hint) == 0 {
		return nil
	}
	at := make([]int32, len(c.workloads))
	for i, site := range c.current {
		if len(c.hint) > 0 {
			site = -1
			if hinted, ok := c.siteAt[c.hint[c.workloads[i].ID]]; ok {
				site = hinted
			}
		}
		at[i] = -1
		if site >= 0 {
			at[i] = c.out.Classes[c.classOf[i]].Index.Find(site)
		}
	}
	return at
}

// firstBounds returns a value that no assignment beats, down to the deciding tier (the later tiers remain open), and
// what proves it, by tier; nil where nothing does.
func (c *compiled) firstBounds(ctx context.Context, deciding int) (goal problem.Value, first []*bound.Prices) {
	first = make([]*bound.Prices, c.out.Tiers)
	for t := range c.out.Tiers - c.out.Capped {
		goal[t] = math.MinInt64
	}
	for t := c.out.Tiers - c.out.Capped; t < c.out.Tiers; t++ {
		goal[t] = math.MaxInt64 // of cost budgets nothing is to be saved
	}
	for t := range deciding + 1 {
		y, b, ok := bound.Climb(ctx, c.out, t, &goal, math.MaxInt64, firstClimb, climbWork(t, deciding), nil)
		if !ok {
			break
		}
		goal[t], first[t] = b, y
	}
	return goal, first
}

func climbWork(tier, deciding int) int {
	if tier == deciding {
		return decidingWork
	}
	return otherWork
}

func inFloat(y *bound.Prices) []float64 {
	if y == nil {
		return nil
	}
	out := make([]float64, len(y.Capacity))
	for k, x := range y.Capacity {
		out[k] = math.Ldexp(float64(x), -bound.CapacityBits)
	}
	return out
}

// lastBounds proves the bound of each tier given the values of the tiers before it. Where ctx has ended, what the first bounds
// have proven is taken over to these values.
func (c *compiled) lastBounds(ctx context.Context, s *problem.State, deciding int, first []*bound.Prices, proven *problem.Value) []TierResult {
	out := make([]TierResult, c.out.Tiers-c.out.Capped)
	c.proven = make([]*bound.Prices, len(out))
	for t := range out {
		var start *bound.Prices
		if t == deciding {
			if start = first[t]; start != nil && !slices.Equal(s.Value[:t], proven[:t]) {
				anew := *start // far from the best where the earlier tiers came out otherwise: from here, but not only on
				anew.Joint = false
				start = &anew
			}
		}
		y, b, ok := bound.Climb(ctx, c.out, t, &s.Value, s.Value[t], lastClimb, climbWork(t, deciding), start)
		if ctx.Err() != nil && first[t] != nil {
			if carried, fits := bound.Carry(proven[t], first[t], proven, &s.Value); fits && (!ok || carried > b) {
				y, b, ok = first[t], carried, true
			}
		}
		if !ok {
			// No bound fits 64 bits. The least number is one, and needs no proof.
			y, b = bound.Zero(c.out, t), math.MinInt64
		}
		c.proven[t] = y
		out[t] = c.tierResult(t, s.Value[t], b, y)
	}
	return out
}

// tierResult returns a tier with what certain prices prove.
func (c *compiled) tierResult(t int, value, b int64, y *bound.Prices) TierResult {
	b = min(b, value)
	return TierResult{Name: c.tiers[t].Name, Value: value, Bound: b, Gap: gap(value, b), Certificate: c.certificate(t, y)}
}

// gap returns (value - bound) / max(|value|, 1).
func gap(value, bound int64) float64 {
	return float64(uint64(value)-uint64(bound)) / math.Max(math.Abs(float64(value)), 1)
}
