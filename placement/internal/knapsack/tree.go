package knapsack

import (
	"math"
)

// Step is one node of a search tree. Nodes stand in the order in which they were entered: after a node that branches come
// the tree in which Item is on Site, then the one in which it is not.
type Step struct {
	Prices     []int64 // by item, in 2^-Bits; nil: as at the node above
	Item, Site int32   // -1: the bound of this node is enough
}

// tree is a branch and bound.
type tree struct {
	v     *node
	goal  int64       // a bound at which a node is closed
	at    []int32     // the best assignment so far: sites
	least int64       // what it costs, in 2^-Bits
	nodes int         // still allowed
	work  int64       // still allowed, in cells
	more  func() bool // asked after every slice of work; nil: always
	asked int64       // work done when it was asked last
	steps []Step
	share []float32
}

// Looks at a node below the root: more cost more than the nodes that they save.
const quick = 30

// walk closes the node, or returns false where it ran out of what it may use.
func (t *tree) walk(u []int64, looks int, ahead float64) bool {
	if t.nodes--; t.nodes < 0 || t.v.fill.work > t.work || !t.allowed() {
		return false
	}
	c := newClimb(t.v, u)
	c.target = t.goal
	c.share = t.share
	c.each = t.notice
	c.run(looks, ahead, 12)
	slot := len(t.steps)
	t.steps = append(t.steps, Step{Prices: c.best, Item: -1, Site: -1})
	if c.bound >= t.goal {
		return true
	}
	mark := len(t.v.trail)
	defer t.v.undo(mark)
	t.fix(c)
	i, s := t.choose()
	if i < 0 {
		return t.leaveOut(slot)
	}
	t.steps[slot].Item, t.steps[slot].Site = i, s
	k := int(s)*t.v.m.items + int(i)
	below := max(ahead/4, unit/8)
	kept, ruled := append([]float32(nil), t.share...), len(t.v.trail)
	t.v.place(i, s)
	t.squeeze(s)
	ok := t.walk(c.best, quick, below)
	t.v.unplace(i, s)
	t.v.undo(ruled)
	if !ok {
		return false
	}
	if c.bound >= t.goal { // a better assignment was found meanwhile
		t.steps = t.steps[:slot+1]
		t.steps[slot].Item, t.steps[slot].Site = -1, -1
		return true
	}
	copy(t.share, kept)
	t.share[k] = 0
	t.v.rule(k)
	return t.walk(c.best, quick, below)
}

// allowed asks now and then whether to go on.
func (t *tree) allowed() bool {
	if t.v.m.over() {
		return false
	}
	if t.more == nil || t.v.fill.work < t.asked+slice {
		return true
	}
	t.asked = t.v.fill.work
	return t.more()
}

// notice keeps the assignment of the last look, where it is one and better.
func (t *tree) notice() {
	v := t.v
	cost := v.m.base
	for i, n := range v.times {
		switch {
		case v.at[i] >= 0:
			cost += v.m.worth[int(v.at[i])*v.m.items+i]
		case n == 1:
		case n == 0:
			cost += v.m.out[i]
		default:
			return
		}
	}
	for _, k := range v.where {
		cost += v.m.worth[k]
	}
	if cost > t.least-unit || !t.holds() {
		return
	}
	t.least = whole(cost) << Bits
	t.goal = t.least - unit + 1
	copy(t.at, v.at)
	for _, k := range v.where {
		t.at[int(k)%v.m.items] = k / int32(v.m.items)
	}
}

// squeeze rules out what no longer fits on a site.
func (t *tree) squeeze(s int32) {
	v := t.v
	base := int(s) * v.m.items
	for i := range v.at {
		if k := base + i; v.at[i] < 0 && !v.off[k] && (v.m.weight[k] > v.room[s] || !v.fits(int32(i), s)) {
			v.rule(k)
		}
	}
}

// holds says whether the fillings of the last look keep the capacities in all dimensions.
func (t *tree) holds() bool {
	v := t.v
	if v.m.dims == 0 {
		return true
	}
	placed, ok := 0, true
	for _, k := range v.where {
		i, s := k%int32(v.m.items), k/int32(v.m.items)
		if ok = v.fits(i, s); !ok {
			break
		}
		v.use(i, s, -1)
		placed++
	}
	for _, k := range v.where[:placed] {
		v.use(k%int32(v.m.items), k/int32(v.m.items), 1)
	}
	return ok
}

// leaveOut closes a node where no item that is left fits anywhere.
func (t *tree) leaveOut(slot int) bool {
	t.v.bound(t.v.m.out)
	t.notice()
	t.steps[slot].Prices = t.v.m.out
	return t.v.bound(t.v.m.out) >= t.goal
}

// fix rules out the pairs that would cost too much by themselves.
func (t *tree) fix(c *climb) {
	v, most := t.v, t.goal-c.bound
	for s := range v.m.room {
		base := s * v.m.items
		for i, u := range c.best {
			if k := base + i; v.at[i] < 0 && !v.off[k] && v.m.cost[k]-u >= most {
				v.rule(k)
			}
		}
	}
}

// choose returns the pair about which the fillings of late disagree most.
func (t *tree) choose() (item, site int32) {
	v := t.v
	item, best := int32(-1), float32(-1)
	for s := range v.m.room {
		base := s * v.m.items
		for i := range v.at {
			k := base + i
			if v.at[i] >= 0 || v.off[k] {
				continue
			}
			x := t.share[k]
			if x > 0.5 {
				x = 1 - x
			}
			if x > best {
				item, site, best = int32(i), int32(s), x
			}
		}
	}
	return item, site
}

// unit is a unit of the tier: better assignments are better by one at least.
const unit = 1 << Bits

// newTree prepares a search for assignments that cost less than least, in 2^-Bits.
func newTree(m *Model, least int64, nodes int, work int64) *tree {
	least = min(least, math.MaxInt64/4) // so that differences fit
	return &tree{
		v: newNode(m), least: least, goal: least - unit + 1, at: make([]int32, m.items), nodes: nodes, work: work,
		share: make([]float32, len(m.weight)),
	}
}
