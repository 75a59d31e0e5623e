package migrate

import "fmt"

// holdFollowers keeps those where they are who may only move after somebody that cannot, and says whether there were any.
func (q *sequencer) holdFollowers() bool {
	held := false
	for _, work := range sortedIndices(q.first) {
		if _, stuck := q.stuck[work]; stuck || !q.world.moves(work) {
			continue
		}
		for _, other := range q.first[work] {
			if _, stuck := q.stuck[other]; stuck {
				q.stick(work, fmt.Sprintf("waits for %s, which cannot move", q.world.works[other].ID), nil)
				held = true
				break
			}
		}
	}
	return held
}

// follow makes goals wait for goals: first says, per workload, whose moves must have ended before it starts.
func (s *serial) follow(first map[int32][]int32) {
	if len(first) == 0 {
		return
	}
	goalOf := make(map[int32]int32, len(s.goals))
	for i, h := range s.goals {
		goalOf[h.work] = int32(i)
	}
	s.first, s.behind = make([][]int32, len(s.goals)), make(map[int32][]int32)
	for i, h := range s.goals {
		for _, work := range first[h.work] {
			if goal, moves := goalOf[work]; moves {
				s.first[i] = append(s.first[i], goal)
			}
		}
	}
}

// early returns a goal that must be made before the given one and is not, and whether there is one.
func (s *serial) early(goal int32) (int32, bool) {
	if s.first == nil {
		return 0, false
	}
	for _, g := range s.first[goal] {
		if !s.done[g] {
			return g, true
		}
	}
	return 0, false
}

// follow adds the edges that keep the first hop of a workload behind the last one of others.
func (s *scheduler) follow(first map[int32][]int32) {
	if len(first) == 0 {
		return
	}
	last := make(map[int32]int32, len(s.hops))
	for i, h := range s.hops {
		last[h.work] = int32(i)
	}
	seen := make(map[int32]bool, len(s.hops))
	for i, h := range s.hops {
		if seen[h.work] {
			continue
		}
		seen[h.work] = true
		for _, work := range first[h.work] {
			if hop, moves := last[work]; moves {
				s.precede(hop, int32(i))
			}
		}
	}
}
