package placement

import (
	"fmt"
	"math/big"

	"github.com/domicile-eu/domicile/topology"
)

// addTerms reads the prices of terms: each is a price on what it counts, and takes its level away.
func (d *checkDual) addTerms(c *checker, cert *Certificate) error {
	type key struct {
		term int
		site topology.SiteID
		dim  topology.Dimension
	}
	seen := make(map[key]bool)
	for _, z := range cert.Terms {
		i, ok := c.pricedTerm(z)
		s, known := c.p.Continuum.Site(z.Site)
		switch {
		case !ok || c.objective[i].tier > d.tier:
			return fmt.Errorf("a price of the term %s %s in tier %s, which there is not by then", z.Kind, z.Dimension, z.Tier)
		case !known:
			return fmt.Errorf("a price of the term %s at site %q, which there is not", z.Kind, z.Site)
		case seen[key{i, z.Site, z.Dimension}]:
			return fmt.Errorf("the price of the term %s %s at %s stands there twice", z.Kind, z.Dimension, z.Site)
		}
		seen[key{i, z.Site, z.Dimension}] = true
		if err := d.addTerm(c.objective[i], z, s); err != nil {
			return err
		}
	}
	return nil
}

// pricedTerm finds the term of the objective that a price is for.
func (c *checker) pricedTerm(z TermPrice) (int, bool) {
	for i, term := range c.objective {
		if term.tier >= len(c.tiers) || c.tiers[term.tier] != z.Tier || term.Kind != z.Kind {
			continue
		}
		switch {
		case z.Kind == Load:
			return i, z.Dimension != "" && z.Against == ""
		case (z.Kind == Excess || z.Kind == Balance) && term.Dimension == z.Dimension && term.Against == z.Against:
			return i, true
		}
	}
	return 0, false
}

func (d *checkDual) addTerm(term checkTerm, z TermPrice, s *topology.Site) error {
	capacity := s.Capacity[z.Dimension]
	level, parts := big.NewInt(0), int64(1)
	unit, per := big.NewInt(term.Weight), max(term.Per, 1)
	counts := map[topology.Dimension]int64{z.Dimension: 1}
	switch term.Kind {
	case Excess:
		safe, ok := s.Safe[z.Dimension]
		if !ok {
			safe = capacity
		}
		level.SetInt64(safe)
	case Balance:
		counts[z.Dimension], counts[z.Against] = -term.Ratio, 1
		level.Mul(big.NewInt(term.Ratio), big.NewInt(capacity))
		level.Sub(big.NewInt(s.Capacity[z.Against]), level)
	case Load:
		if capacity <= 0 {
			return fmt.Errorf("a price of the term %s at %s, which has no %s", z.Kind, z.Site, z.Dimension)
		}
		level, parts = level.Mul(big.NewInt(4), big.NewInt(capacity)), 5
		unit, per = unit.Mul(unit, big.NewInt(1000)), capacity
	}
	// A unit costs unit / per times the multiplier of the term's tier.
	multiplier := int64(1 << multiplierBits)
	if term.tier < d.tier {
		multiplier = d.earlier[term.tier]
	}
	most := unit.Mul(unit, big.NewInt(multiplier))
	most.Lsh(most, priceBits-multiplierBits)
	if price := new(big.Int).Mul(big.NewInt(z.Price), big.NewInt(per)); z.Price < 0 || price.Cmp(most) > 0 {
		return fmt.Errorf("the price of the term %s %s at %s is %d, which is not from 0 to what a unit costs", z.Kind, z.Dimension, z.Site, z.Price)
	}
	taken := level.Mul(level, big.NewInt(z.Price))
	taken.Add(taken, big.NewInt(parts-1))
	d.constant.Sub(d.constant, taken.Div(taken, big.NewInt(parts)))
	if d.prices[z.Site] == nil {
		d.prices[z.Site] = make(map[topology.Dimension]int64)
	}
	for dim, count := range counts {
		price := new(big.Int).Mul(big.NewInt(z.Price), big.NewInt(count))
		price.Add(price, big.NewInt(d.prices[z.Site][dim]))
		if !price.IsInt64() {
			return fmt.Errorf("the prices of %s at %s come to more than 64 bits", dim, z.Site)
		}
		d.prices[z.Site][dim] = price.Int64()
	}
	return nil
}
