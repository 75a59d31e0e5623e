package bound

import (
	"context"
	"math/big"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Exact evaluates the bound of a tier at given prices in integers: ceil(L). value holds the values of the earlier tiers.
// It is false where the bound does not fit 64 bits, and where ctx ends before it is known: a sum of more than patience
// items asks for that now and then, so that smaller ones come out whatever has become of ctx.
//
// O(admissible pairs), without allocations that grow with them.
func Exact(ctx context.Context, p *problem.Problem, tier int, value *problem.Value, y *Prices) (int64, bool) {
	return exactly(ctx, p, tier, value, y, nil)
}

// exactly is Exact where know, if there is one, may know what an item contributes. It leaves with y what it has found, unless ctx
// ended before all was.
func exactly(
	ctx context.Context, p *problem.Problem, tier int, value *problem.Value, y *Prices, know func(e *exact, b *bunch) (leastOf, bool),
) (int64, bool) {
	found := &leasts{of: make([]leastOf, len(p.Classes))}
	e := &exact{p: p, tier: tier, y: y, know: know, found: found, price: append([]int64(nil), y.Capacity...)}
	var sum, term big.Int
	slopes := Slopes(p, tier)
	for k, z := range y.Terms {
		if z == 0 {
			continue
		}
		s := &slopes[k]
		for n, cell := range s.at {
			if cell >= 0 {
				e.price[cell] += z * s.by[n]
			}
		}
		sum.Sub(&sum, s.constant(z))
	}
	e.setLow()
	var joint *forest
	if y.Joint {
		joint = newForest(p, tier)
	}
	if !e.each(ctx, &sum, bunches(p, joint.items())) {
		return 0, false
	}
	if joint != nil {
		least := e.trees(ctx, joint)
		if least == nil {
			return 0, false
		}
		sum.Add(&sum, least)
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
	y.leasts = found
	return sum.Int64(), sum.IsInt64()
}

// patience is after how many items, or parts of trees, a sum asks whether its context has ended.
const patience = 1024

// each adds what items contribute, side by side where there are many; false where ctx ended before.
func (e *exact) each(ctx context.Context, sum *big.Int, list []bunch) bool {
	var sums [sideBySide]big.Int
	err := parallel.Each(sideBySide, func(_, k int) error {
		own, term := *e, new(big.Int) // the scratch memory is its own
		asked := 0
		for n := k * len(list) / sideBySide; n < (k+1)*len(list)/sideBySide; n++ {
			if asked++; asked%patience == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			least := own.contributes(&list[n])
			sums[k].Add(&sums[k], term.Mul(least.big(), term.SetInt64(list[n].count)))
		}
		return nil
	})
	for k := range sums {
		sum.Add(sum, &sums[k])
	}
	return err == nil
}

type exact struct {
	p     *problem.Problem
	tier  int
	y     *Prices
	price []int64 // of a unit of use, by cell: of capacity and of terms
	low   []int64 // by dimension: the least of price
	class int32   // whose sites were all asked for + 1
	sites []int32
	cost  []int64
	know  func(e *exact, b *bunch) (leastOf, bool)
	found *leasts

	branches []exactBranch
}

func (e *exact) setLow() {
	e.low = make([]int64, e.p.Dims)
	for d := range e.low {
		for k := d; k < len(e.price); k += e.p.Dims {
			if k == d || e.price[k] < e.low[d] {
				e.low[d] = e.price[k]
			}
		}
	}
}

// bottom is at most what the prices come to for an item of a class on any site.
func (e *exact) bottom(c *problem.Class) (sum wide) {
	for d, demand := range c.Demand {
		if demand != 0 {
			sum = sum.plus(product(e.low[d], demand))
		}
	}
	return sum
}

// contributes returns the least of an item, which may be known, and keeps it.
func (e *exact) contributes(b *bunch) wide {
	var least leastOf
	known := false
	if e.know != nil {
		least, known = e.know(e, b)
	}
	if !known {
		least.x, least.known = e.least(b), true
	}
	if b.move < 0 { // then it is the only one of its class that counts no move
		e.found.of[b.class] = least
	}
	return least.x
}

// least returns the least priced cost of an item, in 2^-40.
func (e *exact) least(b *bunch) wide {
	c := &e.p.Classes[b.class]
	best := e.among(b, c.Sites, c.Cost, c.Order(), e.priced(&c.Out))
	if !c.Complete && e.priced(&c.Rest).plus(e.bottom(c)).less(best) {
		// A site that is not listed might be cheaper: look at all of them.
		e.fill(b.class)
		best = e.among(b, e.sites, e.cost, nil, best)
	}
	return best
}

// fill asks for all sites of a class.
func (e *exact) fill(class int32) {
	if e.class != class+1 {
		e.sites, e.cost = e.p.Full(class, e.sites[:0], e.cost[:0])
		e.class = class + 1
	}
}

// among returns the least of best and the priced costs on some sites. order, where there is one, lists them by their
// first cost, so that the rest can be left out as soon as costs alone are too high.
func (e *exact) among(b *bunch, sites []int32, cost []int64, order []int32, best wide) wide {
	p, c := e.p, &e.p.Classes[b.class]
	w := len(p.Unary)
	floor, bottom := *c.Least(), e.bottom(c)
	for k := range sites {
		if order != nil {
			k = int(order[k])
			if floor[p.Unary[0]] = cost[k*w]; !e.priced(&floor).plus(bottom).less(best) {
				break
			}
		}
		if x := e.at(b, c, sites[k], cost, k); x.less(best) {
			best = x
		}
	}
	return best
}

// at returns the priced cost on a site, whose row of cost is the k-th.
func (e *exact) at(b *bunch, c *problem.Class, s int32, cost []int64, k int) wide {
	p := e.p
	w := len(p.Unary)
	var v problem.Value
	if cost != nil {
		for j, t := range p.Unary {
			v[t] = cost[k*w+j]
		}
	}
	if b.move >= 0 {
		move := p.MoveCost(b.move, s)
		v.Add(&move)
	}
	x := e.priced(&v)
	for d, demand := range c.Demand {
		if price := e.price[int(s)*p.Dims+d]; price != 0 && demand != 0 {
			x = x.plus(product(price, demand))
		}
	}
	return x
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
