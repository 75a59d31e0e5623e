package bound

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// quick is a bound of a tier in O(items log items), with the prices that prove it: every item where it costs least, or left
// out at what that costs with the best multiplier of the first tier in which leaving out costs; nothing else is priced. It
// is at most what Exact finds at those prices, which looks at one site of an item for all tiers together. It is false where
// it does not fit 64 bits.
func quick(p *problem.Problem, tier int, value *problem.Value) (*Prices, int64, bool) {
	count := make([]int64, len(p.Classes))
	for _, c := range p.Class {
		count[c]++
	}
	y := Zero(p, tier)
	b, ok := cheapestAt(p, tier, count, 0, 0, 0)
	for t := range tier {
		if slices.ContainsFunc(p.Classes, func(c problem.Class) bool { return c.Out[t] > 0 }) {
			m := multiplier(p, tier, t, count, value[t])
			if more, fits := cheapestAt(p, tier, count, t, m, value[t]); fits && (!ok || more > b) {
				y.Earlier[t] = m
				return y, more, true
			}
			break
		}
	}
	return y, b, ok
}

// cheapestAt sums what items cost at least, in whole units of the tier, where an earlier tier has a value and a multiplier.
func cheapestAt(p *problem.Problem, tier int, count []int64, earlier int, m, value int64) (int64, bool) {
	var sum, term, x big.Int
	priced := func(own, other int64) *big.Int {
		out := new(big.Int).Mul(big.NewInt(m), x.SetInt64(other))
		return out.Add(out, term.Lsh(x.SetInt64(own), EarlierBits))
	}
	for k := range p.Classes {
		if count[k] == 0 {
			continue
		}
		c := &p.Classes[k]
		best := priced(c.Out[tier], c.Out[earlier])
		if own, other, any := leastIn(c, tier, earlier); any {
			if in := priced(own, other); in.Cmp(best) < 0 {
				best = in
			}
		}
		sum.Add(&sum, best.Mul(best, x.SetInt64(count[k])))
	}
	sum.Sub(&sum, term.Mul(x.SetInt64(m), big.NewInt(value)))
	sum.Add(&sum, term.SetUint64(1<<EarlierBits-1)) // rounded up
	sum.Rsh(&sum, EarlierBits)
	return sum.Int64(), sum.IsInt64()
}

// leastIn returns at most what a class costs on any of its sites in two tiers; false where it has none.
func leastIn(c *problem.Class, tier, earlier int) (own, other int64, any bool) {
	if len(c.Sites) > 0 {
		own, other, any = c.Least()[tier], c.Least()[earlier], true
	}
	if !c.Complete {
		if !any {
			return c.Rest[tier], c.Rest[earlier], true
		}
		own, other = min(own, c.Rest[tier]), min(other, c.Rest[earlier])
	}
	return own, other, any
}

// multiplier returns where quick is highest: the multiplier of an earlier tier, of a certain value, up to which so many are
// rather left out that they cost more than that value. The bound is concave along it and bends where an item comes in.
func multiplier(p *problem.Problem, tier, earlier int, count []int64, value int64) int64 {
	type bend struct{ at, gain float64 }
	var bends []bend
	slope := -float64(value)
	for k := range p.Classes {
		c := &p.Classes[k]
		n := float64(count[k])
		out := float64(c.Out[earlier])
		slope += n * out // at zero, where leaving out costs least
		own, other, any := leastIn(c, tier, earlier)
		if gain := out - float64(other); any && gain > 0 && n > 0 {
			bends = append(bends, bend{max(0, (float64(own)-float64(c.Out[tier]))/gain), n * gain})
		}
	}
	slices.SortFunc(bends, func(a, b bend) int { return cmp.Compare(a.at, b.at) })
	at := 0.0
	for _, b := range bends {
		if slope <= 0 {
			break
		}
		at = b.at
		slope -= b.gain
	}
	most := math.Min(math.MaxInt64/2, math.Ldexp(1, 96)/float64(p.Largest()[earlier]+1))
	return int64(math.Min(math.Ceil(math.Ldexp(at, EarlierBits)), most))
}

// Carry returns what prices prove of a tier at other values of the earlier tiers than those at which they have proven a
// bound: prices of earlier tiers count against them. O(tiers), and at most one below what Exact finds. It is false where
// that does not fit 64 bits.
func Carry(bound int64, y *Prices, was, now *problem.Value) (int64, bool) {
	var more, term, x big.Int
	for t, m := range y.Earlier {
		term.Sub(big.NewInt(now[t]), x.SetInt64(was[t]))
		more.Add(&more, term.Mul(&term, x.SetInt64(m)))
	}
	// The bound is ceil(L) of some L; so ceil(L - more) is at least bound - ceil(more), which is bound + floor(-more).
	more.Neg(&more)
	more.Rsh(&more, EarlierBits)
	more.Add(&more, x.SetInt64(bound))
	return more.Int64(), more.IsInt64()
}
