package bound

import "github.com/domicile-eu/domicile/placement/internal/problem"

// The fixed points of prices: Earlier in 2^-EarlierBits, Capacity in 2^-CapacityBits tier units per unit of demand.
const (
	EarlierBits  = 20
	CapacityBits = 40
)

// Prices are a point of the dual problem of one tier.
type Prices struct {
	Earlier  []int64 // by earlier tier
	Capacity []int64 // by site and dimension, as Problem.Capacity
	Terms    []int64 // by slope, as Slopes lists them, in the fixed point of Capacity
	// Joint says that the workloads of an application are looked at together, with the traffic between them.
	Joint bool

	leasts *leasts // what Exact has found at these prices
}

// Zero returns the prices at which nothing is priced.
func Zero(p *problem.Problem, tier int) *Prices {
	return &Prices{Earlier: make([]int64, tier), Capacity: make([]int64, p.Sites*p.Dims), Terms: make([]int64, len(Slopes(p, tier)))}
}

// IsZero says whether nothing is priced and nothing looked at together.
func (y *Prices) IsZero() bool {
	zero := func(x int64) bool { return x == 0 }
	return !y.Joint && all(y.Earlier, zero) && all(y.Capacity, zero) && all(y.Terms, zero)
}

func all(list []int64, is func(int64) bool) bool {
	for _, x := range list {
		if !is(x) {
			return false
		}
	}
	return true
}

// bunch is items that differ in nothing that the relaxation sees.
type bunch struct {
	class, move int32
	count       int64
	short       []int32 // positions that evaluations with short lists look at
}

// bunches groups the items by class and move cost, in order of their first item, but for those that are taken.
func bunches(p *problem.Problem, taken []bool) []bunch {
	first := make([]int32, len(p.Classes)) // last bunch of each class + 1
	var list []bunch
	var before []int32 // previous bunch of the same class + 1
	for i, c := range p.Class {
		if taken != nil && taken[i] {
			continue
		}
		move := moveOf(p, int32(i))
		k := first[c]
		for k != 0 && list[k-1].move != move {
			k = before[k-1]
		}
		if k == 0 {
			list = append(list, bunch{class: c, move: move})
			before = append(before, first[c])
			k = int32(len(list))
			first[c] = k
		}
		list[k-1].count++
	}
	return list
}

func moveOf(p *problem.Problem, i int32) int32 {
	if p.MoveOf == nil {
		return -1
	}
	return p.MoveOf[i]
}
