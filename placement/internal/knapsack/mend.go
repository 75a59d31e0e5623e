package knapsack

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// mender improves an assignment by taking all items off a few sites and putting them back better: by diving, and now and
// then by branch and bound.
type mender struct {
	m     *Model
	u     []int64 // good prices of the whole
	at    []int32 // by item: its site, -1: left out
	value int64   // what that costs
	rng   *rand.Rand
	size  float64 // how many items to take off
	calls int
	work  int64 // done so far
	fresh int64 // work at the last improvement
}

// The sizes and limits of one step of mending. Twenty items are put back in a millisecond; what pays is found out by
// trying larger ones as long as the small nodes suffice.
const (
	firstSize = 40
	mendNodes = 60
	diveLooks = 20
)

// set takes over an assignment.
func (x *mender) set(at []int32) {
	x.at = append(x.at[:0], at...)
	x.value, x.size, x.fresh = x.m.constant, firstSize, x.work
	for i := range at {
		x.value += x.cost(int32(i))
	}
}

func (x *mender) cost(i int32) int64 {
	if x.at[i] < 0 {
		return x.m.out[i]
	}
	return x.m.cost[int(x.at[i])*x.m.items+int(i)]
}

// step tries to improve the items of some sites, together with all that are left out.
func (x *mender) step() {
	on := make([][]int32, len(x.m.room))
	var items []int32
	for i, s := range x.at {
		if s < 0 {
			items = append(items, int32(i))
		} else {
			on[s] = append(on[s], int32(i))
		}
	}
	sites := x.choose(on)
	for _, s := range sites {
		items = append(items, on[s]...)
	}
	x.put(sites, items)
}

// choose picks a site at random, and others between which and it items could go at little cost, somewhat at random.
func (x *mender) choose(on [][]int32) []int32 {
	m := x.m
	s := x.rng.IntN(len(on))
	sites, count := []int32{int32(s)}, len(on[s])
	score := make([]float64, len(on))
	order := make([]int32, 0, len(on))
	for t := range on {
		if t == s {
			continue
		}
		low := math.Inf(1)
		for _, pair := range [2][2]int{{s, t}, {t, s}} {
			for _, i := range on[pair[0]] {
				if k := pair[1]*m.items + int(i); m.weight[k] >= 0 {
					extra := float64(max(0, m.cost[k]-x.u[i]) + unit/2)
					low = math.Min(low, extra*(0.2+x.rng.Float64()))
				}
			}
		}
		score[t] = low
		order = append(order, int32(t))
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(score[a], score[b]), cmp.Compare(a, b)) })
	for _, t := range order {
		if len(sites) >= 2 && float64(count+len(on[t])) > x.size {
			break
		}
		sites = append(sites, t)
		count += len(on[t])
	}
	return sites
}

// put puts items back on sites, in a better way if it finds one.
func (x *mender) put(sites, items []int32) {
	sub, prices := x.m.cut(sites, items, x.u)
	now := int64(0)
	for _, i := range items {
		now += x.cost(i)
	}
	t := newTree(sub, now, mendNodes, math.MaxInt64)
	if x.calls++; x.calls%3 != 0 {
		t.dive(prices, 2*diveLooks, diveLooks, unit)
		x.size *= 1.01
	} else if t.walk(prices, quick, unit) {
		x.size *= 1.03
	} else {
		x.size *= 0.97
	}
	x.size = max(4, min(x.size, float64(x.m.items)))
	x.work += t.v.fill.work + int64(len(sub.cost))
	if t.least >= now {
		return
	}
	x.fresh = x.work
	x.value += t.least - now
	for k, i := range items {
		x.at[i] = -1
		if s := t.at[k]; s >= 0 {
			x.at[i] = sites[s]
		}
	}
}

// cut returns the part of a model with some sites and items alone, and the prices of those items.
func (m *Model) cut(sites, items []int32, u []int64) (*Model, []int64) {
	n := len(items)
	sub := &Model{
		items: n, most: m.most, done: m.done, Single: m.Single, cost: make([]int64, n*len(sites)), weight: make([]int32, n*len(sites)),
		room: make([]int32, len(sites)), out: make([]int64, n),
	}
	sub.worth = sub.cost
	prices := make([]int64, n)
	for k, i := range items {
		sub.out[k], prices[k] = m.out[i], u[i]
	}
	for z, s := range sites {
		sub.room[z] = m.room[s]
		for k, i := range items {
			sub.cost[z*n+k] = m.cost[int(s)*m.items+int(i)]
			sub.weight[z*n+k] = m.weight[int(s)*m.items+int(i)]
		}
	}
	return sub, prices
}
