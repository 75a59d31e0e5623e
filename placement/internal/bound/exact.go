package bound

import (
	"math"
	"math/big"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Exact evaluates the bound of a tier at given prices in integers: ceil(L). value holds the values of the earlier tiers.
// It is false where the bound does not fit 64 bits.
//
// O(admissible pairs), without allocations that grow with them.
func Exact(p *problem.Problem, tier int, value *problem.Value, y *Prices) (int64, bool) {
	e := &exact{p: p, tier: tier, y: y}
	var sum, term big.Int
	for _, b := range bunches(p) {
		least := e.least(&b)
		sum.Add(&sum, term.Mul(least.big(), big.NewInt(b.count)))
	}
	for k, price := range y.Capacity {
		if price != 0 {
			sum.Sub(&sum, term.Mul(big.NewInt(price), big.NewInt(p.Capacity[k])))
		}
	}
	for t, m := range y.Earlier {
		term.Mul(big.NewInt(m), big.NewInt(value[t]))
		sum.Sub(&sum, term.Lsh(&term, CapacityBits-EarlierBits))
	}
	// ceil(sum / 2^40): Rsh rounds towards minus infinity.
	sum.Add(&sum, term.SetUint64(1<<CapacityBits-1))
	sum.Rsh(&sum, CapacityBits)
	return sum.Int64(), sum.IsInt64()
}

type exact struct {
	p     *problem.Problem
	tier  int
	y     *Prices
	class int32 // whose sites were all asked for + 1
	sites []int32
	cost  []int64
}

// least returns the least priced cost of an item, in 2^-40.
func (e *exact) least(b *bunch) wide {
	c := &e.p.Classes[b.class]
	best := e.among(b, c.Sites, c.Cost, c.Order(), e.priced(&c.Out))
	if !c.Complete && e.priced(&c.Rest).less(best) {
		// A site that is not listed might be cheaper: look at all of them.
		if e.class != b.class+1 {
			e.sites, e.cost = e.p.Full(b.class, e.sites[:0], e.cost[:0])
			e.class = b.class + 1
		}
		best = e.among(b, e.sites, e.cost, nil, best)
	}
	return best
}

// among returns the least of best and the priced costs on some sites. order, where there is one, lists them by their
// first cost, so that the rest can be left out as soon as costs alone are too high.
func (e *exact) among(b *bunch, sites []int32, cost []int64, order []int32, best wide) wide {
	p, c := e.p, &e.p.Classes[b.class]
	w := len(p.Unary)
	floor := *c.Least()
	for k := range sites {
		if order != nil {
			k = int(order[k])
			if floor[p.Unary[0]] = cost[k*w]; !e.priced(&floor).less(best) {
				break
			}
		}
		var v problem.Value
		if cost != nil {
			for j, t := range p.Unary {
				v[t] = cost[k*w+j]
			}
		}
		s := sites[k]
		if b.move >= 0 {
			cost := p.MoveCost(b.move, s)
			v.Add(&cost)
		}
		x := e.priced(&v)
		for d, demand := range c.Demand {
			if price := e.y.Capacity[int(s)*p.Dims+d]; price != 0 && demand != 0 {
				x = x.plus(product(price, demand))
			}
		}
		if x.less(best) {
			best = x
		}
	}
	return best
}

// priced returns the cost in the tier plus the priced costs in the earlier ones, in 2^-40.
func (e *exact) priced(v *problem.Value) wide {
	x := product(v[e.tier], 1<<CapacityBits)
	for t, m := range e.y.Earlier {
		if m != 0 && v[t] != 0 {
			x = x.plus(product(m, v[t]).shifted(CapacityBits - EarlierBits))
		}
	}
	return x
}

// round turns prices found in floating point into the fixed point of certificates, small enough that Exact cannot
// overflow.
func round(p *problem.Problem, tier int, earlier, capacity []float64) *Prices {
	y := Zero(p, tier)
	largest := p.Largest()
	for t, m := range earlier {
		// Products of a multiplier and a cost stay below 2^96, and so below 2^116 when shifted.
		most := math.Min(math.MaxInt64/2, math.Ldexp(1, 96)/float64(largest[t]+1))
		y.Earlier[t] = int64(math.Min(math.Max(m*(1<<EarlierBits), 0), most))
	}
	for k, x := range capacity {
		y.Capacity[k] = int64(math.Min(math.Max(x*(1<<CapacityBits), 0), math.MaxInt64/2))
	}
	return y
}
