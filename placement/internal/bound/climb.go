package bound

import (
	"context"
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Climb looks for prices at which the bound of a tier is high, and returns them with the bound. It starts from given
// prices (nil: from zero) and takes at most so many steps, and at most so much work in evaluated pairs. target is a value that the tier is known to reach while the
// earlier ones have theirs, and where the bound gets there the climb is over; math.MaxInt64 where none is known. value
// holds the values of the earlier tiers.
// The bound is never below that at zero prices; false means that not even that fits 64 bits.
//
// Steps follow Polyak (Minimization of unsmooth functionals, 1969) along directions deflected by the previous one as in
// Camerini, Fratta and Maffioli (1975). The level they aim at stands a step above the best bound so far; the step grows
// where the level is reached and halves where a while brings nothing (Goffin and Kiwiel, 1999). A step costs
// O(listed pairs). Costs are in floating point, so the way depends on the architecture; the bound does not depend on it
// being right.
func Climb(ctx context.Context, p *problem.Problem, tier int, value *problem.Value, target int64, steps, work int, start *Prices) (*Prices, int64, bool) {
	best := Zero(p, tier)
	bound, ok := Exact(p, tier, value, best)
	if ok && bound >= target {
		return best, bound, true
	}
	c := newClimber(p, tier, value, float64(target), start)
	c.steps, c.work = steps, work
	c.climb(ctx)
	for _, y := range []*Prices{round(p, tier, c.bestM, c.bestY), start} {
		if y == nil {
			continue
		}
		if b, fits := Exact(p, tier, value, y); fits && (!ok || b > bound) {
			best, bound, ok = y, b, true
		}
	}
	return best, bound, ok
}

type climber struct {
	p       *problem.Problem
	tier    int
	value   *problem.Value
	target  float64
	bunches []bunch

	y, m         []float64 // prices per unit of demand and of earlier tiers
	bestY, bestM []float64
	best         float64
	steps, work  int       // left
	pinned       []bool    // multipliers that stay as they are
	scale        []float64 // of the earlier tiers
	use          []float64 // what the cheapest choice uses
	gain         []float64 // what it costs in the earlier tiers, less what they may cost
	dirY, dirM   []float64 // direction of the last step, in units of capacity and scale
}

func newClimber(p *problem.Problem, tier int, value *problem.Value, target float64, start *Prices) *climber {
	n := p.Sites * p.Dims
	c := &climber{
		p: p, tier: tier, value: value, target: target, bunches: bunches(p), best: math.Inf(-1),
		y: make([]float64, n), m: make([]float64, tier), pinned: make([]bool, tier), scale: make([]float64, tier),
		use: make([]float64, n), gain: make([]float64, tier), dirY: make([]float64, n), dirM: make([]float64, tier),
	}
	c.setMultipliers()
	if start != nil {
		for k, x := range start.Capacity {
			c.y[k] = float64(x) / (1 << CapacityBits)
		}
		for t, x := range start.Earlier {
			if !c.pinned[t] {
				c.m[t] = float64(x) / (1 << EarlierBits)
			}
		}
	}
	c.bestY, c.bestM = append([]float64(nil), c.y...), append([]float64(nil), c.m...)
	return c
}

// setMultipliers chooses the first multipliers of the earlier tiers. Where an earlier tier is as low as the items could
// make it each for itself, no multiplier is too high, and a high one is kept: one at which leaving an item out never
// pays.
func (c *climber) setMultipliers() {
	high := c.highest()
	for t := range c.m {
		least := 0.0
		for k := range c.bunches {
			least += float64(c.bunches[k].count) * c.leastAlone(&c.bunches[k], t)
		}
		c.scale[t] = math.Max(1, math.Abs(float64(c.value[t])))
		outs := false
		for k := range c.p.Classes {
			outs = outs || c.p.Classes[k].Out[t] > 0
		}
		if outs {
			c.m[t] = high
			c.pinned[t] = least >= float64(c.value[t])
			if c.pinned[t] {
				c.m[t] *= 64
			}
		}
	}
}

// leastAlone returns the least that an item costs in a tier where nothing else is looked at.
func (c *climber) leastAlone(b *bunch, t int) float64 {
	class := &c.p.Classes[b.class]
	if len(class.Sites) == 0 {
		return float64(class.Out[t])
	}
	return float64(min(class.Out[t], class.Least()[t]))
}

// highest returns a bound on what placing an item can cost more than leaving it out, per unit of an earlier tier.
func (c *climber) highest() float64 {
	high := 1.0
	for k := range c.p.Classes {
		class := &c.p.Classes[k]
		out := float64(max(1, class.Out[0]))
		for j, u := range c.p.Unary {
			if u != c.tier || class.Cost == nil {
				continue
			}
			for s := range class.Sites {
				high = math.Max(high, (float64(class.Cost[s*len(c.p.Unary)+j])-float64(class.Out[u]))/out)
			}
		}
	}
	return 2 * high
}

func (c *climber) climb(ctx context.Context) {
	const patience = 25 // steps within which the level should be reached
	l := c.look()
	c.tune()
	ahead, aimed, idle := 0.05*math.Abs(l)+10, c.best, 0
	for c.steps > 0 && c.work > 0 && ctx.Err() == nil {
		if c.best >= aimed+ahead/2 {
			ahead, aimed, idle = ahead*1.5, c.best, 0
		} else if idle++; idle >= patience {
			ahead, aimed, idle = ahead/2, c.best, 0
			c.back()
			c.tune()
			l = c.look()
		}
		level := math.Min(c.best+ahead, c.target)
		// A tier is a whole number: a bound above target - 1 is a bound of target.
		if c.best > c.target-1+1e-6 || ahead < 1e-7*math.Abs(c.best)+1e-6 || !c.step(level-l) {
			return
		}
		l = c.look()
	}
}

// look evaluates the bound and keeps the prices if it is the best so far.
func (c *climber) look() float64 {
	c.steps--
	l := c.evaluate()
	if l > c.best {
		c.best = l
		copy(c.bestY, c.y)
		copy(c.bestM, c.m)
	}
	return l
}

// back returns to the best prices and forgets the direction.
func (c *climber) back() {
	copy(c.y, c.bestY)
	copy(c.m, c.bestM)
	clear(c.dirY)
	clear(c.dirM)
}

// tune sets the multipliers of the earlier tiers one after the other to where the bound is highest along each. They
// differ so much in scale from the prices, and matter so much, that following a common direction would take for ever.
// The bound is concave along a multiplier, and its slope is what the cheapest choices cost more than they may.
func (c *climber) tune() {
	const halvings = 12
	for t := range c.m {
		if c.pinned[t] || c.steps < 3*halvings || c.work < 0 {
			continue
		}
		low, high := 0.0, c.m[t]
		if high == 0 {
			high = math.Max(1, math.Abs(c.best)) / c.scale[t]
		}
		for n := 0; n < halvings && c.slope(t, high) > 0; n++ {
			low, high = high, high*4
		}
		for range halvings {
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
	c.m[t] = m
	c.look()
	return c.gain[t]
}

// evaluate computes the bound at the current prices and what the cheapest choices use.
func (c *climber) evaluate() float64 {
	p := c.p
	clear(c.use)
	sum := 0.0
	for t := range c.m {
		c.gain[t] = -float64(c.value[t])
	}
	for k := range c.bunches {
		b := &c.bunches[k]
		class := &p.Classes[b.class]
		least, at := c.cheapest(b)
		n := float64(b.count)
		sum += n * least
		c.addGain(b, at, n)
		if at >= 0 {
			base := int(class.Sites[at]) * p.Dims
			for d, x := range class.Demand {
				c.use[base+d] += n * float64(x)
			}
		}
	}
	for k, x := range c.y {
		if x != 0 {
			sum -= x * float64(p.Capacity[k])
		}
	}
	for t, x := range c.m {
		sum -= x * float64(c.value[t])
	}
	return sum
}

// cheapest returns the least priced cost of an item and the position where it is; -1 is to leave it out. Prices only
// add, so positions are looked at in order of cost until that alone is too much: mostly the first few.
func (c *climber) cheapest(b *bunch) (float64, int) {
	p := c.p
	class := &p.Classes[b.class]
	least, at := c.priced(&class.Out), -1
	dims := p.Dims
	order, lead, floor := class.Order(), 0.0, 0.0
	if order != nil {
		lead, floor = c.floor(class)
	}
	w := len(p.Unary)
	for k := range class.Sites {
		c.work--
		pos, x := k, 0.0
		if order != nil {
			pos = int(order[k])
			row := class.Cost[pos*w : pos*w+w]
			if lead*float64(row[0])+floor >= least {
				break
			}
			for j, t := range p.Unary {
				if t == c.tier {
					x += float64(row[j])
				} else if t < c.tier {
					x += c.m[t] * float64(row[j])
				}
			}
		} else if at >= 0 && least <= 0 {
			break
		}
		s := class.Sites[pos]
		if b.move >= 0 {
			v := p.MoveCost(b.move, s)
			x += c.priced(&v)
		}
		y := c.y[int(s)*dims : int(s)*dims+dims]
		for d, demand := range class.Demand {
			x += y[d] * float64(demand)
		}
		if x < least {
			least, at = x, pos
		}
	}
	return least, at
}

// floor returns what the first of the costs of a position counts, and at least what the others come to.
func (c *climber) floor(class *problem.Class) (lead, floor float64) {
	least := class.Least()
	for j, t := range c.p.Unary {
		weight := 0.0
		if t == c.tier {
			weight = 1
		} else if t < c.tier {
			weight = c.m[t]
		}
		if j == 0 {
			lead = weight
		} else {
			floor += weight * float64(least[t])
		}
	}
	return lead, floor
}

func (c *climber) priced(v *problem.Value) float64 {
	x := float64(v[c.tier])
	for t, m := range c.m {
		x += m * float64(v[t])
	}
	return x
}

// addGain adds what n items of a bunch cost in the earlier tiers at a position.
func (c *climber) addGain(b *bunch, at int, n float64) {
	if len(c.m) == 0 {
		return
	}
	p, class := c.p, &c.p.Classes[b.class]
	if at < 0 {
		for t := range c.m {
			c.gain[t] += n * float64(class.Out[t])
		}
		return
	}
	for j, t := range p.Unary {
		if t < c.tier && class.Cost != nil {
			c.gain[t] += n * float64(class.Cost[at*len(p.Unary)+j])
		}
	}
	if b.move >= 0 {
		v := p.MoveCost(b.move, class.Sites[at])
		for t := range c.m {
			c.gain[t] += n * float64(v[t])
		}
	}
}

// step moves the prices; short is by how much the bound falls short of the level aimed at. It returns false where there is nowhere to go.
func (c *climber) step(short float64) bool {
	const keep = 0.5 // share of the last direction that is kept
	norm := 0.0
	for k, x := range c.y {
		capacity := float64(c.p.Capacity[k])
		if capacity == 0 {
			continue
		}
		g := c.use[k]/capacity - 1 + keep*c.dirY[k]
		if x == 0 && g < 0 {
			g = 0
		}
		c.dirY[k] = g
		norm += g * g
	}
	for t, x := range c.m {
		g := c.gain[t]/c.scale[t] + keep*c.dirM[t]
		if c.pinned[t] || x == 0 && g < 0 {
			g = 0
		}
		c.dirM[t] = g
		norm += g * g
	}
	if norm == 0 {
		return false
	}
	length := short / norm
	for k, g := range c.dirY {
		if g != 0 {
			c.y[k] = math.Max(0, c.y[k]+length*g/float64(c.p.Capacity[k]))
		}
	}
	for t, g := range c.dirM {
		if g != 0 {
			c.m[t] = math.Max(0, c.m[t]+length*g/c.scale[t])
		}
	}
	return true
}
