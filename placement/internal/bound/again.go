package bound

import (
	"context"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// leasts are what the items contribute to a bound at certain prices, by class, or less.
type leasts struct {
	of []leastOf // by class; nil where there are too few to be worth it
}

type leastOf struct {
	x     wide
	known bool
}

// A Change is what has become of a class since another problem.
type Change struct {
	Was int32   // the class there; -1: there is none
	Now []int32 // sites that may take it now, and did not there, or at other costs
}

// Again proves a bound of a tier, at most that of Exact, at prices that have proven one of another problem, with the same sites, dimensions and
// tiers, and were lifted since. changes tell what has become of each class; outside of its Change a class has the same
// sites, costs and demand, and sites at which prices are lifted or cut are in the Change of every class that they take. What is
// known from there is not evaluated anew, so that it costs O(classes + changed pairs); where sites that were cheapest have
// gone, it is less than Exact would prove. It ends with ctx as Exact does.
func Again(ctx context.Context, p *problem.Problem, tier int, value *problem.Value, y *Prices, changes []Change) (int64, bool) {
	old := y.leasts
	return exactly(ctx, p, tier, value, y, func(e *exact, b *bunch) (leastOf, bool) {
		if old == nil || b.move >= 0 {
			return leastOf{}, false
		}
		c := &changes[b.class]
		if c.Was < 0 || int(c.Was) >= len(old.of) || !old.of[c.Was].known {
			return leastOf{}, false
		}
		return e.amend(b, old.of[c.Was], c)
	})
}

// amend returns at most the least of an item, from the one before and the sites that are not as they were: where it was least
// on a site that is gone, no other is cheaper than that. It is false where that is not enough to tell.
func (e *exact) amend(b *bunch, was leastOf, c *Change) (leastOf, bool) {
	class := &e.p.Classes[b.class]
	for _, s := range c.Now {
		pos := class.Index.Find(s)
		if pos < 0 {
			if !class.Complete && e.priced(&class.Rest).plus(e.bottom(class)).less(was.x) {
				return was, false
			}
			continue
		}
		if x := e.at(b, class, s, class.Cost, int(pos)); x.less(was.x) {
			was.x = x
		}
	}
	return was, true
}

// Lift returns the prices for another problem with the same sites, dimensions and tiers, with nothing charged at sites that
// are gone, and elsewhere no more than terms may charge; nil where the terms are not the same.
func (y *Prices) Lift(from, to *problem.Problem, tier int, gone func(site int32) bool) *Prices {
	slopes, were := Slopes(to, tier), Slopes(from, tier)
	if y == nil || len(slopes) != len(were) {
		return nil
	}
	z := &Prices{Earlier: y.Earlier, Joint: y.Joint && newForest(to, tier) != nil, leasts: y.leasts}
	z.Capacity, z.Terms = append([]int64(nil), y.Capacity...), append([]int64(nil), y.Terms...)
	for k := range z.Capacity {
		if gone(int32(k / to.Dims)) {
			z.Capacity[k] = 0
		}
	}
	for k := range z.Terms {
		s, was := &slopes[k], &were[k]
		if s.Kind != was.Kind || s.Term != was.Term || s.at != was.at {
			return nil
		}
		multiplier := int64(1 << EarlierBits)
		if s.Tier < tier {
			multiplier = y.Earlier[s.Tier]
		}
		if z.Terms[k] = min(z.Terms[k], s.Most(multiplier)); gone(s.Site) {
			z.Terms[k] = 0
		}
	}
	return z
}
