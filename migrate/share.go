package migrate

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

const (
	// mostSharing is how many hops a plan may have for leftovers of links to be tried; each trial is a timetable of its own.
	mostSharing = 64
	// shareTrials bounds how many hops are tried at lower rates.
	shareTrials = 12
)

// shared lets hops that would have more than half of a link for themselves use what another one leaves of it instead, one
// after another, where that makes the plan shorter. It is never free: at a lower rate more is sent again, so nobody is
// slowed down for nothing, and nobody below the rate at which its method works.
func (q *sequencer) shared(ctx context.Context, a *attempt, m *mesh) (*attempt, error) {
	if len(a.scheduler.hops) > mostSharing {
		return a, nil
	}
	for _, c := range leftovers(a) {
		if bound, _ := a.bound(); a.scheduler.done(a.timing, bound) {
			break
		}
		h, err := q.slowed(a.scheduler.hops[c.hop], c.rate)
		if err != nil {
			return nil, err
		}
		if h == nil {
			continue
		}
		hops := slices.Clone(a.scheduler.hops)
		hops[c.hop] = h
		b, err := q.over(ctx, hops, m)
		if err != nil {
			return nil, err
		}
		if a.scheduler.better(a.timing, b.timing) == b.timing {
			a = b
		}
	}
	return a, nil
}

// leftover is a hop and a rate at which it could go beside another one.
type leftover struct {
	hop  int32
	rate int64
}

// leftovers returns such hops, those on the busiest links first.
func leftovers(a *attempt) []leftover {
	s := a.scheduler
	busy := busyTimes(s.net, s.hops)
	on := make([][]use, len(s.net.lanes)) // hops and their rates
	for i, h := range s.hops {
		for _, u := range s.net.needs[i] {
			if s.net.lanes[u.stock].kind == linkRate && h.left == 0 {
				on[u.stock] = append(on[u.stock], use{int32(i), u.amount})
			}
		}
	}
	var lanes []int
	for lane := range on {
		lanes = append(lanes, lane)
	}
	slices.SortStableFunc(lanes, func(x, y int) int { return cmp.Compare(busy[y], busy[x]) })
	var out []leftover
	for _, lane := range lanes {
		for _, u := range on[lane] {
			most := int64(0) // that another one leaves
			for _, v := range on[lane] {
				if left := s.net.capacity[lane] - v.amount; v.stock != u.stock && left < u.amount {
					most = max(most, left)
				}
			}
			c := leftover{u.stock, most}
			if most > 0 && !slices.Contains(out, c) {
				out = append(out, c)
			}
			if len(out) == shareTrials {
				return out
			}
		}
	}
	return out
}

// slowed returns a hop at a lower rate, nil where it cannot go so by its method, as safely, or in its calendars.
func (q *sequencer) slowed(h *hop, rate int64) (*hop, error) {
	w := q.world
	if rate >= h.rate {
		return nil, nil
	}
	e, err := w.predict(h.work, h.method, rate)
	if errors.Is(err, ErrMethod) {
		return nil, nil // below what the method needs
	}
	if err != nil {
		return nil, err
	}
	slow := *h
	slow.rate, slow.estimate = rate, e
	if e.Safe >= longest && h.estimate.Safe < longest || w.times.of(&slow).fit(w.ready[h.to], slow.span()) == never {
		return nil, nil
	}
	return &slow, nil
}
