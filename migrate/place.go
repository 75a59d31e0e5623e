package migrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// place gives times to hops one after another in a safe serial order, each as early as those before it allow, if need be
// before them. None is ever put off by one that comes later in the order, which a pass in order of time cannot promise;
// some order gives a timetable than which none is shorter (Kolisch, "Serial and parallel resource-constrained project
// scheduling methods revisited", EJOR 1996). O(n) steps per hop at worst, few where few hops share a lane.
func (s *scheduler) place(order []int32) *timing {
	n := len(s.hops)
	t := &timing{start: make([]topology.Micros, n), end: make([]topology.Micros, n), order: slices.Clone(order)}
	supplies := make([]supply, len(s.stocks.free))
	for i, free := range s.stocks.free {
		if len(s.touch[i]) > 0 {
			supplies[i] = supply{[]topology.Micros{math.MinInt64}, []int64{free}}
		}
	}
	tracks := make([]track, len(s.net.lanes))
	for i := range tracks {
		tracks[i] = newTrack()
	}
	s.steps += 16 * n
	slices.SortStableFunc(t.order, func(a, b int32) int { // what runs already comes first
		return cmp.Compare(min(s.hops[b].left, 1), min(s.hops[a].left, 1))
	})
	for _, hop := range t.order {
		h := s.hops[hop]
		start := h.left - h.estimate.Duration
		if h.left == 0 {
			if start = s.earliest(hop, t, supplies, tracks); start == never {
				t.makespan = never
				return t
			}
		}
		t.start[hop], t.end[hop] = start, max(start, 0)+h.rest()
		t.makespan = max(t.makespan, t.end[hop])
		for _, u := range h.takes {
			supplies[u.stock].add(start, -u.amount)
		}
		for _, u := range h.gives {
			supplies[u.stock].add(t.end[hop], u.amount)
		}
		for _, u := range s.net.needs[hop] {
			tracks[u.stock].add(start, t.end[hop], u.amount)
			s.steps += 2 + len(tracks[u.stock].at)/4
		}
	}
	slices.SortStableFunc(t.order, func(a, b int32) int { return cmp.Compare(t.start[a], t.start[b]) })
	return t
}

// earliest returns the first instant at which all that a hop needs is free.
func (s *scheduler) earliest(hop int32, t *timing, supplies []supply, tracks []track) topology.Micros {
	h, at := s.hops[hop], topology.Micros(0)
	for _, first := range s.before[hop] {
		at = max(at, t.end[first])
	}
	for _, u := range h.takes {
		at = max(at, supplies[u.stock].fit(at, u.amount))
	}
	for {
		if at == never {
			return never
		}
		from := at
		if s.open != nil {
			at = max(at, s.open(hop, at))
		}
		for _, u := range s.net.needs[hop] {
			if at < never {
				at = max(at, tracks[u.stock].fit(at, h.rest(), s.net.capacity[u.stock]-u.amount))
			}
			s.steps++
		}
		if at == from {
			return at
		}
	}
}

// safeOrder returns the hops by rank, as far as that keeps the order safe.
func (s *scheduler) safeOrder(rank []int32) []int32 {
	still := *s
	still.net = &network{needs: make([][]use, len(s.hops))}
	still.least = s.least[:len(s.stocks.free)]
	still.open, still.patient, still.instant = nil, false, true
	t := still.run(rank)
	s.steps = still.steps
	return t.order
}
