package migrate

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

const (
	// mostPasses is how often the scheduler is run. On sixty random plans of two hundred moves the mean gap is 2.4 % after
	// the first pass; the fourth lowers the worst of them a little, and later ones repeat themselves.
	mostPasses = 4
	// mostRanked is up to how many hops more than one pass is worth its time.
	mostRanked = 20_000
)

// schedule gives times to hops, trying several rankings, and keeps the best; it stops where the bound is met.
func schedule(ctx context.Context, s *scheduler, bound topology.Micros) (*timing, error) {
	best := s.run(byLoad(s))
	if best.makespan == never {
		return nil, errors.New("migrate: the serial order is not safe")
	}
	if len(s.hops) > mostRanked || s.done(best, bound) {
		return best, ctx.Err()
	}
	best = s.better(best, s.run(inOrder(s)))
	last := best
	for pass := 2; pass < mostPasses && !s.done(best, bound); pass++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		last = s.run(byTail(s, last))
		best = s.better(best, last)
	}
	return best, nil
}

// lateness is how much a timing misses what matters more than its makespan.
func (s *scheduler) lateness(t *timing) topology.Micros {
	if s.late == nil {
		return 0
	}
	return s.late(t)
}

// better returns the better of two timings, the first where they are as good.
func (s *scheduler) better(a, b *timing) *timing {
	if cmp.Or(cmp.Compare(s.lateness(b), s.lateness(a)), cmp.Compare(b.makespan, a.makespan)) < 0 {
		return b
	}
	return a
}

// done says whether a timing cannot be improved.
func (s *scheduler) done(t *timing, bound topology.Micros) bool {
	return t.makespan <= bound && s.lateness(t) == 0
}

// ranked turns sort keys, greatest first, into ranks; a class that the caller gave comes before any key.
func (s *scheduler) ranked(key []topology.Micros) []int32 {
	order := make([]int32, len(key))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if s.class != nil && s.class[a] != s.class[b] {
			return cmp.Compare(s.class[a], s.class[b])
		}
		return cmp.Or(cmp.Compare(key[b], key[a]), cmp.Compare(a, b))
	})
	rank := make([]int32, len(key))
	for i, hop := range order {
		rank[hop] = int32(i)
	}
	return rank
}

// inOrder ranks hops as they stand in the serial order.
func inOrder(s *scheduler) []int32 { return s.ranked(make([]topology.Micros, len(s.hops))) }

// byLoad ranks those first that use the busiest lane, and long ones before short ones.
func byLoad(s *scheduler) []int32 {
	busy := busyTimes(s.net, s.hops)
	key := make([]topology.Micros, len(s.hops))
	for i, h := range s.hops {
		for _, u := range s.net.needs[i] {
			key[i] = max(key[i], busy[u.stock])
		}
		key[i] += h.rest()
	}
	return s.ranked(key)
}

// byTail ranks those first after which, in the timing given, most time passes until the last that waits for them has
// ended.
func byTail(s *scheduler, t *timing) []int32 {
	tail := make([]topology.Micros, len(s.hops))
	order := make([]int32, len(s.hops))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.start[b], t.start[a]), cmp.Compare(b, a))
	})
	for _, hop := range order {
		tail[hop] += s.hops[hop].rest()
		for _, first := range t.after[hop] {
			tail[first] = max(tail[first], tail[hop])
		}
	}
	return s.ranked(tail)
}
