package migrate

import "github.com/domicile-eu/domicile/topology"

const (
	// settlePasses is how often each hop may change its mind.
	settlePasses = 4
	// settleSteps bounds what all of them look at.
	settleSteps = 8_000_000
)

// settle lets each hop on a busy lane in turn take the route that is cheapest at what the others leave: a lane costs the
// more, by its ninth power, the busier it is. Unlike a descent on the busiest lane it passes by where two lanes are as busy
// and one of them has to get busier for a while (best responses in a game of congestion, whose potential falls at each).
func (r *router) settle() error {
	most := float64(r.busy(r.busiest()))
	for limit, pass := r.steps+settleSteps, 0; pass < settlePasses; pass++ {
		changed := false
		for i, h := range r.hops {
			if err := r.ctx.Err(); err != nil {
				return err
			}
			lane := r.busiestOf(i)
			if h.left > 0 || float64(r.busy(lane)) < most/2 {
				continue
			}
			others, err := r.variants.of(h, r.net.lanes[lane])
			if err != nil {
				return err
			}
			r.book(r.net.needs[i], h.rest(), -1)
			best, least := (*hop)(nil), r.cost(r.net.needs[i], h.rest(), most)*(1-1e-6)
			for _, to := range others {
				if cost := r.cost(r.needs(to), to.rest(), most); cost < least {
					best, least = to, cost
				}
			}
			r.book(r.net.needs[i], h.rest(), 1)
			if best != nil {
				r.take(i, best)
				changed = true
			}
			if r.steps > limit {
				return nil
			}
		}
		if !changed {
			return nil
		}
	}
	return nil
}

// busiestOf returns the busiest of the lanes of a hop.
func (r *router) busiestOf(i int) int32 {
	best := r.net.needs[i][0].stock
	for _, u := range r.net.needs[i] {
		if r.busy(u.stock) > r.busy(best) {
			best = u.stock
		}
	}
	return best
}

// cost is by how much the lanes of a hop get dearer when it takes its time of them.
func (r *router) cost(needs []use, time topology.Micros, most float64) float64 {
	sum := 0.0
	price := func(lane int32) float64 {
		x := float64(r.busy(lane)) / most
		square := float64(x * x)
		fourth := float64(square * square)
		return float64(float64(fourth*fourth) * x)
	}
	for _, u := range needs {
		sum -= price(u.stock)
	}
	r.book(needs, time, 1)
	for _, u := range needs {
		sum += price(u.stock)
	}
	r.book(needs, time, -1)
	r.steps += 4 * len(needs)
	return sum
}
