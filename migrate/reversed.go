package migrate

import "slices"

// reversed returns the scheduler of the same hops run backwards: from the end to the start, the last of the serial order
// first. What takes a stock gives it then, so the reversed order is safe again, except where the start was overfull. Hop i
// stands at n-1-i. Openings, classes and lateness are a matter of the way there and left out.
func (s *scheduler) reversed() *scheduler {
	n := len(s.hops)
	mirror := func(list []int32) []int32 {
		out := make([]int32, len(list))
		for i, hop := range list {
			out[i] = int32(n-1) - hop
		}
		return out
	}
	end := &stocks{world: s.stocks.world, free: slices.Clone(s.stocks.free)}
	net := &network{lanes: s.net.lanes, capacity: s.net.capacity, needs: slices.Clone(s.net.needs)}
	slices.Reverse(net.needs)
	r := &scheduler{
		stocks: end, net: net, hops: make([]*hop, n), before: make([][]int32, n), then: make([][]int32, n),
		touch: make([][]touch, len(s.touch)), least: slices.Clone(s.least),
	}
	for i := range n {
		h := *s.hops[n-1-i]
		h.from, h.to, h.takes, h.gives = h.to, h.from, h.gives, h.takes
		h.estimate.Duration, h.left = h.rest(), 0
		r.hops[i] = &h
		r.before[i], r.then[i] = mirror(s.then[n-1-i]), mirror(s.before[n-1-i])
		for _, u := range h.takes {
			end.free[u.stock] += u.amount
			r.touch[u.stock] = append(r.touch[u.stock], touch{int32(i), -u.amount})
			if r.least[u.stock] == 0 || u.amount < r.least[u.stock] {
				r.least[u.stock] = u.amount
			}
		}
		for _, u := range h.gives {
			end.free[u.stock] -= u.amount
			r.touch[u.stock] = append(r.touch[u.stock], touch{int32(i), u.amount})
		}
	}
	return r
}
