package placement

import (
	"maps"
	"math/big"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// addUses adds what the use of all sites costs. Sites that nothing uses count, too: what they have of one dimension may
// be out of balance with what they have of another.
func (c *checker) addUses(v checkValues) error {
	if !slices.ContainsFunc(c.objective, func(t checkTerm) bool { return t.ofSites() }) {
		return nil
	}
	for s := range c.p.Continuum.Sites() {
		if err := c.addUse(v, s); err != nil {
			return err
		}
	}
	return nil
}

// ofSites says whether the term prices the use of sites.
func (t checkTerm) ofSites() bool { return t.Kind == Load || t.Kind == Excess || t.Kind == Balance }

// addUse adds what the use of one site costs.
func (c *checker) addUse(v checkValues, s *topology.Site) error {
	use := c.use[s.ID]
	for i, term := range c.objective {
		if !term.ofSites() {
			continue
		}
		var amount int64
		var ok bool
		switch term.Kind {
		case Load:
			amount, ok = loadCost(use, s.Capacity, term.Weight)
		case Excess:
			amount, ok = excessCost(use[term.Dimension]-safeUse(s, term.Dimension), term.Term)
		default:
			free := func(d topology.Dimension) int64 { return s.Capacity[d] - use[d] } // both are at least 0
			amount, ok = balanceCost(free(term.Dimension), free(term.Against), term.Term)
		}
		if ok {
			v[i], ok = addExact(v[i], amount)
		}
		if !ok {
			return c.overflow(i, string(s.ID))
		}
	}
	return nil
}

// loadCost adds up what the load of each dimension costs.
func loadCost(use, capacity topology.Resources, weight int64) (sum int64, ok bool) {
	for _, dim := range slices.Sorted(maps.Keys(use)) {
		thousandths, ok := loadThousandths(use[dim], capacity[dim])
		if !ok {
			return 0, false
		}
		cost, ok := ceilProduct(1, thousandths, weight)
		if !ok {
			return 0, false
		}
		if sum, ok = addExact(sum, cost); !ok {
			return 0, false
		}
	}
	return sum, true
}

// loadThousandths returns use above four fifths of a capacity in thousandths of the capacity, rounded up. A whole number
// of thousandths is taken away, so that rounding first makes no difference.
func loadThousandths(use, capacity int64) (int64, bool) {
	if capacity <= 0 {
		return 0, true
	}
	thousandths, ok := ceilProduct(capacity, use, 1000)
	return max(thousandths-800, 0), ok
}

// safeUse returns the use of a dimension that a site takes with ease.
func safeUse(s *topology.Site, d topology.Dimension) int64 {
	if safe, ok := s.Safe[d]; ok {
		return safe
	}
	return s.Capacity[d]
}

// excessCost returns what use above the safe one costs.
func excessCost(above int64, t Term) (int64, bool) {
	if above <= 0 {
		return 0, true
	}
	return ceilProduct(max(t.Per, 1), above, t.Weight)
}

// balanceCost returns what it costs that less is free of one dimension than the term wants for what is free of the other.
func balanceCost(free, against int64, t Term) (int64, bool) {
	if lack, ok := lackSmall(free, against, t.Ratio); ok {
		return excessCost(lack, t)
	}
	lack := new(big.Int).Mul(big.NewInt(t.Ratio), big.NewInt(free))
	lack.Sub(lack, big.NewInt(against))
	if lack.Sign() <= 0 {
		return 0, true
	}
	return ceilBig(lack.Mul(lack, big.NewInt(t.Weight)), big.NewInt(max(t.Per, 1)))
}

// lackSmall returns ratio x free - against where 64 bits are enough: the common case.
func lackSmall(free, against, ratio int64) (int64, bool) {
	size := uint64(max(free, -free)) // never the least int64: use and capacity are at least 0
	hi, lo := bits.Mul64(size, uint64(ratio))
	if hi != 0 || lo > 1<<62 {
		return 0, false
	}
	wanted := int64(lo)
	if free < 0 {
		wanted = -wanted
	}
	return subExact(wanted, against)
}
