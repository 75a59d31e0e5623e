package bound

import "math"

// setMultipliers chooses the first multipliers of the earlier tiers. Where an earlier tier is as low as the items could
// make it each for itself, no multiplier is too high, and a high one is kept: one at which leaving an item out never
// pays.
func (c *climber) setMultipliers() {
	high := c.highest()
	for t := range c.at.earlier {
		least := 0.0
		for _, k := range c.p.Class {
			least += c.leastAlone(k, t)
		}
		c.scale[t] = math.Max(1, math.Abs(float64(c.value[t])))
		outs := false
		for k := range c.p.Classes {
			outs = outs || c.p.Classes[k].Out[t] > 0
		}
		if outs {
			c.at.earlier[t] = high
			c.pinned[t] = least >= float64(c.value[t])
			if c.pinned[t] {
				c.at.earlier[t] *= 64
			}
		}
	}
}

// leastAlone returns the least that an item costs in a tier where nothing else is looked at.
func (c *climber) leastAlone(k int32, t int) float64 {
	class := &c.p.Classes[k]
	if len(class.Sites) == 0 {
		return float64(class.Out[t])
	}
	return float64(min(class.Out[t], class.Least()[t]))
}

// highest returns a bound on what placing an item can cost more than leaving it out, per unit of an earlier tier.
func (c *climber) highest() float64 {
	high := 1.0
	dear := make([]float64, c.p.Dims) // the most that terms charge for a unit
	for k := range c.slopes {
		s := &c.slopes[k]
		for n, cell := range s.at {
			if cell >= 0 && s.Tier == c.tier {
				d := cell % c.p.Dims
				dear[d] = math.Max(dear[d], s.full()*float64(s.by[n]))
			}
		}
	}
	for k := range c.p.Classes {
		class := &c.p.Classes[k]
		out := float64(max(1, class.Out[0]))
		use := 0.0
		for d, x := range class.Demand {
			use += dear[d] * float64(x)
		}
		high = math.Max(high, use/out)
		for j, u := range c.p.Unary {
			if u != c.tier || class.Cost == nil {
				continue
			}
			for s := range class.Sites {
				high = math.Max(high, (use+float64(class.Cost[s*len(c.p.Unary)+j])-float64(class.Out[u]))/out)
			}
		}
	}
	return 2 * high
}
