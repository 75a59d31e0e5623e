package knapsack

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// mender improves an assignment by putting all items of a few sites back in the best way, by branch and bound.
type mender struct {
	m                   *Model
	u                   []int64 // good prices of the whole
	at                  []int32
	value               int64
	rng                 *rand.Rand
	size                float64 // items to free
	work                int64
	calls, wins, proofs int
	mode, looks         int
}

// cut returns the model of some sites and items, with the prices of those items.
func (m *Model) cut(sites, items []int32, u []int64) (*Model, []int64) {
	n := len(items)
	sub := &Model{items: n, most: m.most, Single: m.Single,
		cost: make([]int64, n*len(sites)), weight: make([]int32, n*len(sites)), room: make([]int32, len(sites)), out: make([]int64, n)}
	prices := make([]int64, n)
	for k, i := range items {
		sub.out[k] = m.out[i]
		prices[k] = u[i]
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

func (x *mender) cost(i int32) int64 {
	if x.at[i] < 0 {
		return x.m.out[i]
	}
	return x.m.cost[int(x.at[i])*x.m.items+int(i)]
}

func (x *mender) run(ctx context.Context, work int64) {
	on := make([][]int32, len(x.m.room))
	end := x.work + work
	for x.work < end && ctx.Err() == nil {
		var items []int32
		for s := range on {
			on[s] = on[s][:0]
		}
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
		x.put(ctx, sites, items)
	}
}

// choose picks sites: one at random, and those to which its items could go at least cost, somewhat at random.
func (x *mender) choose(on [][]int32) []int32 {
	m := x.m
	s := x.rng.IntN(len(on))
	sites := []int32{int32(s)}
	count := len(on[s])
	score := make([]float64, len(on))
	order := make([]int32, 0, len(on))
	for t := range on {
		if t == s {
			continue
		}
		low := math.Inf(1)
		for _, pair := range [2][2]int{{s, t}, {t, s}} {
			for _, i := range on[pair[0]] {
				k := pair[1]*m.items + int(i)
				if m.weight[k] >= 0 {
					low = math.Min(low, float64(m.cost[k]-x.u[i])*(0.2+x.rng.Float64())+0.1*float64(1<<Bits)*x.rng.Float64())
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

func (x *mender) put(ctx context.Context, sites, items []int32) {
	sub, prices := x.m.cut(sites, items, x.u)
	now := int64(0)
	for _, i := range items {
		now += x.cost(i)
	}
	t := newTree(sub, now, 60, 1<<60)
	var ok bool
	if x.calls%2 == x.mode || x.mode == 2 {
		t.dive(ctx, prices, x.looks, 40, 1<<Bits)
		ok = t.least < now || x.rng.IntN(3) > 0
	} else {
		ok = t.walk(ctx, prices, 30, 1<<Bits)
	}
	x.work += t.v.fill.work + int64(len(t.steps))*int64(len(sub.cost))
	x.calls++
	if ok {
		x.proofs++
		x.size = min(x.size*1.02, float64(x.m.items))
	} else {
		x.size = max(x.size*0.98, 4)
	}
	if t.least >= now {
		return
	}
	x.wins++
	x.value += t.least - now
	for k, i := range items {
		x.at[i] = -1
		if s := t.at[k]; s >= 0 {
			x.at[i] = sites[s]
		}
	}
}

// start places items by regret at the prices of capacity.
func (m *Model) start() []int32 {
	at := make([]int32, m.items)
	order := make([]int32, m.items)
	room := append([]int32(nil), m.room...)
	gap := make([]int64, m.items)
	for i := range order {
		order[i] = int32(i)
		at[i] = -1
		a, b := int64(math.MaxInt64/4), int64(math.MaxInt64/4)
		for s := range room {
			k := s*m.items + i
			if m.weight[k] >= 0 {
				if c := m.dear(s, i); c < a {
					a, b = c, a
				} else if c < b {
					b = c
				}
			}
		}
		gap[i] = b - a
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(gap[b], gap[a]), cmp.Compare(a, b)) })
	for _, i := range order {
		low := int64(math.MaxInt64)
		for s := range room {
			k := s*m.items + int(i)
			if w := m.weight[k]; w >= 0 && w <= room[s] && m.dear(s, int(i)) < low {
				low = m.dear(s, int(i))
				at[i] = int32(s)
			}
		}
		if at[i] >= 0 {
			room[at[i]] -= m.weight[int(at[i])*m.items+int(i)]
		}
	}
	return at
}
