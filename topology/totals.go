package topology

import (
	"maps"
	"math"
)

// totals are sums over all sites. That they fit 64 bits is what makes every sum over demands that fit the sites exact.
type totals struct {
	capacity  Resources
	price     MicroEUR // of running everything full for an hour
	emissions int64    // likewise, in milligrams
}

func (t totals) clone() totals {
	t.capacity = maps.Clone(t.capacity)
	if t.capacity == nil {
		t.capacity = Resources{}
	}
	return t
}

func (t *totals) remove(s *Site) {
	for d, amount := range s.Capacity {
		t.capacity[d] -= amount
	}
	price, _ := s.HourlyPrice(s.Capacity) // it was added once, so it has no error
	emissions, _ := s.HourlyEmissions(s.Capacity)
	t.price -= price
	t.emissions -= emissions
}

// add notes the first site of a sum with which it exceeds 64 bits, and leaves that site out of the sum.
func (t *totals) add(s *Site, at spot) {
	for _, amount := range s.Capacity {
		if amount < 0 {
			return // noted elsewhere
		}
	}
	for _, d := range sortedKeys(s.Capacity) {
		if amount := s.Capacity[d]; t.capacity[d] > math.MaxInt64-amount {
			at.defect("capacity."+string(d), "the sum over all sites exceeds 64 bits")
		} else {
			t.capacity[d] += amount
		}
	}
	price, err := s.HourlyPrice(s.Capacity)
	switch {
	case err != nil:
		at.defect("prices", "the hourly price of the whole site exceeds 64 bits")
	case t.price > math.MaxInt64-price:
		at.defect("prices", "the hourly price of all sites together exceeds 64 bits")
	default:
		t.price += price
	}
	emissions, err := s.HourlyEmissions(s.Capacity)
	switch {
	case err != nil:
		at.defect("energy", "the hourly emissions of the whole site exceed 64 bits")
	case t.emissions > math.MaxInt64-emissions:
		at.defect("energy", "the hourly emissions of all sites together exceed 64 bits")
	default:
		t.emissions += emissions
	}
}
