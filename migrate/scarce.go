package migrate

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// scarcity is what hops can be in each other's way with: lanes that cannot carry all that uses them at once, stocks that
// do not hold all that is to come besides what is there, and who is placed on them.
type scarcity struct {
	needs        [][]use // per hop, of scarce lanes
	takes, gives [][]use // of scarce stocks
	onLane       [][]int32
	onStock      [][]touch
}

func (s *scheduler) scarcity() *scarcity {
	n := len(s.hops)
	c := &scarcity{
		needs: make([][]use, n), takes: make([][]use, n), gives: make([][]use, n),
		onLane: make([][]int32, len(s.net.lanes)), onStock: make([][]touch, len(s.stocks.free)),
	}
	carried, taken := make([]load, len(s.net.lanes)), make([]load, len(s.stocks.free))
	for i, h := range s.hops {
		for _, u := range s.net.needs[i] {
			carried[u.stock].add(u.amount, 1)
		}
		for _, u := range h.takes {
			taken[u.stock].add(u.amount, 1)
		}
	}
	for i, h := range s.hops {
		for _, u := range s.net.needs[i] {
			if carried[u.stock].over(s.net.capacity[u.stock]) > 1 {
				c.needs[i] = append(c.needs[i], u)
			}
		}
		scarce := func(uses []use) (out []use) {
			for _, u := range uses {
				if free := s.stocks.free[u.stock]; free <= 0 || taken[u.stock].over(free) > 1 {
					out = append(out, u)
				}
			}
			return out
		}
		c.takes[i], c.gives[i] = scarce(h.takes), scarce(h.gives)
	}
	return c
}

func (c *scarcity) clear() {
	for i := range c.onLane {
		c.onLane[i] = c.onLane[i][:0]
	}
	for i := range c.onStock {
		c.onStock[i] = c.onStock[i][:0]
	}
}

func (c *scarcity) add(hop int32) {
	for _, u := range c.needs[hop] {
		c.onLane[u.stock] = append(c.onLane[u.stock], hop)
	}
	for _, u := range c.takes[hop] {
		c.onStock[u.stock] = append(c.onStock[u.stock], touch{hop, -u.amount})
	}
	for _, u := range c.gives[hop] {
		c.onStock[u.stock] = append(c.onStock[u.stock], touch{hop, u.amount})
	}
}

func (c *scarcity) remove(hop int32) {
	for _, u := range c.needs[hop] {
		list := c.onLane[u.stock]
		i := slices.Index(list, hop)
		list[i] = list[len(list)-1]
		c.onLane[u.stock] = list[:len(list)-1]
	}
	for _, uses := range [2][]use{c.takes[hop], c.gives[hop]} {
		for _, u := range uses {
			list := c.onStock[u.stock]
			i := slices.IndexFunc(list, func(t touch) bool { return t.hop == hop })
			list[i] = list[len(list)-1]
			c.onStock[u.stock] = list[:len(list)-1]
		}
	}
}

// ousting returns whom a hop that starts at an instant drives out, and the sum of their weights; not ok where that is more
// than most (negative: no limit) or drives out what cannot go.
func (r *repairer) ousting(hop int32, at topology.Micros, most int64) (oust []int32, cost int64, ok bool) {
	defer func() {
		for _, other := range oust {
			r.ousted[other] = false
		}
	}()
	until := at + r.hops[hop].rest()
	ok = true
	drive := func(other int32) {
		if r.fixed[other] {
			ok = false
		}
		r.ousted[other] = true
		oust = append(oust, other)
		if cost += r.weight[other]; most >= 0 && cost > most {
			ok = false
		}
	}
	for _, other := range r.before[hop] {
		if r.placed[other] && r.end[other] > at && !r.ousted[other] {
			drive(other)
		}
	}
	for _, other := range r.then[hop] {
		if r.placed[other] && r.start[other] < until && !r.ousted[other] {
			drive(other)
		}
	}
	for _, u := range r.scarce.needs[hop] {
		if !ok {
			return oust, cost, false
		}
		r.clearLane(u, at, until, drive)
	}
	if ok {
		r.makeRoom(hop, at, &oust, &ok, drive)
	}
	return oust, cost, ok
}

// clearLane drives out those on a lane beside whom there is not enough left for a time.
func (r *repairer) clearLane(u use, at, until topology.Micros, drive func(int32)) {
	free := r.net.capacity[u.stock] - u.amount
	r.steps += len(r.scarce.onLane[u.stock])
	var beside []touch // with what each uses
	sum := int64(0)
	for _, other := range r.scarce.onLane[u.stock] {
		if r.start[other] >= until || r.end[other] <= at || r.ousted[other] {
			continue
		}
		amount := int64(0)
		for _, v := range r.scarce.needs[other] {
			if v.stock == u.stock {
				amount += v.amount
			}
		}
		if amount > free {
			drive(other)
			continue
		}
		beside = append(beside, touch{other, amount})
		sum += amount
	}
	for sum > free {
		// The fullest instant is the start of one of them.
		var worst []touch
		fullest := int64(0)
		for _, x := range beside {
			now := max(at, r.start[x.hop])
			var there []touch
			used := int64(0)
			for _, y := range beside {
				if r.start[y.hop] <= now && r.end[y.hop] > now {
					there = append(there, y)
					used += y.amount
				}
			}
			if used > fullest {
				fullest, worst = used, there
			}
		}
		r.steps += len(beside) * len(beside)
		if fullest <= free {
			return
		}
		least := slices.MinFunc(worst, func(a, b touch) int {
			return cmp.Or(cmp.Compare(r.weight[a.hop], r.weight[b.hop]), cmp.Compare(b.amount, a.amount), cmp.Compare(a.hop, b.hop))
		})
		drive(least.hop)
		sum -= least.amount
		beside = slices.DeleteFunc(beside, func(t touch) bool { return t.hop == least.hop })
	}
}

// makeRoom drives out those who take room that is not there, once a hop starts at an instant and others are driven out.
func (r *repairer) makeRoom(hop int32, at topology.Micros, oust *[]int32, ok *bool, drive func(int32)) {
	settle := func(uses []use) {
		for _, u := range uses {
			for *ok {
				other, short := r.overdrawn(u.stock, hop, at)
				if !short {
					break
				}
				if other < 0 {
					*ok = false
					return
				}
				drive(other)
			}
		}
	}
	settle(r.scarce.takes[hop])
	settle(r.scarce.gives[hop])
	for i := 0; i < len(*oust) && *ok; i++ {
		settle(r.scarce.gives[(*oust)[i]])
	}
}

// overdrawn says whether a stock is overdrawn once a hop (none if negative) starts at an instant, and who should go for
// that: the one of least weight among those that have taken some by then, -1 where there is nobody.
func (r *repairer) overdrawn(stock, hop int32, at topology.Micros) (int32, bool) {
	type change struct {
		at     topology.Micros
		amount int64
		hop    int32
	}
	var changes []change
	when := func(t touch, start, end topology.Micros) change {
		if t.amount > 0 {
			return change{end, t.amount, t.hop}
		}
		return change{start, t.amount, t.hop}
	}
	for _, t := range r.scarce.onStock[stock] {
		if !r.ousted[t.hop] {
			changes = append(changes, when(t, r.start[t.hop], r.end[t.hop]))
		}
	}
	if hop >= 0 {
		for _, u := range r.scarce.takes[hop] {
			if u.stock == stock {
				changes = append(changes, change{at, -u.amount, hop})
			}
		}
		for _, u := range r.scarce.gives[hop] {
			if u.stock == stock {
				changes = append(changes, change{at + r.hops[hop].rest(), u.amount, hop})
			}
		}
	}
	r.steps += 2 * len(changes)
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.amount, a.amount)) })
	free, taker := r.stocks.free[stock], int32(-1)
	took := false
	for _, c := range changes {
		free += c.amount
		if c.amount > 0 {
			continue
		}
		if c.hop != hop && !r.fixed[c.hop] && (taker < 0 || r.weight[c.hop] <= r.weight[taker]) {
			taker = c.hop
		}
		// What runs at the start may hold more than there is.
		if took = took || c.hop == hop || !r.fixed[c.hop]; took && free < 0 {
			return taker, true
		}
	}
	return -1, false
}
