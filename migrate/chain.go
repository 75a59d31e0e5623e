package migrate

import (
	"cmp"
	"slices"
)

// chain returns for each hop whom it has to wait for, so that whoever starts each hop once those have ended keeps to all
// stocks and lanes, however long the hops take: each unit goes from hand to hand as it does in the timing.
func (s *scheduler) chain(t *timing) [][]int32 {
	var pools []pool
	for _, free := range slices.Concat(s.stocks.free, s.net.capacity) {
		pools = append(pools, newPool(free))
	}
	ends := make([]int32, len(s.hops))
	for i := range ends {
		ends[i] = int32(i)
	}
	slices.SortFunc(ends, func(a, b int32) int { return cmp.Or(cmp.Compare(t.end[a], t.end[b]), cmp.Compare(a, b)) })
	after := make([][]int32, len(s.hops))
	for _, hop := range t.order {
		for ; t.end[ends[0]] <= t.start[hop]; ends = ends[1:] {
			s.giveBack(pools, ends[0])
		}
		after[hop] = s.handOver(pools, hop)
	}
	return after
}

// giveBack puts back what a hop held.
func (s *scheduler) giveBack(pools []pool, hop int32) {
	stocks := int32(len(s.stocks.free))
	for _, u := range s.hops[hop].gives {
		pools[u.stock].give(u.amount, hop)
	}
	for _, u := range s.net.needs[hop] {
		pools[stocks+u.stock].give(u.amount, hop)
	}
}

// handOver takes what a hop needs and returns from whom, besides those that come before it anyway. One that runs when the
// plan starts holds what it holds.
func (s *scheduler) handOver(pools []pool, hop int32) []int32 {
	h, stocks := s.hops[hop], int32(len(s.stocks.free))
	if h.left > 0 {
		for _, u := range s.net.needs[hop] {
			pools[stocks+u.stock].hold(u.amount)
		}
		for _, u := range h.takes {
			pools[u.stock].hold(u.amount)
		}
		return nil
	}
	after := slices.Clone(s.before[hop])
	// Links first: they leave the least choice of whom to wait for. The caps come first among the needs, so from behind.
	for _, u := range slices.Backward(s.net.needs[hop]) {
		after = pools[stocks+u.stock].take(u.amount, after)
	}
	for _, u := range h.takes {
		after = pools[u.stock].take(u.amount, after)
	}
	slices.Sort(after)
	return slices.Compact(after)
}
