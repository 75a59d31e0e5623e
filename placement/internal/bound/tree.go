package bound

import (
	"cmp"
	"math"
	"slices"
)

// branch is what is known of a node of a tree at given prices.
type branch struct {
	spots []spot
	out   float64 // the least of the node and what hangs on it, where it is left out
	// The least where it is placed: on a site, on sites near to each other, by that number, and anywhere, the latter two with
	// what the flows up to the parent cost from there; and the spots.
	own    []float64
	ownAt  []int32
	near   []float64
	nearAt []int32
	any    float64
	anyAt  int32
	marked []int32 // the entries of near that are in use
}

// spot is a position for a kind of items of a node.
type spot struct {
	site, kind, pos int32
	cost            float64
}

// tree adds the cheapest choice for a tree: the least of each node where its parent is near, and where it is not, from
// the leaves up, then the sites from the root down. What flows cost between two sites that are not near to each other is
// at least the price of sending from the first, whatever the second, so that a node needs O(sites), not pairs of them.
func (o *oracle) tree(span [2]int32) float64 {
	nodes := o.forest.nodes[span[0]:span[1]]
	for len(o.scratch) < len(nodes) {
		o.scratch = append(o.scratch, o.newBranch())
	}
	rate := o.perBit()
	for k := len(nodes) - 1; k >= 0; k-- {
		o.scratch[k].clear()
		o.gather(&nodes[k], &o.scratch[k], rate)
	}
	// Children come after their parents, so that going backwards adds each to its parent when it is complete.
	for k := len(nodes) - 1; k > 0; k-- {
		o.scratch[k].summarise(o, &nodes[k], rate)
		parent := &o.scratch[nodes[k].parent-span[0]]
		o.scratch[k].addTo(o, parent, &nodes[k], rate)
	}
	return o.choose(nodes, span[0], rate)
}

// perBit is what a bit/s costs at an egress of one.
func (o *oracle) perBit() float64 {
	x := 0.0
	for _, term := range o.p.Traffic {
		if term.Tier == o.tier {
			x += float64(term.Factor)
		} else if term.Tier < o.tier {
			x += o.m[term.Tier] * float64(term.Factor)
		}
	}
	return x / 1e9
}

func (o *oracle) newBranch() branch {
	parts := int32(0)
	for _, n := range o.p.Near {
		parts = max(parts, n+1)
	}
	b := branch{near: make([]float64, parts), nearAt: make([]int32, parts), own: make([]float64, o.p.Sites), ownAt: make([]int32, o.p.Sites)}
	for k := range b.near {
		b.near[k] = math.Inf(1)
	}
	for k := range b.own {
		b.own[k] = math.Inf(1)
	}
	return b
}

func (b *branch) clear() {
	for _, k := range b.marked {
		b.near[k] = math.Inf(1)
	}
	for k := range b.spots {
		b.own[b.spots[k].site] = math.Inf(1)
	}
	b.marked, b.spots, b.any, b.anyAt = b.marked[:0], b.spots[:0], math.Inf(1), -1
}

// gather lists the spots of a node that can be the best: those that cost no more than the cheapest and all that its flows
// could cost from there.
func (o *oracle) gather(n *node, b *branch, rate float64) {
	count := float64(n.count)
	spare := rate * n.bits * float64(o.forest.highest) / count
	out, least := math.Inf(1), math.Inf(1)
	for kind := range n.kinds {
		u := &n.kinds[kind]
		class := &o.p.Classes[u.class]
		out = min(out, o.priced(&class.Out))
		bottom := o.bottom(class)
		lead, floor := o.floor(class)
		if o.brief && u.short != nil {
			for _, pos := range u.short {
				o.work--
				limit := min(least+spare, out)
				if x := o.at(u, class, int(pos), limit); x <= limit {
					least = min(least, x)
					b.spots = append(b.spots, spot{class.Sites[pos], int32(kind), pos, x})
				}
			}
			continue
		}
		order := class.Order()
		for k := range class.Sites {
			o.work--
			pos, limit := k, min(least+spare, out)
			if order != nil {
				pos = int(order[k])
				if lead*float64(class.Cost[pos*len(o.p.Unary)])+floor+bottom > limit {
					break
				}
			}
			if o.room != nil && o.full(class, class.Sites[pos]) {
				continue
			}
			if x := o.at(u, class, pos, limit); x <= limit {
				least = min(least, x)
				b.spots = append(b.spots, spot{class.Sites[pos], int32(kind), int32(pos), x})
			}
		}
	}
	b.out = count * out
	kept, limit := b.spots[:0], min(least+spare, out)
	for _, s := range b.spots {
		if s.cost <= limit {
			s.cost *= count
			kept = append(kept, s)
		}
	}
	b.spots = kept
	if o.shortens && !o.brief {
		o.shorten(n, b)
	}
}

// shorten notes the spots that are likely to be the best for the next steps of a climb: the cheapest, and the cheapest near
// to each other.
func (o *oracle) shorten(n *node, b *branch) {
	for kind := range n.kinds {
		n.kinds[kind].short = n.kinds[kind].short[:0]
	}
	o.sorted = append(o.sorted[:0], b.spots...)
	slices.SortFunc(o.sorted, func(x, y spot) int { return cmp.Or(cmp.Compare(x.cost, y.cost), cmp.Compare(x.pos, y.pos)) })
	if o.nearSeen == nil {
		o.nearSeen = make([]int, len(b.near))
	}
	o.round++
	for k, s := range o.sorted {
		near := o.p.Near[s.site]
		if k < mostShort || o.nearSeen[near] != o.round {
			n.kinds[s.kind].short = append(n.kinds[s.kind].short, s.pos)
		}
		o.nearSeen[near] = o.round
	}
}

// mostShort is how many spots of a node are looked at between two steps that look at all of them, refresh how many steps
// apart those are.
const (
	mostShort = 64
	refresh   = 32
)

// summarise finds the least for every place of the parent.
func (b *branch) summarise(o *oracle, n *node, rate float64) {
	up := rate * total(n.up)
	for k := range b.spots {
		s := &b.spots[k]
		near := o.p.Near[s.site]
		if math.IsInf(b.near[near], 1) {
			b.marked = append(b.marked, near)
		}
		if x := s.cost + up*float64(o.p.Leaving[s.site]); x < b.near[near] {
			b.near[near], b.nearAt[near] = x, int32(k)
		}
		if s.cost < b.own[s.site] {
			b.own[s.site], b.ownAt[s.site] = s.cost, int32(k)
		}
		if x := s.cost + up*float64(o.p.Sending[s.site]); x < b.any {
			b.any, b.anyAt = x, int32(k)
		}
	}
}

func total(list []stream) float64 {
	sum := 0.0
	for _, s := range list {
		sum += float64(s.rate) * float64(s.count)
	}
	return sum
}

// addTo adds a branch to each spot of its parent.
func (b *branch) addTo(o *oracle, parent *branch, n *node, rate float64) {
	down := rate * total(n.down)
	parent.out += b.alone()
	for k := range parent.spots {
		s := &parent.spots[k]
		s.cost += min(b.own[s.site], b.near[o.p.Near[s.site]]+down*float64(o.p.Leaving[s.site]), b.any+down*float64(o.p.Sending[s.site]), b.out)
	}
}

// alone is the least where the parent is left out: no flow to or from it then.
func (b *branch) alone() float64 {
	x, _ := b.cheapest()
	return x
}

// cheapest returns the least of a branch where nothing above it counts, and the spot; -1: out.
func (b *branch) cheapest() (float64, int32) {
	least, at := b.out, int32(-1)
	for k := range b.spots {
		if b.spots[k].cost < least {
			least, at = b.spots[k].cost, int32(k)
		}
	}
	return least, at
}

// choose follows the least from the root down, and counts what it uses.
func (o *oracle) choose(nodes []node, first int32, rate float64) float64 {
	at := make([]int32, len(nodes)) // spots; -1: out
	sum := 0.0
	for k := range nodes {
		n, b := &nodes[k], &o.scratch[k]
		switch {
		case k == 0:
			sum, at[k] = b.cheapest()
		case at[n.parent-first] < 0:
			_, at[k] = b.cheapest()
		default:
			above := o.scratch[n.parent-first].spots[at[n.parent-first]].site
			at[k] = o.below(n, b, above, rate)
		}
		o.settle(n, b, at[k])
		if o.room != nil {
			site := int32(-1)
			if at[k] >= 0 {
				site = b.spots[at[k]].site
			}
			o.sites = append(o.sites[:k], site)
		}
	}
	return sum
}

// below returns the best spot for a node whose parent is on a site, and counts what the flows between them cost.
func (o *oracle) below(n *node, b *branch, above int32, rate float64) int32 {
	p := o.p
	up, down := total(n.up), total(n.down)
	least, at, price := b.out, int32(-1), []int64(nil)
	if x := b.own[above]; x < least {
		least, at = x, b.ownAt[above]
	}
	if x := b.near[p.Near[above]] + rate*down*float64(p.Leaving[above]); x < least {
		least, at, price = x, b.nearAt[p.Near[above]], p.Leaving
	}
	if b.any+rate*down*float64(p.Sending[above]) < least {
		at, price = b.anyAt, p.Sending
	}
	if price != nil {
		o.addTraffic(down*float64(price[above]) + up*float64(price[b.spots[at].site]))
	}
	return at
}

// settle counts the items of a node at a spot.
func (o *oracle) settle(n *node, b *branch, at int32) {
	if at >= 0 {
		s := &b.spots[at]
		o.take(&n.kinds[s.kind], int(s.pos), float64(n.count))
		return
	}
	least := &n.kinds[0]
	for k := range n.kinds {
		if o.priced(&o.p.Classes[n.kinds[k].class].Out) < o.priced(&o.p.Classes[least.class].Out) {
			least = &n.kinds[k]
		}
	}
	o.take(least, -1, float64(n.count))
}

// addTraffic adds what flows cost in the earlier tiers.
func (o *oracle) addTraffic(bits float64) {
	for _, term := range o.p.Traffic {
		if term.Tier < o.tier {
			o.gain[term.Tier] += bits * float64(term.Factor) / 1e9
		}
	}
}
