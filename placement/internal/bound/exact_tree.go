package bound

import (
	"context"
	"math/big"
	"math/bits"
)

// exactBranch is branch in integers.
type exactBranch struct {
	spots  []exactSpot
	out    wide
	own    []wide // by site
	on     []bool // whether own is set
	near   []wide
	known  []bool // whether near is set
	any    wide
	placed bool // whether any is set
	marked []int32
}

type exactSpot struct {
	site int32
	cost wide
}

// items says which items stand in trees.
func (f *forest) items() []bool {
	if f == nil {
		return nil
	}
	return f.taken
}

// trees adds up the least of all trees; nil where ctx ended before.
func (e *exact) trees(ctx context.Context, f *forest) *big.Int {
	sum := new(big.Int)
	parts := int32(0)
	for _, n := range e.p.Near {
		parts = max(parts, n+1)
	}
	asked := 0
	for _, span := range f.trees {
		nodes := f.nodes[span[0]:span[1]]
		for len(e.branches) < len(nodes) {
			e.branches = append(e.branches, exactBranch{
				near: make([]wide, parts), known: make([]bool, parts), own: make([]wide, e.p.Sites), on: make([]bool, e.p.Sites),
			})
		}
		for k := range nodes {
			if asked++; asked%patience == 0 && ctx.Err() != nil {
				return nil
			}
			e.branches[k].clear()
			e.gather(f, nodes, int32(k), span[0])
		}
		for k := len(nodes) - 1; k > 0; k-- {
			b := &e.branches[k]
			b.summarise(e, &nodes[k])
			b.addTo(e, &e.branches[nodes[k].parent-span[0]], &nodes[k])
		}
		least := e.branches[0].alone()
		// Items of a part that differ count as the cheapest of them, which can be less than each for itself.
		if differ(nodes) {
			if each := e.apart(nodes); least.less(each) {
				least = each
			}
		}
		sum.Add(sum, least.big())
	}
	return sum
}

func differ(nodes []node) bool {
	for k := range nodes {
		if len(nodes[k].kinds) > 1 {
			return true
		}
	}
	return false
}

// apart is the least of the items of a tree, each for itself.
func (e *exact) apart(nodes []node) (sum wide) {
	for k := range nodes {
		for j := range nodes[k].kinds {
			b := &nodes[k].kinds[j]
			sum = sum.plus(e.least(b).times(b.count))
		}
	}
	return sum
}

func (b *exactBranch) clear() {
	for _, k := range b.marked {
		b.known[k] = false
	}
	for k := range b.spots {
		b.on[b.spots[k].site] = false
	}
	b.marked, b.spots, b.placed = b.marked[:0], b.spots[:0], false
}

// gather lists the spots of a node that can be the best.
func (e *exact) gather(f *forest, nodes []node, k, first int32) {
	n, b := &nodes[k], &e.branches[k]
	spare := e.traffic(n.up, f.highest).plus(e.traffic(n.down, f.highest))
	for j := k + 1; j < int32(len(nodes)); j++ {
		if nodes[j].parent-first == k {
			spare = spare.plus(e.traffic(nodes[j].up, f.highest)).plus(e.traffic(nodes[j].down, f.highest))
		}
	}
	for kind := range n.kinds {
		out := e.priced(&e.p.Classes[n.kinds[kind].class].Out).times(n.count)
		if kind == 0 || out.less(b.out) {
			b.out = out
		}
	}
	limit := b.out
	for kind := range n.kinds {
		limit = e.list(n, &n.kinds[kind], b, limit, spare)
	}
	kept := b.spots[:0]
	for _, s := range b.spots {
		if !limit.less(s.cost) {
			kept = append(kept, s)
		}
	}
	b.spots = kept
}

// list adds the spots of one kind of items that cost no more than the limit, and returns the new limit.
func (e *exact) list(n *node, u *bunch, b *exactBranch, limit, spare wide) wide {
	c := &e.p.Classes[u.class]
	bottom := e.bottom(c)
	look := func(sites []int32, cost []int64, order []int32) {
		floor, w := *c.Least(), len(e.p.Unary)
		for k := range sites {
			if order != nil {
				k = int(order[k])
				if floor[e.p.Unary[0]] = cost[k*w]; limit.less(e.priced(&floor).plus(bottom).times(n.count)) {
					return
				}
			}
			x := e.at(u, c, sites[k], cost, k).times(n.count)
			if limit.less(x) {
				continue
			}
			b.spots = append(b.spots, exactSpot{sites[k], x})
			if x = x.plus(spare); x.less(limit) {
				limit = x
			}
		}
	}
	listed := len(b.spots)
	look(c.Sites, c.Cost, c.Order())
	if !c.Complete && !limit.less(e.priced(&c.Rest).plus(bottom).times(n.count)) {
		b.spots = b.spots[:listed]
		e.fill(u.class)
		look(e.sites, e.cost, nil)
	}
	return limit
}

// traffic returns what flows cost that leave a site with a price of sending.
func (e *exact) traffic(list []stream, sending int64) (sum wide) {
	if sending == 0 {
		return sum
	}
	for _, s := range list {
		for _, term := range e.p.Traffic {
			if term.Tier > e.tier {
				continue
			}
			x := product(trafficPrice(s.rate, term.Factor, sending), 1<<CapacityBits)
			if term.Tier < e.tier {
				x = product(trafficPrice(s.rate, term.Factor, sending), e.y.Earlier[term.Tier]).shifted(CapacityBits - EarlierBits)
			}
			sum = sum.plus(x.times(s.count))
		}
	}
	return sum
}

// trafficPrice returns ceil(rate * factor * egress / 10^9), of which Problem.Finish has made sure that it fits.
func trafficPrice(rate, factor, egress int64) int64 {
	const perGB = 1_000_000_000
	hi, lo := bits.Mul64(uint64(rate)*uint64(factor), uint64(egress))
	lo, carry := bits.Add64(lo, perGB-1, 0)
	q, _ := bits.Div64((hi+carry)%perGB, lo, perGB)
	return int64(q)
}

func (b *exactBranch) summarise(e *exact, n *node) {
	for _, s := range b.spots {
		near := e.p.Near[s.site]
		if !b.on[s.site] || s.cost.less(b.own[s.site]) {
			b.on[s.site], b.own[s.site] = true, s.cost
		}
		x := s.cost.plus(e.traffic(n.up, e.p.Leaving[s.site]))
		if !b.known[near] {
			b.marked, b.known[near], b.near[near] = append(b.marked, near), true, x
		} else if x.less(b.near[near]) {
			b.near[near] = x
		}
		if x := s.cost.plus(e.traffic(n.up, e.p.Sending[s.site])); !b.placed || x.less(b.any) {
			b.any, b.placed = x, true
		}
	}
}

func (b *exactBranch) addTo(e *exact, parent *exactBranch, n *node) {
	parent.out = parent.out.plus(b.alone())
	for k := range parent.spots {
		s := &parent.spots[k]
		least := b.out
		if b.placed {
			if x := b.any.plus(e.traffic(n.down, e.p.Sending[s.site])); x.less(least) {
				least = x
			}
			if near := e.p.Near[s.site]; b.known[near] {
				if x := b.near[near].plus(e.traffic(n.down, e.p.Leaving[s.site])); x.less(least) {
					least = x
				}
			}
			if b.on[s.site] && b.own[s.site].less(least) {
				least = b.own[s.site]
			}
		}
		s.cost = s.cost.plus(least)
	}
}

// alone is the least of a branch where nothing above it counts.
func (b *exactBranch) alone() wide {
	x := b.out
	for k := range b.spots {
		if b.spots[k].cost.less(x) {
			x = b.spots[k].cost
		}
	}
	return x
}
