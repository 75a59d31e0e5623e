package knapsack

import "math"

// node is the problem with some decisions made: items placed for good, and pairs that are ruled out. Decisions are undone in
// the opposite order.
type node struct {
	m     *Model
	at    []int32 // by item: its site, -1: not decided
	off   []bool  // by pair
	room  []int32 // by site: what is left in units
	left  []int64 // by site and dimension: what is left
	fixed int64   // cost of what is placed

	trail []int32 // pairs that are ruled out, in order
	fill  filler
	times []int32 // by item: on how many sites the best fillings have it
	where []int32 // pairs of the best fillings
}

func newNode(m *Model) *node {
	v := &node{
		m: m, at: make([]int32, m.items), off: make([]bool, len(m.weight)), room: append([]int32(nil), m.room...),
		left: append([]int64(nil), m.capacity...), times: make([]int32, m.items),
	}
	for i := range v.at {
		v.at[i] = -1
	}
	for k, w := range m.weight {
		v.off[k] = w < 0
	}
	return v
}

// bound evaluates the relaxation at prices, exactly and in 2^-Bits. It leaves the best fillings in times and where.
func (v *node) bound(u []int64) int64 {
	m := v.m
	sum := m.constant + v.fixed
	clear(v.times)
	v.where = v.where[:0]
	v.fill.work += 200 + 100*int64(len(m.room)) + int64(len(m.cost))/2
	for i, x := range u {
		if v.at[i] < 0 {
			sum += min(x, m.out[i])
		}
	}
	for s := range m.room {
		base := s * m.items
		cost, weight, off := m.cost[base:base+m.items], m.weight[base:base+m.items], v.off[base:base+m.items]
		list := v.fill.list[:0]
		for i, x := range u {
			if x > cost[i] && !off[i] && v.at[i] < 0 && weight[i] <= v.room[s] {
				list = append(list, candidate{profit: x - cost[i], weight: weight[i], item: int32(i)})
			}
		}
		v.fill.list = list
		if sum -= v.fill.fill(v.room[s]); sum < -math.MaxInt64/2 {
			return math.MinInt64 / 2 // the next could leave 64 bits
		}
		for k := range list {
			if list[k].in {
				v.times[list[k].item]++
				v.where = append(v.where, int32(base)+list[k].item)
			}
		}
	}
	return sum
}

// place decides that item i is on site s. It must fit.
func (v *node) place(i, s int32) {
	k := int(s)*v.m.items + int(i)
	v.at[i] = s
	v.room[s] -= v.m.weight[k]
	v.fixed += v.m.cost[k]
	v.use(i, s, -1)
}

func (v *node) unplace(i, s int32) {
	k := int(s)*v.m.items + int(i)
	v.at[i] = -1
	v.room[s] += v.m.weight[k]
	v.fixed -= v.m.cost[k]
	v.use(i, s, 1)
}

func (v *node) use(i, s int32, sign int64) {
	for d, x := range v.m.demand(i) {
		v.left[int(s)*v.m.dims+d] += sign * x
	}
}

// fits says whether item i fits beside what is placed on site s, in all dimensions.
func (v *node) fits(i, s int32) bool {
	for d, x := range v.m.demand(i) {
		if x > v.left[int(s)*v.m.dims+d] {
			return false
		}
	}
	return true
}

// rule rules out a pair.
func (v *node) rule(k int) {
	v.off[k] = true
	v.trail = append(v.trail, int32(k))
}

// undo allows again what was ruled out since the trail was so long.
func (v *node) undo(length int) {
	for _, k := range v.trail[length:] {
		v.off[k] = false
	}
	v.trail = v.trail[:length]
}
