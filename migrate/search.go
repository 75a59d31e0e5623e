package migrate

import "context"

// search orders goals, with stages where it takes any. Moves that harm no other move come first; where something is stuck
// then, it is tried once more with those put off that take room in which somebody stuck could wait.
func (q *sequencer) search(ctx context.Context, goals []*hop) (*serial, error) {
	s, err := q.attempt(ctx, goals, nil)
	if err != nil {
		return nil, err
	}
	putOff := s.inTheWay()
	if len(putOff) == 0 {
		return s, nil
	}
	again, err := q.attempt(ctx, goals, putOff)
	if err != nil || again.made() <= s.made() {
		return s, err
	}
	return again, nil
}

// attempt makes as many goals as it can; those put off wait until the others need no more stages.
func (q *sequencer) attempt(ctx context.Context, goals []*hop, putOff map[int32]bool) (*serial, error) {
	s := newSerial(q.stocks, newSpreads(q.world, q.domains), goals)
	for _, h := range q.begun() {
		s.carryOut(h)
	}
	s.follow(q.first)
	g := &stager{world: q.world, serial: s, avoid: q.avoid, staged: make(map[int32]bool), used: make(map[int32]int)}
	for _, core := range s.solve(putOff) {
		found, err := false, error(nil)
		if len(putOff) > 0 {
			all := append(sortedIndices(putOff), core...)
			found, err = g.search(ctx, all, len(all))
		}
		if err == nil && !found {
			err = g.solve(ctx, core)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(putOff) > 0 {
		var rest []int32
		for i, done := range s.done {
			if !done {
				rest = append(rest, int32(i))
			}
		}
		s.run(rest, 2)
	}
	return s, nil
}

// made is how many goals are made.
func (s *serial) made() int {
	n := 0
	for _, done := range s.done {
		if done {
			n++
		}
	}
	return n
}

// inTheWay returns goals that were made though they take room at a site at which somebody who is stuck could wait.
func (s *serial) inTheWay() map[int32]bool {
	least := make(map[int32]int64) // per dimension: what any of the stuck needs
	dims := int32(len(s.stocks.world.dims))
	stuck := 0
	for i, h := range s.goals {
		if s.done[i] {
			continue
		}
		stuck++
		for _, u := range h.takes {
			if known, ok := least[u.stock%dims]; s.stocks.isRoom(u.stock) && (!ok || u.amount < known) {
				least[u.stock%dims] = u.amount
			}
		}
	}
	out := make(map[int32]bool)
	for i, h := range s.goals {
		if stuck == 0 || !s.done[i] {
			continue
		}
		for _, u := range h.takes {
			if amount, ok := least[u.stock%dims]; ok && s.stocks.isRoom(u.stock) && s.free[u.stock] < amount {
				out[int32(i)] = true
			}
		}
	}
	return out
}
