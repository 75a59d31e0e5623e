package knapsack

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Bits is the fixed point of item prices, in 2^-Bits of a unit of the tier.
const Bits = 20

const (
	maxPairs = 1 << 20 // pairs of an item and a site: above, one look at the relaxation takes too long
	maxTable = 1 << 14 // units that a site is divided into: above, demands are rounded down to a coarser unit
)

// Model is a problem as the relaxation of one tier sees it. Pairs stand at [site*items+item].
type Model struct {
	p        *problem.Problem
	tier     int
	items    int
	cost     []int64         // of a pair, prices of other dimensions and of earlier tiers included
	worth    []int64         // of a pair, the same without prices of other dimensions; that of cost where Single
	weight   []int32         // of a pair in units of the site; -1: not admissible
	room     []int32         // of a site, in its units
	out      []int64         // of leaving an item out
	constant int64           // what prices of capacities and of earlier tiers take off
	base     int64           // what those of earlier tiers alone take off
	price    []int64         // of a unit of a site, where the capacities were priced instead
	dims     int             // dimensions of capacity, besides units; none where Single
	capacity []int64         // by site and dimension
	done     <-chan struct{} // closed where time is up; nil: never
	most     int64           // largest magnitude of a price or cost, so that no sum overflows

	// Dim is the dimension in which the capacity of each site is kept, -1 where none can be short. Unit is what demands and
	// capacity of it are counted in, rounded down.
	Dim  []int
	Unit []int64
	// Dual are the prices of earlier tiers and of the other dimensions.
	Dual *bound.Prices
	// Single says that no dimension but Dim can be short anywhere, and that units say exactly what fits.
	Single bool
}

// New returns the relaxation of a tier, given the values of the tiers before it and prices of package bound. It is false
// where that is too large, or classes do not list all their sites, or sums might not fit 64 bits. O(items x sites x dims).
func New(p *problem.Problem, tier int, value *problem.Value, y *bound.Prices) (*Model, bool) {
	if p.Items == 0 || p.Sites == 0 || p.Items > maxPairs/p.Sites || y == nil {
		return nil, false
	}
	for k := range p.Classes {
		if !p.Classes[k].Complete {
			return nil, false
		}
	}
	n := p.Items
	m := &Model{
		p: p, tier: tier, items: n, most: math.MaxInt64 / 32 / int64(n+1),
		cost: make([]int64, n*p.Sites), weight: make([]int32, n*p.Sites), room: make([]int32, p.Sites), out: make([]int64, n),
		Dim: make([]int, p.Sites), Unit: make([]int64, p.Sites), price: make([]int64, p.Sites), Dual: bound.Zero(p, tier),
	}
	copy(m.Dual.Earlier, y.Earlier)
	copy(m.Dual.Capacity, y.Capacity)
	m.chooseDims(y)
	m.worth = m.cost
	if !m.Single {
		m.dims, m.capacity, m.worth = p.Dims, p.Capacity, make([]int64, len(m.cost))
	}
	if !m.addConstant(value) {
		return nil, false
	}
	for i := range n {
		if !m.addItem(int32(i)) {
			return nil, false
		}
	}
	return m, true
}

// chooseDims chooses the dimension of each site: the one whose price is worth most.
func (m *Model) chooseDims(y *bound.Prices) {
	p := m.p
	total, unit := make([]int64, p.Sites*p.Dims), make([]int64, p.Sites*p.Dims) // sums cannot overflow, see Finish
	for _, k := range p.Class {
		c := &p.Classes[k]
		for _, s := range c.Sites {
			for d, x := range c.Demand {
				total[int(s)*p.Dims+d] += x
				unit[int(s)*p.Dims+d] = gcd(unit[int(s)*p.Dims+d], x)
			}
		}
	}
	m.Single = true
	for s := range p.Sites {
		m.Dim[s], m.Unit[s] = -1, 1
		best, short := -1.0, 0
		for d := range p.Dims {
			k := s*p.Dims + d
			if total[k] <= p.Capacity[k] {
				m.Dual.Capacity[k] = 0
				continue
			}
			short++
			worth := float64(m.Dual.Capacity[k])*float64(p.Capacity[k]) + float64(total[k])/float64(p.Capacity[k]+1)
			if worth > best {
				best, m.Dim[s] = worth, d
			}
		}
		m.Single = m.Single && short <= 1
		if d := m.Dim[s]; d >= 0 {
			k := s*p.Dims + d
			m.Dual.Capacity[k] = 0
			m.Unit[s] = unit[k]
			if p.Capacity[k]/unit[k] > maxTable {
				m.Single = false // units do not say all
				m.Unit[s] = p.Capacity[k]/maxTable + 1
			}
			m.room[s] = int32(p.Capacity[k] / m.Unit[s])
			m.price[s] = m.scaled(y.Capacity[k], m.Unit[s], bound.CapacityBits-Bits)
		}
	}
}

// demand returns what item i takes of each dimension; nil where units say it all.
func (m *Model) demand(i int32) []int64 {
	if m.dims == 0 {
		return nil
	}
	return m.p.Classes[m.p.Class[i]].Demand
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (m *Model) addConstant(value *problem.Value) bool {
	var base, sum, term big.Int
	for t, x := range m.Dual.Earlier {
		base.Sub(&base, term.Mul(big.NewInt(x), big.NewInt(value[t]))) // in 2^-EarlierBits, which is 2^-Bits
	}
	for k, y := range m.Dual.Capacity {
		sum.Sub(&sum, term.Mul(big.NewInt(y), big.NewInt(m.p.Capacity[k])))
	}
	sum.Rsh(&sum, bound.CapacityBits-Bits) // towards minus infinity
	sum.Add(&sum, &base)
	m.base, m.constant = base.Int64(), sum.Int64()
	fits := func(x *big.Int) bool { return x.IsInt64() && magnitude(x.Int64()) < math.MaxInt64/4 }
	return fits(&base) && fits(&sum)
}

func (m *Model) addItem(i int32) bool {
	p := m.p
	c := &p.Classes[p.Class[i]]
	for s := range p.Sites {
		m.weight[s*m.items+int(i)] = -1
	}
	m.out[i] = m.priced(&c.Out)
	width := len(p.Unary)
	for pos, s := range c.Sites {
		var v problem.Value
		if c.Cost != nil {
			for j, t := range p.Unary {
				v[t] = c.Cost[pos*width+j]
			}
		}
		if p.MoveOf != nil && p.MoveOf[i] >= 0 {
			move := p.MoveCost(p.MoveOf[i], s)
			v.Add(&move)
		}
		x := m.priced(&v)
		k := int(s)*m.items + int(i)
		m.worth[k] = x
		for d, demand := range c.Demand {
			if y := m.Dual.Capacity[int(s)*p.Dims+d]; y != 0 {
				x = min(m.most, x+m.scaled(y, demand, bound.CapacityBits-Bits))
			}
		}
		if x < -m.most {
			return false
		}
		m.cost[k], m.weight[k] = x, 0
		if d := m.Dim[s]; d >= 0 {
			w := c.Demand[d] / m.Unit[s]
			if w > int64(m.room[s]) {
				m.weight[k] = -1
			} else {
				m.weight[k] = int32(w)
			}
		}
	}
	return true
}

// priced returns a cost in the tier plus the priced costs in the earlier ones, at most m.most.
func (m *Model) priced(v *problem.Value) int64 {
	x := m.scaled(v[m.tier], 1<<Bits, 0)
	for t, y := range m.Dual.Earlier {
		if y != 0 && v[t] != 0 {
			x = max(-2*m.most, min(m.most, x+m.scaled(y, v[t], bound.EarlierBits-Bits)))
		}
	}
	return x
}

// over says whether time is up.
func (m *Model) over() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
	}
}

// scaled returns x*y/2^shift rounded down, cut off where it leaves twice what is allowed.
func (m *Model) scaled(x, y int64, shift uint) int64 {
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	negative := (x < 0) != (y < 0)
	if hi>>shift != 0 || hi<<(64-shift)|lo>>shift > uint64(m.most) {
		if negative {
			return -2 * m.most
		}
		return m.most
	}
	q := int64(hi<<(64-shift) | lo>>shift)
	if !negative {
		return q
	}
	if lo&(1<<shift-1) != 0 {
		q++
	}
	return -q
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// First returns the item prices at which the bound is about that of capacity prices: what each item costs where it is
// cheapest at these.
func (m *Model) First() []int64 {
	u := append([]int64(nil), m.out...)
	for s := range m.room {
		for i := range u {
			if k := s*m.items + i; m.weight[k] >= 0 {
				u[i] = min(u[i], m.dear(s, i))
			}
		}
	}
	return u
}

// dear returns what an item costs at a site with the price of its room.
func (m *Model) dear(s, i int) int64 {
	k := s*m.items + i
	return min(m.most, m.cost[k]+m.scaled(m.price[s], int64(m.weight[k]), 0))
}
