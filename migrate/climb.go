package migrate

import (
	"cmp"
	"context"
	"slices"
)

const (
	// priceSteps bounds the search for prices, in looks at links, nodes and moves: a few hundredths of a second.
	priceSteps = 2_000_000
	// singles is how many of the busiest lanes are tried alone, climbs how often prices are raised.
	singles, climbs = 4, 160
)

// routeBound looks for prices that prove a bound for all routes: of one busy lane, and where there is more than one way to
// go, of many, each raised by as much as it is filled when everybody takes what is cheapest (multiplicative weights:
// Plotkin, Shmoys and Tardos, "Fast approximation algorithms for fractional packing and covering problems", 1995).
func (s *scheduler) routeBound(ctx context.Context, m *mesh) (*pricer, error) {
	p, err := newPricer(ctx, s, m)
	if err != nil || len(s.hops) == 0 || len(p.rates) == 0 || p.lanes() > mostPriced {
		return p, err
	}
	p.tryHops()
	p.tryLanes()
	if !m.forest {
		p.climb()
	}
	p.thin()
	return p, nil
}

// mostThinned and mostPairs are up to how many lanes with prices single ones and pairs are tried.
const mostThinned, mostPairs = 64, 16

// thin takes prices away that the proof does not need, one by one and two by two (such as all after the first on a route).
func (p *pricer) thin() {
	if p.best.prices == nil {
		return
	}
	prices := slices.Clone(p.best.prices)
	drop := func(lanes ...int) {
		if p.steps > 2*priceSteps {
			return
		}
		var was []int64
		for _, i := range lanes {
			was = append(was, prices[i])
			prices[i] = 0
		}
		if p.value(prices, nil) < p.best.bound {
			for k, i := range lanes {
				prices[i] = was[k]
			}
		}
	}
	priced := func() (list []int) {
		for i, price := range prices {
			if price > 0 {
				list = append(list, i)
			}
		}
		return list
	}
	if len(priced()) > mostThinned {
		return
	}
	for _, i := range priced() {
		drop(i)
	}
	if list := priced(); len(list) <= mostPairs {
		for k, i := range list {
			for _, j := range list[:k] {
				if prices[i] > 0 && prices[j] > 0 {
					drop(i, j)
				}
			}
		}
	}
	p.best.bound = p.value(prices, nil)
	p.best.prices = prices
}

// tryHops looks at what single hops take over the widest of their routes.
func (p *pricer) tryHops() {
	for i, f := range p.fares(make([]int64, p.lanes())) {
		if f.toll != unpaid && f.time > p.best.bound {
			p.best = priced{bound: f.time, hop: p.trips[i].hop}
		}
	}
}

// tryLanes prices one lane at a time, the busiest first.
func (p *pricer) tryLanes() {
	busy := busyTimes(p.s.net, p.s.hops)
	var order []int
	for lane, l := range p.s.net.lanes {
		if int(l.kind) < len(laneKinds) && p.s.net.capacity[lane] > 0 {
			order = append(order, lane)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(busy[b], busy[a]) })
	prices := make([]int64, p.lanes())
	try := func(i int) {
		if i >= 0 && p.steps < priceSteps {
			prices[i] = 1
			p.offer(prices)
			prices[i] = 0
		}
	}
	links := len(p.mesh.links)
	for _, lane := range order[:min(len(order), singles)] {
		if busy[lane] <= p.best.bound {
			break
		}
		switch l := p.s.net.lanes[lane]; l.kind {
		case linkRate:
			if i := p.linkLane(l); i >= 0 {
				try(i)
				try(2*links + i)
			}
		case linkMoves:
			if i := p.linkLane(l); i >= 0 {
				try(4*links + i/2)
			}
		default:
			try(5*links + lane)
		}
	}
}

// climb raises prices by multiplicative weights. After each step the prices are tried rounded to few levels as well: the
// best ones are often small whole numbers.
func (p *pricer) climb() {
	lanes := p.climbing()
	if len(lanes) == 0 {
		return
	}
	weight := p.guess(lanes)
	prices := make([]int64, p.lanes())
	for round := 0; round < climbs; round++ {
		most := 0.0
		for _, lane := range lanes {
			most = max(most, weight[lane])
		}
		for _, lane := range lanes {
			weight[lane] = weight[lane] / most
			prices[lane] = max(1, int64(weight[lane]*(1<<14)))
		}
		before := p.steps
		filled := p.filled(prices)
		if round%8 == 7 || round == climbs-1 {
			p.coarse(prices, lanes)
		}
		if p.steps+(p.steps-before) > priceSteps {
			return
		}
		full := slices.Max(filled)
		if full <= 0 {
			return
		}
		pace := 0.5 / float64(1+round/16)
		for _, lane := range lanes {
			gain := float64(pace * filled[lane] / full)
			weight[lane] = float64(weight[lane] * (1 + gain))
		}
	}
}

// guess returns weights to begin with: what the chosen routes fill longest is likely to be worth most. The lanes that are
// filled for nearly as long as the first are offered at one price as well, which is quickly looked at.
func (p *pricer) guess(lanes []int) []float64 {
	weight := make([]float64, p.lanes())
	share := make([]float64, p.lanes())
	busy := busyTimes(p.s.net, p.s.hops)
	most := float64(max(1, slices.Max(busy)))
	for lane, l := range p.s.net.lanes {
		i := 5*len(p.mesh.links) + lane
		if l.kind == linkRate || l.kind == linkMoves {
			i = p.linkLane(l)
		}
		if l.kind == linkMoves && i >= 0 {
			i = 4*len(p.mesh.links) + i/2
		}
		if i >= 0 {
			share[i] = float64(busy[lane]) / most
		}
	}
	for _, least := range [...]float64{0.98, 0.9, 0.75} {
		prices := make([]int64, p.lanes())
		for _, lane := range lanes {
			if share[lane] >= least {
				prices[lane] = 1
			}
		}
		p.offer(prices)
	}
	for _, lane := range lanes {
		square := float64(share[lane] * share[lane])
		weight[lane] = 1.0/512 + float64(float64(square*square)*square)
	}
	return weight
}

// climbing returns the lanes that get prices: what fills up by rate or by count.
func (p *pricer) climbing() []int {
	var lanes []int
	links := len(p.mesh.links)
	for i, l := range p.mesh.links {
		if l.Bandwidth > 0 {
			lanes = append(lanes, 2*i, 2*i+1)
			if p.s.stocks.world.opts.LinkMoves > 0 {
				lanes = append(lanes, 4*links+i)
			}
		}
	}
	for lane, l := range p.s.net.lanes {
		if l.kind != linkRate && l.kind != linkMoves && int(l.kind) < len(laneKinds) {
			lanes = append(lanes, 5*links+lane)
		}
	}
	slices.Sort(lanes)
	return lanes
}

// filled offers prices and returns for how long each lane is filled when every trip goes the cheapest way.
func (p *pricer) filled(prices []int64) []float64 {
	links := len(p.mesh.links)
	out := make([]float64, p.lanes())
	bound := p.value(prices, func(i int, f fare) {
		time, copies := float64(f.time), float64(f.copies)
		hop := p.trips[i].hop
		for _, u := range p.s.net.needs[hop] {
			if kind := p.s.net.lanes[u.stock].kind; kind != linkRate && kind != linkMoves {
				out[5*links+int(u.stock)] += float64(time / float64(p.s.net.capacity[u.stock]))
			}
		}
		if f.ways == nil {
			return
		}
		f.ways.each(f.to, func(lane int32) {
			p.steps++
			out[lane] += float64(copies * float64(p.rates[f.rate]) / float64(p.mesh.links[lane/2].Bandwidth))
			if most := p.s.stocks.world.opts.LinkMoves; most > 0 {
				out[4*links+int(lane)/2] += float64(copies / float64(most))
			}
		})
	})
	if bound > p.best.bound {
		p.best = priced{bound: bound, prices: slices.Clone(prices)}
	}
	return out
}

// coarse offers prices rounded to a few levels.
func (p *pricer) coarse(prices []int64, lanes []int) {
	most := slices.Max(prices)
	rounded := make([]int64, len(prices))
	for _, levels := range [...]int64{1, 2, 3, 4, 6, 12, 60} {
		if p.steps > priceSteps {
			return
		}
		for _, lane := range lanes {
			rounded[lane] = (2*prices[lane]*levels + most) / (2 * most)
		}
		p.offer(rounded)
	}
}
