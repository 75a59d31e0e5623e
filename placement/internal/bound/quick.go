package bound

import (
	"math/big"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// quick is a bound of a tier in O(items): every item where it costs least in that tier, or left out, nothing priced. It is
// at most what Exact finds at zero prices. It is false where it does not fit 64 bits.
func quick(p *problem.Problem, tier int) (int64, bool) {
	count := make([]int64, len(p.Classes))
	for _, c := range p.Class {
		count[c]++
	}
	var sum, term, n big.Int
	for k := range p.Classes {
		c := &p.Classes[k]
		least := c.Out[tier]
		if len(c.Sites) > 0 {
			least = min(least, c.Least()[tier])
		}
		if !c.Complete {
			least = min(least, c.Rest[tier])
		}
		sum.Add(&sum, term.Mul(term.SetInt64(least), n.SetInt64(count[k])))
	}
	return sum.Int64(), sum.IsInt64()
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
