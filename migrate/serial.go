package migrate

import (
	"cmp"
	"slices"
)

// serial searches an order in which the moves can be made one after another. Such an order exists if and only if a safe
// parallel plan does, so it decides what is possible; time is the scheduler's business.
type serial struct {
	stocks  *stocks
	spreads *spreads
	free    []int64
	pending []int64           // per stock: what moves not yet made will take
	inbound map[int32][]int32 // goals that take a stock
	goals   []*hop            // one per workload that moves; after a stage, what is left of its way
	done    []bool
	order   []*hop // made so far

	ready   heap[candidate]
	waiting map[int32]*heap[candidate] // per stock: by the amount that is lacking
	parked  map[int32][]int32          // per spread group

	first  [][]int32         // per goal: goals to be made before it; nil: none anywhere
	behind map[int32][]int32 // per goal: who was set aside until it is made
}

// candidate is a goal with how well it would be to make it next, least first.
type candidate struct {
	class int   // 0: harms nobody, 1: makes room that is asked for, 2: neither
	score int64 // the share it takes of what is left, or the amount waited for
	goal  int32
}

func lessCandidate(a, b candidate) bool {
	return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.score, b.score), cmp.Compare(a.goal, b.goal)) < 0
}

// candidates are those of the open goals that can be made now, the most promising first.
func (s *serial) candidates(open []int32) []candidate {
	var out []candidate
	for _, g := range open {
		if s.possible(g) {
			out = append(out, s.rank(g))
		}
	}
	slices.SortFunc(out, func(a, b candidate) int {
		if lessCandidate(a, b) {
			return -1
		}
		return 1
	})
	return out
}

func newSerial(st *stocks, sp *spreads, goals []*hop) *serial {
	s := &serial{
		stocks: st, spreads: sp,
		free:    slices.Clone(st.free),
		pending: make([]int64, len(st.free)),
		inbound: make(map[int32][]int32),
		goals:   slices.Clone(goals),
		done:    make([]bool, len(goals)),
		ready:   heap[candidate]{less: lessCandidate},
		waiting: make(map[int32]*heap[candidate]),
		parked:  make(map[int32][]int32),
	}
	for i, h := range goals {
		s.expect(int32(i), h)
	}
	return s
}

// expect books what a goal will take.
func (s *serial) expect(goal int32, h *hop) {
	for _, u := range h.takes {
		s.pending[u.stock] += u.amount
		s.inbound[u.stock] = append(s.inbound[u.stock], goal)
	}
}

// relaxed says whether everything that is still to come fits into a stock at once.
func (s *serial) relaxed(stock int32) bool { return s.pending[stock] <= s.free[stock] }

// harmless says whether a goal can be made now or later without any difference to the others.
func (s *serial) harmless(h *hop) bool {
	for _, u := range h.takes {
		if !s.relaxed(u.stock) {
			return false
		}
	}
	return len(s.spreads.touched(h)) == 0
}

// lacks returns the first stock that a hop does not fit into, and whether there is one.
func (s *serial) lacks(h *hop) (use, bool) {
	for _, u := range h.takes {
		if u.amount > s.free[u.stock] {
			return u, true
		}
	}
	return use{}, false
}

// possible says whether a goal can be made now.
func (s *serial) possible(goal int32) bool {
	_, early := s.early(goal)
	return !early && s.feasible(s.goals[goal])
}

func (s *serial) feasible(h *hop) bool {
	if _, short := s.lacks(h); short {
		return false
	}
	_, blocked := s.spreads.blocks(h)
	return !blocked
}

// rank says how well it would be to make a goal next.
func (s *serial) rank(goal int32) candidate {
	h := s.goals[goal]
	if s.harmless(h) {
		return candidate{0, 0, goal}
	}
	c := candidate{2, 0, goal}
	for _, u := range h.gives {
		if !s.relaxed(u.stock) {
			c.class = 1
		}
	}
	for _, u := range h.takes {
		if left := s.free[u.stock]; left > 0 {
			c.score = max(c.score, int64(float64(u.amount)/float64(left)*1e6))
		} else {
			c.score = max(c.score, 1e6)
		}
	}
	return c
}

// apply makes a goal; revert takes the last one made back.
func (s *serial) apply(goal int32) {
	for _, u := range s.goals[goal].takes {
		s.pending[u.stock] -= u.amount
	}
	s.carryOut(s.goals[goal])
	s.done[goal] = true
}

// carryOut makes a hop.
func (s *serial) carryOut(h *hop) {
	for _, u := range h.takes {
		s.free[u.stock] -= u.amount
	}
	for _, u := range h.gives {
		s.free[u.stock] += u.amount
	}
	s.spreads.apply(h)
	s.order = append(s.order, h)
}

func (s *serial) revert(goal int32) {
	s.takeBack(s.goals[goal])
	for _, u := range s.goals[goal].takes {
		s.pending[u.stock] += u.amount
	}
	s.done[goal] = false
}

// takeBack takes the hop back that was carried out last.
func (s *serial) takeBack(h *hop) {
	for _, u := range h.gives {
		s.free[u.stock] -= u.amount
	}
	for _, u := range h.takes {
		s.free[u.stock] += u.amount
	}
	s.spreads.revert(h)
	s.order = s.order[:len(s.order)-1]
}

// run makes as many of the goals as it can, best first, and returns those made in order. O(n log n) heap steps where
// few goals wait for one stock.
func (s *serial) run(goals []int32, worst int) []int32 {
	s.ready.items = s.ready.items[:0]
	clear(s.waiting)
	clear(s.parked)
	clear(s.behind)
	for _, g := range goals {
		if !s.done[g] {
			s.ready.push(s.rank(g))
		}
	}
	var made []int32
	for s.ready.len() > 0 {
		c := s.ready.pop()
		h := s.goals[c.goal]
		if s.done[c.goal] || c.class > worst {
			continue
		}
		if first, ok := s.early(c.goal); ok {
			s.behind[first] = append(s.behind[first], c.goal)
			continue
		}
		if u, short := s.lacks(h); short {
			s.wait(u, c.goal)
			continue
		}
		if group, blocked := s.spreads.blocks(h); blocked {
			s.parked[group] = append(s.parked[group], c.goal)
			continue
		}
		if now := s.rank(c.goal); now.class > c.class {
			s.ready.push(now)
			continue
		}
		before := s.pressed(h)
		s.apply(c.goal)
		made = append(made, c.goal)
		s.wake(h, before)
		for _, g := range s.behind[c.goal] {
			s.ready.push(s.rank(g))
		}
		delete(s.behind, c.goal)
	}
	return made
}

func (s *serial) wait(u use, goal int32) {
	q := s.waiting[u.stock]
	if q == nil {
		q = &heap[candidate]{less: lessCandidate}
		s.waiting[u.stock] = q
	}
	q.push(candidate{0, u.amount, goal})
}

// pressed returns the stocks that a hop gives and that are not relaxed.
func (s *serial) pressed(h *hop) []int32 {
	var out []int32
	for _, u := range h.gives {
		if !s.relaxed(u.stock) {
			out = append(out, u.stock)
		}
	}
	return out
}

// wake puts back those whom a hop just made has helped.
func (s *serial) wake(h *hop, pressed []int32) {
	for _, u := range h.gives {
		if q := s.waiting[u.stock]; q != nil {
			for q.len() > 0 && q.items[0].score <= s.free[u.stock] {
				s.ready.push(s.rank(q.pop().goal))
			}
		}
	}
	for _, stock := range pressed {
		if s.relaxed(stock) {
			for _, g := range s.inbound[stock] {
				if !s.done[g] {
					s.ready.push(s.rank(g))
				}
			}
		}
	}
	for _, group := range s.spreads.touched(h) {
		for _, g := range s.parked[group] {
			s.ready.push(s.rank(g))
		}
		delete(s.parked, group)
	}
}
