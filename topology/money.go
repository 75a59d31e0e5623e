package topology

import (
	"fmt"
	"math"
	"math/bits"
)

// HourlyPrice returns what the site charges an hour for a demand: the sum over its dimensions of amount times price per
// pricing unit, each rounded up to a micro-euro. A dimension without a price is free. It is an error if an amount is
// negative or the sum exceeds an int64. O(dimensions).
func (s *Site) HourlyPrice(demand Resources) (MicroEUR, error) {
	if err := s.refuseNegative(demand); err != nil {
		return 0, err
	}
	var sum uint64
	for d, amount := range demand {
		unit := d.pricingUnit()
		hi, lo := bits.Mul64(uint64(amount), uint64(max(s.Prices[d], 0)))
		lo, carry := bits.Add64(lo, unit-1, 0)
		if hi += carry; hi >= unit {
			return 0, s.overflow("price")
		}
		cost, _ := bits.Div64(hi, lo, unit)
		if sum, carry = bits.Add64(sum, cost, 0); carry != 0 || sum > math.MaxInt64 {
			return 0, s.overflow("price")
		}
	}
	return MicroEUR(sum), nil
}

func (s *Site) refuseNegative(demand Resources) error {
	worst := Dimension("")
	for d, amount := range demand {
		if amount < 0 && (worst == "" || d < worst) {
			worst = d
		}
	}
	if worst != "" {
		return fmt.Errorf("%w: demand for %s at %s: %d is negative", ErrInvalid, worst, s.ID, demand[worst])
	}
	return nil
}

func (s *Site) overflow(what string) error {
	return fmt.Errorf("%w: the hourly %s of a demand at %s exceeds 64 bits", ErrInvalid, what, s.ID)
}
