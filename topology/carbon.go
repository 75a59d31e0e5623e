package topology

import (
	"math"
	"math/bits"
)

// HourlyEmissions returns the milligrams of CO2 equivalent that an hour of a demand causes at the site: the power of all
// its dimensions, times PUE, times the intensity of the electricity, rounded up once. A dimension without a power draws
// none. It is an error if an amount is negative, or if the result or PUE times intensity exceeds an int64. O(dimensions).
func (s *Site) HourlyEmissions(demand Resources) (int64, error) {
	if err := s.refuseNegative(demand); err != nil {
		return 0, err
	}
	hi, factor := bits.Mul64(uint64(max(s.Energy.PUE, 0)), uint64(max(s.Energy.Intensity, 0)))
	switch {
	case hi != 0:
		return 0, s.overflow("emissions")
	case factor == 0:
		return 0, nil
	}
	// Power in mW over a common denominator of all pricing units: 1000, 2^30 and 1.
	const common = 125 << 30
	var power uint128
	for d, amount := range demand {
		hi, lo := bits.Mul64(uint64(amount), uint64(max(s.Energy.Power[d], 0)))
		term, ok := uint128{hi, lo}.times(common / d.pricingUnit())
		if ok {
			power, ok = power.plus(term)
		}
		if !ok { // 2^128 over common is above 2^63 even of the smallest factor
			return 0, s.overflow("emissions")
		}
	}
	// An hour of a mW is 10^-6 kWh, times g/kWh is 10^-3 mg, times thousandths is 10^-6 mg.
	const perMilligram = common * 1_000_000
	whole, rest := power.over(perMilligram)
	milligrams, ok := whole.times(factor)
	hi, lo := bits.Mul64(rest, factor)
	more, left := uint128{hi, lo}.over(perMilligram)
	if ok {
		milligrams, ok = milligrams.plus(more)
	}
	if ok && left > 0 {
		milligrams, ok = milligrams.plus(uint128{0, 1})
	}
	if !ok || milligrams.hi != 0 || milligrams.lo > math.MaxInt64 {
		return 0, s.overflow("emissions")
	}
	return int64(milligrams.lo), nil
}

// uint128 is an unsigned number of 128 bits.
type uint128 struct{ hi, lo uint64 }

// plus returns u+v, and false where that exceeds 128 bits.
func (u uint128) plus(v uint128) (uint128, bool) {
	lo, carry := bits.Add64(u.lo, v.lo, 0)
	hi, carry := bits.Add64(u.hi, v.hi, carry)
	return uint128{hi, lo}, carry == 0
}

// times returns u*n, and false where that exceeds 128 bits.
func (u uint128) times(n uint64) (uint128, bool) {
	over, hi := bits.Mul64(u.hi, n)
	carry, lo := bits.Mul64(u.lo, n)
	hi, c := bits.Add64(hi, carry, 0)
	return uint128{hi, lo}, over == 0 && c == 0
}

// over returns u/n and the remainder.
func (u uint128) over(n uint64) (uint128, uint64) {
	hi, rest := u.hi/n, u.hi%n
	lo, rest := bits.Div64(rest, u.lo, n)
	return uint128{hi, lo}, rest
}
