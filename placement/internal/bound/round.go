package bound

import (
	"math"
	"math/big"
)

// round turns a point into the fixed point of certificates, small enough that Exact cannot overflow.
func (c *climber) round(x point) *Prices {
	y := Zero(c.p, c.tier)
	y.Joint = c.forest != nil
	largest := c.p.Largest()
	for t, m := range x.earlier {
		// Products of a multiplier and a cost stay below 2^96, and so below 2^116 when shifted.
		most := math.Min(math.MaxInt64/2, math.Ldexp(1, 96)/float64(largest[t]+1))
		y.Earlier[t] = int64(math.Min(math.Max(m*(1<<EarlierBits), 0), most))
	}
	for k, x := range x.capacity {
		y.Capacity[k] = int64(math.Min(math.Max(x*(1<<CapacityBits), 0), math.MaxInt64/4))
	}
	for k, share := range x.terms {
		s := &c.slopes[k]
		multiplier := int64(1 << EarlierBits)
		if s.Tier < c.tier {
			multiplier = y.Earlier[s.Tier]
		}
		// Even all terms of a site together keep the price of a unit within 64 bits.
		most := math.MaxInt64 / 4 / float64(max(s.by[0], -s.by[0], 1)) / float64(c.together)
		z := share * s.full() * math.Ldexp(float64(multiplier), CapacityBits-EarlierBits)
		y.Terms[k] = int64(math.Min(z, most))
		if limit := s.most(multiplier); limit.Cmp(big.NewInt(y.Terms[k])) < 0 {
			y.Terms[k] = limit.Int64()
		}
	}
	return y
}
