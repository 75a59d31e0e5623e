package bound

import (
	"context"
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Climb looks for prices at which the bound of a tier is high, and returns them with the bound. It starts from given
// prices (nil: from what the terms that price use suggest) and takes at most so many steps, and at most so much work in
// evaluated pairs. target is a value that the tier is known to reach while the earlier ones have theirs, and where the
// bound gets there the climb is over; math.MaxInt64 where none is known. value holds the values of the earlier tiers.
// The bound is never below that at zero prices; false means that not even that fits 64 bits.
//
// When ctx ends it takes no further step, and proves what it has where that takes no time (see [Exact]); otherwise the bound
// is the one of before, or what costs next to nothing to prove: every item at its cheapest, and leaving one out priced.
//
// Where flows join the parts of applications it climbs a second time, from where it came to, with the parts looked at
// together: that costs more and proves more, and most of its steps look at short lists. Problems of more than mostJoint pairs of an item and a site are left out.
//
// Steps follow Polyak (Minimization of unsmooth functionals, 1969) along directions deflected by the previous one as in
// Camerini, Fratta and Maffioli (1975). The level they aim at stands a step above the best bound so far; the step grows
// where the level is reached and halves where a while brings nothing (Goffin and Kiwiel, 1999). A step costs
// O(listed pairs). Costs are in floating point, so the way depends on the architecture; the bound does not depend on it
// being right.
func Climb(ctx context.Context, p *problem.Problem, tier int, value *problem.Value, target int64, steps, work int, start *Prices) (*Prices, int64, bool) {
	c := newClimber(p, tier, value, float64(target), nil)
	best, bound, ok := Zero(p, tier), int64(0), false
	try := func(y *Prices, least int64) {
		if b, fits := Exact(ctx, p, tier, value, y); fits && (!ok || b-least >= bound) {
			best, bound, ok = y, b, true
		}
	}
	// Exact is dear: prices are tried where the climb says that they may prove more than what is proven.
	zero := c.atZero()
	tried := zero > c.target-1-about(zero)
	if tried {
		if try(best, 0); ok && bound >= target {
			return best, bound, true
		}
	}
	joint := newForest(p, tier)
	if joint != nil {
		steps, work = steps/2, work/2
	}
	c.steps, c.work = steps, work
	c.start(start)
	together := joint != nil && start != nil && start.Joint
	if !together {
		c.climb(ctx)
		try(c.round(c.best), 1)
		if start != nil && (!ok || float64(bound) < c.height-about(c.height)) {
			try(start, 1)
		}
	}
	if joint != nil && (!ok || bound < target) {
		d := newClimber(p, tier, value, float64(target), joint)
		d.steps, d.work = steps, work
		if d.shortens = d.own(); d.shortens {
			d.steps = shortSteps * min(steps, math.MaxInt/shortSteps)
			if !together { // going on pays less than a search does: at 1,000 x 5,000 some 0.04 points of gap a second
				d.work = shortWork * min(work, math.MaxInt/shortWork)
			}
		}
		if d.setPoint(c.best); together {
			d.leap = nearLeap
		}
		d.climb(ctx)
		try(d.round(d.best), 1)
		if together && (!ok || float64(bound) < d.first-about(d.first)) { // short lists have led astray
			try(start, 1)
		}
	}
	if ctx.Err() != nil {
		if y, b, fits := quick(p, tier, value); fits && (!ok || b > bound) {
			best, bound, ok = y, b, true
		}
	} else if !tried && (!ok || float64(bound) <= zero+about(zero)) {
		try(Zero(p, tier), 0)
	}
	return best, bound, ok
}

// How far ahead of the bound a climb aims first, as a share of it: from nowhere, and from where another one has come to an
// end of its steps. To aim too far costs some 25 steps for each time that it is halved.
const (
	farLeap  = 0.05
	nearLeap = 0.0005
)

// about is by how much a sum in floating point may be off, and one for rounding up.
func about(x float64) float64 { return 1 + 1e-9*math.Abs(x) }

// atZero evaluates the bound at zero prices.
func (c *climber) atZero() float64 {
	first := append([]float64(nil), c.at.earlier...)
	clear(c.at.earlier)
	defer copy(c.at.earlier, first)
	return c.evaluate()
}

// climber moves prices uphill.
type climber struct {
	*oracle
	target float64
	slopes []Slope
	// together is how many terms price the use of one site at most.
	together int

	at, best point
	leap     float64 // how far ahead it aims first, as a share of the bound
	first    float64 // the bound where it began
	height   float64 // the bound at best
	steps    int     // left
	pinned   []bool  // multipliers that stay as they are
	scale    []float64
	dir      point // direction of the last step, in units of capacity and scale
}

// point is a point of the dual problem.
type point struct {
	capacity []float64 // prices per unit of use
	earlier  []float64 // multipliers
	terms    []float64 // by slope: the share of what a unit costs, from 0 to 1
}

func newPoint(capacity, earlier, terms int) point {
	return point{make([]float64, capacity), make([]float64, earlier), make([]float64, terms)}
}

func (x *point) set(y point) {
	copy(x.capacity, y.capacity)
	copy(x.earlier, y.earlier)
	copy(x.terms, y.terms)
}

func newClimber(p *problem.Problem, tier int, value *problem.Value, target float64, joint *forest) *climber {
	c := &climber{
		oracle: newOracle(p, tier, value, joint), target: target, slopes: Slopes(p, tier), height: math.Inf(-1), leap: farLeap,
		pinned: make([]bool, tier), scale: make([]float64, tier),
	}
	c.together = max(1, len(c.slopes)/max(1, p.Sites))
	n := len(c.y)
	c.at, c.best, c.dir = newPoint(n, tier, len(c.slopes)), newPoint(n, tier, len(c.slopes)), newPoint(n, tier, len(c.slopes))
	c.setMultipliers()
	c.best.set(c.at)
	return c
}

// start sets the first prices: those given, or at which terms charge in full where all that is demanded comes to more than
// is free of charge in all, and nothing elsewhere. The bound is then what perfect balance would cost.
func (c *climber) start(y *Prices) {
	if y == nil {
		for k, even := range c.even() {
			if even > 0 {
				c.at.terms[k] = 1
			}
		}
		return
	}
	for k, x := range y.Capacity {
		c.at.capacity[k] = float64(x) / (1 << CapacityBits)
	}
	for t, x := range y.Earlier {
		if !c.pinned[t] {
			c.at.earlier[t] = float64(x) / (1 << EarlierBits)
		}
	}
	for k, x := range y.Terms {
		if full := c.full(k); full > 0 {
			c.at.terms[k] = min(1, float64(x)/(1<<CapacityBits)/full)
		}
	}
	c.best.set(c.at)
}

// even returns, for each slope, what its term would count if sites shared all demand so as to count least.
func (c *climber) even() []float64 {
	type term struct {
		kind      SlopeKind
		of        int
		tier, dim int
	}
	demand := make([]float64, c.p.Dims)
	for _, k := range c.p.Class {
		for d, x := range c.p.Classes[k].Demand {
			demand[d] += float64(x)
		}
	}
	sums, out := make(map[term]float64), make([]float64, len(c.slopes))
	for pass := range 2 {
		for k := range c.slopes {
			s := &c.slopes[k]
			key := term{s.Kind, s.Term, s.Tier, s.Dim}
			if pass == 1 {
				out[k] = sums[key]
				continue
			}
			if _, known := sums[key]; !known {
				sums[key] = float64(s.by[0]) * demand[s.Dim]
				if s.at[1] >= 0 {
					sums[key] += float64(s.by[1]) * demand[s.at[1]%c.p.Dims]
				}
			}
			sums[key] -= float64(s.level) / float64(s.parts)
		}
	}
	return out
}

func (c *climber) setPoint(x point) {
	c.at.set(x)
	c.best.set(x)
}

// full is what a unit of a slope costs, at the multiplier of its tier.
func (c *climber) full(k int) float64 {
	s := &c.slopes[k]
	if s.Tier < c.tier {
		return c.at.earlier[s.Tier] * s.full()
	}
	return s.full()
}

func (c *climber) climb(ctx context.Context) {
	const patience = 25 // steps within which the level should be reached
	l := c.look()
	c.first = l
	c.tune(ctx)
	ahead, aimed, idle := c.leap*math.Abs(l)+10, c.height, 0
	for c.steps > 0 && c.work > 0 && ctx.Err() == nil {
		if c.height >= aimed+ahead/2 {
			ahead, aimed, idle = ahead*1.5, c.height, 0
		} else if idle++; idle >= patience {
			ahead, aimed, idle = ahead/2, c.height, 0
			c.back()
			c.tune(ctx)
			l = c.look()
		}
		level := math.Min(c.height+ahead, c.target)
		// A tier is a whole number: a bound above target - 1 is a bound of target.
		if c.height > c.target-1+1e-6 || ahead < 1e-7*math.Abs(c.height)+1e-6 || !c.step(level-l) {
			return
		}
		l = c.look()
	}
}

// look evaluates the bound and keeps the prices if it is the best so far.
func (c *climber) look() float64 {
	c.steps--
	l := c.evaluate()
	if l > c.height {
		c.height = l
		c.best.set(c.at)
	}
	return l
}

// back returns to the best prices and forgets the direction.
func (c *climber) back() {
	c.at.set(c.best)
	clear(c.dir.capacity)
	clear(c.dir.earlier)
	clear(c.dir.terms)
}

// tune sets the multipliers of the earlier tiers one after the other to where the bound is highest along each. They
// differ so much in scale from the prices, and matter so much, that following a common direction would take for ever.
// The bound is concave along a multiplier, and its slope is what the cheapest choices cost more than they may.
func (c *climber) tune(ctx context.Context) {
	const halvings = 12
	for t := range c.at.earlier {
		if c.pinned[t] || c.steps < 3*halvings || c.work < 0 || ctx.Err() != nil {
			continue
		}
		low, high := 0.0, c.at.earlier[t]
		if high == 0 {
			high = math.Max(1, math.Abs(c.height)) / c.scale[t]
		}
		for n := 0; n < halvings && ctx.Err() == nil && c.slope(t, high) > 0; n++ {
			low, high = high, high*4
		}
		for n := 0; n < halvings && ctx.Err() == nil; n++ {
			middle := (low + high) / 2
			if low > 0 && high > 4*low {
				middle = math.Sqrt(low * high)
			}
			if c.slope(t, middle) > 0 {
				low = middle
			} else {
				high = middle
			}
		}
		c.back()
	}
}

// slope returns the slope of the bound along a multiplier.
func (c *climber) slope(t int, m float64) float64 {
	c.at.earlier[t] = m
	c.look()
	return c.gain[t]
}

// evaluate computes the bound and its slope at the current prices.
func (c *climber) evaluate() float64 {
	c.prepare()
	sum := c.least() - c.constants()
	for k := range c.slopes {
		if s := &c.slopes[k]; s.Tier < c.tier && c.at.terms[k] != 0 {
			c.gain[s.Tier] += c.at.terms[k] * s.full() * s.amount(c.use)
		}
	}
	return sum
}

// prepare hands the prices to the oracle.
func (c *climber) prepare() {
	copy(c.y, c.at.capacity)
	copy(c.m, c.at.earlier)
	for k := range c.slopes {
		if c.at.terms[k] == 0 {
			continue
		}
		s := &c.slopes[k]
		z := c.at.terms[k] * c.full(k)
		for n, cell := range s.at {
			if cell >= 0 {
				c.y[cell] += z * float64(s.by[n])
			}
		}
	}
}

// constants is what the prices take away from the least.
func (c *climber) constants() float64 {
	sum := 0.0
	for k, x := range c.at.capacity {
		if x != 0 {
			sum += x * float64(c.p.Capacity[k])
		}
	}
	for t, x := range c.m {
		sum += x * float64(c.value[t])
	}
	for k := range c.slopes {
		if s := &c.slopes[k]; c.at.terms[k] != 0 {
			sum += c.at.terms[k] * c.full(k) * float64(s.level) / float64(s.parts)
		}
	}
	return sum
}

// step moves the prices; short is by how much the bound falls short of the level aimed at. It returns false where there
// is nowhere to go.
func (c *climber) step(short float64) bool {
	norm := c.aim()
	if norm == 0 {
		return false
	}
	length := short / norm
	for k, g := range c.dir.capacity {
		if g != 0 {
			c.at.capacity[k] = math.Max(0, c.at.capacity[k]+length*g/float64(c.p.Capacity[k]))
		}
	}
	for t, g := range c.dir.earlier {
		if g != 0 {
			c.at.earlier[t] = math.Max(0, c.at.earlier[t]+length*g/c.scale[t])
		}
	}
	for k, g := range c.dir.terms {
		if g != 0 {
			c.at.terms[k] = min(1, math.Max(0, c.at.terms[k]+length*g/c.slopes[k].size/c.full(k)))
		}
	}
	return true
}

// aim turns the direction towards the slope, but not out of the box, and returns the square of its length.
func (c *climber) aim() (norm float64) {
	const keep = 0.5 // share of the last direction that is kept
	for k, x := range c.at.capacity {
		capacity := float64(c.p.Capacity[k])
		if capacity == 0 {
			continue
		}
		g := c.use[k]/capacity - 1 + keep*c.dir.capacity[k]
		if x == 0 && g < 0 {
			g = 0
		}
		c.dir.capacity[k] = g
		norm += g * g
	}
	for t, x := range c.at.earlier {
		g := c.gain[t]/c.scale[t] + keep*c.dir.earlier[t]
		if c.pinned[t] || x == 0 && g < 0 {
			g = 0
		}
		c.dir.earlier[t] = g
		norm += g * g
	}
	for k, x := range c.at.terms {
		s := &c.slopes[k]
		if s.size == 0 || c.full(k) == 0 {
			continue
		}
		g := s.amount(c.use)/s.size + keep*c.dir.terms[k]
		if x == 0 && g < 0 || x == 1 && g > 0 {
			g = 0
		}
		c.dir.terms[k] = g
		norm += g * g
	}
	return norm
}
