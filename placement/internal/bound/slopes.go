package bound

import (
	"math"
	"math/big"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// A SlopeKind is a kind of term that prices the use of a site.
type SlopeKind uint8

// The kinds.
const (
	Excess SlopeKind = iota
	Balance
	Load
)

// A Slope is one term at one site. Its cost is convex in the use of the site, and so at least
//
//	z x (By[0] x use of At[0] + By[1] x use of At[1] - level)
//
// for every price z from 0 to what a unit of it costs. That is a price on the use and a constant.
type Slope struct {
	Kind SlopeKind
	Term int // index in Problem.Excess or Problem.Balance, 0 of Load
	Tier int
	Site int32
	Dim  int

	at    [2]int   // cells of Problem.Capacity; the second is -1 but for Balance
	by    [2]int64 // what a unit of use counts
	level int64    // in units of 1/parts
	parts int64
	// A unit costs weight / per in the tier.
	weight, per int64
	size        float64 // what the amount is measured against
}

// Slopes lists the terms that price use in a tier and the earlier ones, at each site: the order of Prices.Terms.
func Slopes(p *problem.Problem, tier int) (list []Slope) {
	for k := range p.Excess {
		e := &p.Excess[k]
		for s := 0; s < p.Sites && e.Tier <= tier; s++ {
			cell := s*p.Dims + e.Dim
			list = append(list, Slope{
				Kind: Excess, Term: k, Tier: e.Tier, Site: int32(s), Dim: e.Dim, at: [2]int{cell, -1}, by: [2]int64{1, 0},
				level: p.Safe[cell], parts: 1, weight: e.Weight, per: e.Per, size: float64(p.Capacity[cell]),
			})
		}
	}
	for k := range p.Balance {
		b := &p.Balance[k]
		for s := 0; s < p.Sites && b.Tier <= tier; s++ {
			own, other := s*p.Dims+b.Dim, s*p.Dims+b.Against
			list = append(list, Slope{
				Kind: Balance, Term: k, Tier: b.Tier, Site: int32(s), Dim: b.Dim, at: [2]int{own, other}, by: [2]int64{-b.Ratio, 1},
				level: p.Capacity[other] - b.Ratio*p.Capacity[own], parts: 1, weight: b.Weight, per: b.Per,
				size: float64(p.Capacity[other]) + float64(b.Ratio)*float64(p.Capacity[own]),
			})
		}
	}
	for t := 0; t <= tier; t++ {
		for cell, capacity := range p.Capacity {
			if p.LoadWeight[t] == 0 || capacity == 0 || capacity > problem.Most {
				continue
			}
			// A thousandth is a unit of 1/1000 of the capacity above four fifths of it.
			list = append(list, Slope{
				Kind: Load, Tier: t, Site: int32(cell / p.Dims), Dim: cell % p.Dims, at: [2]int{cell, -1}, by: [2]int64{1, 0},
				level: 4 * capacity, parts: 5, weight: p.LoadWeight[t], per: capacity, size: float64(capacity),
			})
		}
	}
	return list
}

// scale is what Load multiplies units by: it counts thousandths.
func (s *Slope) scale() int64 {
	if s.Kind == Load {
		return 1000
	}
	return 1
}

// full is what a unit costs.
func (s *Slope) full() float64 {
	return float64(s.weight) * float64(s.scale()) / float64(s.per)
}

// amount is by how much the use of a site is above the level, less than zero where it is below.
func (s *Slope) amount(use []float64) float64 {
	x := float64(s.by[0]) * use[s.at[0]]
	if s.at[1] >= 0 {
		x += float64(s.by[1]) * use[s.at[1]]
	}
	return x - float64(s.level)/float64(s.parts)
}

// most is the largest price, in 2^-CapacityBits, for a multiplier of its tier in 2^-EarlierBits.
func (s *Slope) most(multiplier int64) *big.Int {
	x := new(big.Int).Mul(big.NewInt(multiplier), big.NewInt(s.weight))
	x.Mul(x.Lsh(x, CapacityBits-EarlierBits), big.NewInt(s.scale()))
	return x.Div(x, big.NewInt(s.per))
}

// Most is the largest price as far as it fits 62 bits.
func (s *Slope) Most(multiplier int64) int64 {
	if x := s.most(multiplier); x.IsInt64() {
		return min(x.Int64(), math.MaxInt64/2)
	}
	return math.MaxInt64 / 2
}

// constant is what a price takes away: its level, rounded up.
func (s *Slope) constant(price int64) *big.Int {
	x := new(big.Int).Mul(big.NewInt(price), big.NewInt(s.level))
	x.Add(x, big.NewInt(s.parts-1))
	return x.Div(x, big.NewInt(s.parts)) // Euclidean: rounds down
}
