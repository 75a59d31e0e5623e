package migrate

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// exact looks through all timetables of few hops for one that ends by a limit. In one of the shortest, each hop starts at
// time 0 or where another one ends: starting it earlier, if it still fits there, never harms. So it goes from end to end
// and at each chooses who starts, in every way.
type exact struct {
	*scheduler
	limit   topology.Micros
	steps   int
	free    []int64 // stocks, then lanes
	started uint32
	start   []topology.Micros
	running []int32 // by end
	failed  map[string]topology.Micros
}

const (
	// mostExact is the most hops that are timed so, and exactSteps how many states that may take: some
	// hundredths of a second here, and more in the judge, who finds its own way.
	mostExact  = 12
	exactSteps = 1 << 14
)

// plain says whether hops have to do with each other only by room, lanes and one's own hops, at any time.
func (s *scheduler) plain() bool {
	if s.open != nil || s.late != nil || len(s.hops) == 0 || len(s.hops) > mostExact {
		return false
	}
	for i, h := range s.hops {
		if h.left > 0 || s.stocks.world.ready[h.to] > 0 || slices.ContainsFunc(s.before[i], func(b int32) bool { return s.hops[b].work != h.work }) {
			return false
		}
		for _, u := range s.net.needs[i] {
			if int(s.net.lanes[u.stock].kind) >= len(laneKinds) {
				return false
			}
		}
		for _, u := range slices.Concat(h.takes, h.gives) {
			if !s.stocks.isRoom(u.stock) {
				return false
			}
		}
	}
	return true
}

// settle shortens a timing of few hops until none is shorter, and says whether it is proven that none is.
func (s *scheduler) settle(best *timing, bound topology.Micros) (*timing, bool) {
	if best.makespan <= bound || !s.plain() || s.stocks.world.opts.Passes < 0 {
		return best, false
	}
	for steps := exactSteps; steps > 0 && best.makespan > bound; {
		x := &exact{
			scheduler: s, limit: best.makespan - 1, steps: steps, free: slices.Concat(s.stocks.free, s.net.capacity),
			start: make([]topology.Micros, len(s.hops)), failed: make(map[string]topology.Micros),
		}
		if !x.visit(0, 0) {
			return best, x.steps > 0
		}
		steps = x.steps
		best = x.found()
	}
	return best, false
}

// visit starts hops from the given one on at an instant, and goes on to the next.
func (x *exact) visit(now topology.Micros, from int32) bool {
	x.steps--
	if bits := uint32(1)<<len(x.hops) - 1; x.started == bits {
		return true
	}
	if x.steps <= 0 || x.crowded(now) {
		return false
	}
	for hop := from; hop < int32(len(x.hops)); hop++ {
		if !x.startable(hop, now) {
			continue
		}
		x.book(hop, now)
		if x.visit(now, hop+1) {
			return true
		}
		x.unbook(hop)
	}
	return x.advance(now)
}

// advance goes to the next instant at which something ends.
func (x *exact) advance(now topology.Micros) bool {
	if len(x.running) == 0 {
		return false
	}
	key := x.key(now)
	if at, ok := x.failed[key]; ok && at <= now {
		return false
	}
	before := slices.Clone(x.running)
	next := x.end(x.running[0])
	for len(x.running) > 0 && x.end(x.running[0]) == next {
		x.release(x.running[0], 1)
		x.running = x.running[1:]
	}
	left := len(before) - len(x.running)
	if x.visit(next, 0) {
		return true
	}
	for _, hop := range before[:left] {
		x.release(hop, -1)
	}
	x.running = before
	x.failed[key] = now
	return false
}

func (x *exact) end(hop int32) topology.Micros { return x.start[hop] + x.hops[hop].rest() }

// startable says whether a hop can start at an instant and end in time.
func (x *exact) startable(hop int32, now topology.Micros) bool {
	h, stocks := x.hops[hop], int32(len(x.stocks.free))
	if x.started&(1<<hop) != 0 || now+h.rest() > x.limit {
		return false
	}
	for _, b := range x.before[hop] {
		if x.started&(1<<b) == 0 || x.end(b) > now {
			return false
		}
	}
	for _, u := range h.takes {
		if x.free[u.stock] < u.amount {
			return false
		}
	}
	return !slices.ContainsFunc(x.net.needs[hop], func(u use) bool { return x.free[stocks+u.stock] < u.amount })
}

// crowded says whether what has not started cannot be carried in time by some lane.
func (x *exact) crowded(now topology.Micros) bool {
	for lane := range x.net.lanes {
		var all load
		alone, capacity := topology.Micros(0), x.net.capacity[lane]
		for i, h := range x.hops {
			time := h.rest()
			if x.started&(1<<i) != 0 {
				time = x.end(int32(i)) - now
			}
			if time <= 0 {
				continue
			}
			for _, u := range x.net.needs[i] {
				if int(u.stock) != lane {
					continue
				}
				all.add(u.amount, time)
				if u.amount > capacity/2 {
					alone += time
				}
			}
		}
		if max(alone, all.over(capacity)) > x.limit-now {
			return true
		}
	}
	return false
}

func (x *exact) book(hop int32, now topology.Micros) {
	x.started |= 1 << hop
	x.start[hop] = now
	for _, u := range x.hops[hop].takes {
		x.free[u.stock] -= u.amount
	}
	for _, u := range x.net.needs[hop] {
		x.free[len(x.stocks.free)+int(u.stock)] -= u.amount
	}
	i := 0
	for i < len(x.running) && x.end(x.running[i]) <= x.end(hop) {
		i++
	}
	x.running = slices.Insert(slices.Clone(x.running), i, hop)
}

func (x *exact) unbook(hop int32) {
	x.started &^= 1 << hop
	for _, u := range x.hops[hop].takes {
		x.free[u.stock] += u.amount
	}
	for _, u := range x.net.needs[hop] {
		x.free[len(x.stocks.free)+int(u.stock)] += u.amount
	}
	i := slices.Index(x.running, hop)
	x.running = slices.Concat(x.running[:i], x.running[i+1:])
}

// release gives back what a hop held while it ran, or takes it again.
func (x *exact) release(hop int32, sign int64) {
	for _, u := range x.hops[hop].gives {
		x.free[u.stock] += sign * u.amount
	}
	for _, u := range x.net.needs[hop] {
		x.free[len(x.stocks.free)+int(u.stock)] += sign * u.amount
	}
}

// key says who has started and how much longer those run who do.
func (x *exact) key(now topology.Micros) string {
	key := binary.LittleEndian.AppendUint32(nil, x.started)
	for _, hop := range x.running {
		key = binary.LittleEndian.AppendUint64(append(key, byte(hop)), uint64(x.end(hop)-now))
	}
	return string(key)
}

func (x *exact) found() *timing {
	t := &timing{start: slices.Clone(x.start), end: make([]topology.Micros, len(x.hops)), order: make([]int32, len(x.hops))}
	for i := range t.order {
		t.order[i], t.end[i] = int32(i), x.end(int32(i))
		t.makespan = max(t.makespan, t.end[i])
	}
	slices.SortStableFunc(t.order, func(a, b int32) int { return int(min(max(t.start[a]-t.start[b], -1), 1)) })
	return t
}

// searched says in words that all timetables were looked through.
func (s *scheduler) searched() string {
	return fmt.Sprintf("none of the timetables of these %d moves is shorter", len(s.hops))
}
