package bound

import (
	"context"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Settle builds an assignment from prices of a tier, by a Lagrangian heuristic: application by application, those with the
// fewest sites to choose from first, each takes what is cheapest for all of its parts together at the prices, of the sites
// that still have room; what several of its items ask for in vain, and what groups demand, is put right item by item. Then
// each application in turn is taken out and put back in the same way where that is better, at last without prices. Items
// that found no room, and groups that are not as they should be, have others make room; where flows left an item nowhere to go,
// its application is placed anew, from that item on.
//
// It returns positions in classes, -1 for what is left out, that make a valid assignment; nil where there are no parts to
// look at together. value holds the values of the earlier tiers. When ctx ends, what is not placed yet is left out. O(listed
// pairs), three times, and some more. (Beasley, Lagrangian relaxation, in Reeves, Modern heuristic techniques, 1993.)
func Settle(ctx context.Context, p *problem.Problem, tier int, value *problem.Value, y *Prices) []int32 {
	joint := grow(p, tier)
	if joint == nil {
		return nil
	}
	// At the full prices twice: the second time what came first sees what is left. Then at what things cost.
	shares := [...]float64{1, 1, 0}
	t := &settler{climber: newClimber(p, tier, value, math.Inf(1), joint), s: problem.NewState(p)}
	t.start(y)
	t.room = t.s.Use
	t.prices = slices.Clone(t.at.capacity)
	t.units = t.unitsOf(joint)
	for round, share := range shares {
		t.charge(share)
		for k := range t.units {
			if ctx.Err() != nil {
				break
			}
			t.again(&t.units[k], round == 0)
		}
	}
	t.mend(ctx)
	t.heal()
	at := make([]int32, p.Items)
	for i := range at {
		at[i] = t.s.Pos(int32(i))
	}
	return at
}

// settler builds an assignment.
type settler struct {
	*climber
	s      *problem.State
	prices []float64 // of capacity, in full
	units  []unit
	was    []int32 // scratch
	there  []int32 // scratch: the items on a site
	pushed []push  // those who made room since a unit was seated
	banned []int32 // sites that are not ahead
	looks  int     // that ahead may still take
	ahead  bool    // place leaves room for those that an item has flows with
}

// charge sets which share of the prices counts.
func (t *settler) charge(share float64) {
	for k, x := range t.prices {
		t.at.capacity[k] = share * x
	}
	t.prepare()
	t.setLow()
}

// again takes a unit out and puts it back, or puts it in.
func (t *settler) again(u *unit, first bool) {
	before, broken, tolls := t.s.Value, t.s.Broken, t.tolls(u)
	t.takeOut(u)
	t.put(u)
	if !first && !t.better(&before, tolls, broken, t.tolls(u)) {
		t.putBack(u)
	}
}

// takeOut takes a unit out and notes where it was, for putBack.
func (t *settler) takeOut(u *unit) {
	t.was = t.was[:0]
	for _, i := range u.items {
		t.was = append(t.was, t.s.Pos(i))
		t.s.Put(i, -1)
	}
}

func (t *settler) putBack(u *unit) {
	for _, i := range u.items {
		t.s.Put(i, -1)
	}
	for k, i := range u.items {
		t.s.Put(i, t.was[k])
	}
}

// tolls is the prices of what a unit takes.
func (t *settler) tolls(u *unit) (sum float64) {
	for _, i := range u.items {
		sum += t.toll(i)
	}
	return sum
}

// better says whether the state is better than what it was before.
func (t *settler) better(before *problem.Value, tolls float64, broken int64, after float64) bool {
	if t.s.Broken != broken {
		return t.s.Broken < broken
	}
	for k := range t.p.Tiers {
		x, y := float64(t.s.Value[k]), float64(before[k])
		if k == t.tier {
			x, y = x+after, y+tolls
		}
		if x != y {
			return x < y
		}
	}
	return false
}

// toll is the prices of what an item takes.
func (t *settler) toll(i int32) float64 {
	site, sum := t.s.Site[i], 0.0
	if site < 0 {
		return 0
	}
	return sum + t.tollAt(&t.p.Classes[t.p.Class[i]], site)
}

func (t *settler) tollAt(class *problem.Class, site int32) float64 {
	sum, base := 0.0, int(site)*t.p.Dims
	for d, x := range class.Demand {
		sum += t.y[base+d] * float64(x)
	}
	return sum
}

// put places the items of a unit.
func (t *settler) put(u *unit) {
	k := 0
	if u.tree[0] >= 0 {
		t.tree(u.tree)
	}
	for n, end := range u.ends {
		site := t.sites[n]
		for ; k < int(end); k++ {
			i := u.items[k]
			if site < 0 {
				continue
			}
			pos := t.p.Classes[t.p.Class[i]].Index.Find(site)
			if pos >= 0 && t.s.Fits(i, pos) && t.s.Loose(i, pos) <= 0 {
				t.s.Put(i, pos)
			}
		}
	}
	const rounds = 2
	for range rounds {
		for _, i := range u.items {
			t.place(i)
		}
	}
	t.seat(u, false)
}

// place puts an item where it costs least while all others stay.
func (t *settler) place(i int32) {
	s, c := t.s, t.p.Class[i]
	class := &t.p.Classes[c]
	was := s.Pos(i)
	s.Put(i, -1)
	best, loose, least := int32(-1), int64(0), math.Inf(1)
	order, w := class.Order(), len(t.p.Unary)
	ordered := order != nil && t.p.Unary[0] == t.tier && !t.p.Used()
	for k := range class.Sites {
		pos := int32(k)
		if ordered {
			pos = order[k]
			if best >= 0 && loose <= 0 && float64(class.Cost[int(pos)*w]-class.Out[t.tier]) >= least {
				break
			}
		}
		if !s.Fits(i, pos) {
			continue
		}
		l := s.Loose(i, pos)
		if best >= 0 && l > loose {
			continue
		}
		var d problem.Value
		s.Cost(i, pos, &d)
		x := float64(d[t.tier]) + t.tollAt(class, class.Sites[pos])
		if (best < 0 || l < loose || x < least) && !(t.ahead && t.leadsNowhere(i, pos)) {
			best, loose, least = pos, l, x
		}
	}
	if best < 0 {
		best = was
	}
	s.Put(i, best)
}
