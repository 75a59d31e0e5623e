package migrate

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Prices are whole numbers up to 2^20 and tolls are fractions of them in units of 2^-20, rounded down. mostPriced keeps
// all sums within 64 bits.
const (
	priceBits  = 20
	mostPriced = 1 << 18
)

// pricer looks for prices of lanes that prove a bound for all routes: whatever way a move takes, it holds shares of lanes
// for as long as it runs, and what all of them pay for that cannot be more than the lanes have to sell by the end.
type pricer struct {
	s     *scheduler
	mesh  *mesh
	slow  bool    // some hop does not go at the full rate of its route: what is proven has to hold at any rate
	rates []int64 // bandwidths of links: a route has one of them; the greatest first
	trips []trip
	paces [][]topology.Micros // per trip and rate: how long it takes; 0: not known yet, -1: it does not work
	steps int
	best  priced
}

// trip is a hop that pays.
type trip struct {
	hop      int32
	transit  latency.Transit
	from, to int32 // nodes of the mesh; -1: it sends nothing
}

// priced are prices and the bound that they prove. They are listed link by link in both directions; then the same for the
// right to be the only one that needs more than half of a direction; then for places among the moves over each link; then for
// the other lanes of the network.
type priced struct {
	bound  topology.Micros
	prices []int64
	hop    int32 // where there are no prices: the hop that takes so long by itself
}

func newPricer(ctx context.Context, s *scheduler, m *mesh) (*pricer, error) {
	p := &pricer{s: s, mesh: m}
	w := s.stocks.world
	for _, l := range m.links {
		p.rates = append(p.rates, l.Bandwidth)
	}
	slices.SortFunc(p.rates, func(a, b int64) int { return cmp.Compare(b, a) })
	p.rates = slices.DeleteFunc(slices.Compact(p.rates), func(rate int64) bool { return rate <= 0 })
	for i, h := range s.hops {
		if h.left > 0 {
			continue // it may hold more than there is
		}
		t := trip{hop: int32(i), from: -1, to: -1}
		p.slow = p.slow || h.rate > 0 && h.rate < h.route.Bandwidth
		if h.rate > 0 {
			var err error
			if t.transit, err = w.transitOf(ctx, h.work); err != nil {
				return nil, err
			}
			from, okFrom := m.nodes[w.sites[h.from].ID.Node()]
			to, okTo := m.nodes[w.sites[h.to].ID.Node()]
			if !okFrom || !okTo {
				continue
			}
			t.from, t.to = from, to
		}
		p.trips = append(p.trips, t)
	}
	p.paces = make([][]topology.Micros, len(p.trips))
	return p, nil
}

// lanes is how many prices there are.
func (p *pricer) lanes() int { return 5*len(p.mesh.links) + len(p.s.net.lanes) }

// linkLane returns the index of a price of a direction of a link, -1 where the mesh has no such link.
func (p *pricer) linkLane(l lane) int {
	i, ok := slices.BinarySearchFunc(p.mesh.links, topology.LinkID(l.name), func(x *topology.Link, id topology.LinkID) int { return cmp.Compare(x.ID, id) })
	switch {
	case !ok:
		return -1
	case l.at == p.mesh.links[i].A:
		return 2 * i
	default:
		return 2*i + 1
	}
}

// toll is what a lane of the mesh costs at a rate.
func (p *pricer) toll(prices []int64, lane int32, rate int64) int64 {
	links := len(p.mesh.links)
	of, sum := p.mesh.links[lane/2].Bandwidth, int64(0)
	if price := prices[lane]; price > 0 {
		hi, lo := bits.Mul64(uint64(price)<<priceBits, uint64(rate))
		q, _ := bits.Div64(hi, lo, uint64(of))
		sum += int64(q)
	}
	if price := prices[2*links+int(lane)]; price > 0 && rate > of/2 && !p.slow {
		sum += price << priceBits
	}
	if price := prices[4*links+int(lane)/2]; price > 0 {
		sum += price << priceBits / int64(p.s.stocks.world.opts.LinkMoves)
	}
	return sum
}

// places is what a hop pays for its places among the moves at once, wherever it goes along.
func (p *pricer) places(prices []int64, hop int32) int64 {
	sum := int64(0)
	for _, u := range p.s.net.needs[hop] {
		if price := prices[5*len(p.mesh.links)+int(u.stock)]; price > 0 {
			sum += price << priceBits / p.s.net.capacity[u.stock]
		}
	}
	return sum
}

// pace is how long a trip takes at a rate. What is not the rate of the hop itself is a hair less, so that who recomputes it
// exactly does not get less.
func (p *pricer) pace(trip, rate int) topology.Micros {
	if p.paces[trip] == nil {
		p.paces[trip] = make([]topology.Micros, len(p.rates))
	}
	if known := p.paces[trip][rate]; known != 0 {
		return known
	}
	h := p.s.hops[p.trips[trip].hop]
	time := h.rest()
	if h.rate != p.rates[rate] {
		e, err := p.s.stocks.world.predict(h.work, h.method, p.rates[rate])
		if time = e.Duration - e.Duration>>30 - 2; err != nil || time <= 0 {
			time = -1
		}
	}
	p.paces[trip][rate] = time
	return time
}

// fare is the cheapest that a trip can do: at which rate, along which way. It pays for its places while it lasts and for
// links while it lasts, or, where it may be slower than its route, while it copies: the bits to send do not get fewer then,
// but for the links what comes before and after weighs as little as the rate is low.
type fare struct {
	toll, places int64
	time, copies topology.Micros
	rate         int
	ways         *ways
	to           int32
}

func (f *fare) paid() load {
	var l load
	l.add(f.toll, f.copies)
	l.add(f.places, f.time)
	return l
}

// copies is what of a time links are paid for.
func (p *pricer) copies(hop int32, time topology.Micros) topology.Micros {
	if !p.slow {
		return time
	}
	w, h := p.s.stocks.world, p.s.hops[hop]
	setups := int64(1)
	if h.method == placement.Rolling {
		setups = max(1, w.works[h.work].Migration.Nodes)
	}
	if setups > int64(longest)/max(1, int64(w.opts.Setup)) {
		return 0
	}
	return max(0, time-topology.Micros(setups)*w.opts.Setup)
}

// value returns the bound that prices prove: what all trips pay at least, over all that there is to sell in a microsecond.
// each, if not nil, learns how each trip does it.
func (p *pricer) value(prices []int64, each func(trip int, f fare)) topology.Micros {
	sum := int64(0)
	for _, price := range prices {
		sum += price
	}
	if sum == 0 {
		return 0
	}
	fares := p.fares(prices)
	var paid load
	for i := range p.trips {
		f := fares[i]
		if f.toll == unpaid {
			return 0 // there is no way: the network is not the one that routes were chosen in
		}
		paid.add(f.toll, f.copies)
		paid.add(f.places, f.time)
		if each != nil {
			each(i, f)
		}
	}
	bound := paid.over(sum << priceBits)
	if bound > longest {
		return 0
	}
	return bound
}

// fares finds the cheapest way of each trip.
func (p *pricer) fares(prices []int64) []fare {
	out := make([]fare, len(p.trips))
	type view struct {
		transit latency.Transit
		rate    int
	}
	meshes := make(map[view]*tolled)
	type start struct {
		view
		part int32
	}
	found := make(map[start]*ways)
	for i := range p.trips {
		t := &p.trips[i]
		places := p.places(prices, t.hop)
		if t.from < 0 {
			out[i] = fare{places: places, time: p.s.hops[t.hop].rest()}
			continue
		}
		out[i].toll = unpaid
		for k, rate := range p.rates {
			v := view{t.transit, k}
			g := meshes[v]
			if g == nil {
				g = p.mesh.tolled(t.transit, rate, func(lane int32) int64 { return p.toll(prices, lane, rate) })
				meshes[v] = g
				p.steps += g.size
			}
			from := start{v, g.part[t.from]}
			w := found[from]
			if w == nil {
				w = g.ways(from.part)
				found[from] = w
				p.steps += 2*len(g.open) + 8
			}
			p.steps++
			f := fare{places: places, rate: k, ways: w, to: g.part[t.to]}
			if f.toll = w.toll[f.to]; f.toll == unpaid {
				continue
			}
			if f.time = p.pace(i, k); f.time < 0 {
				continue
			}
			f.copies = p.copies(t.hop, f.time)
			if out[i].toll == unpaid || f.paid().less(out[i].paid()) {
				out[i] = f
			}
			if f.toll+f.places == 0 {
				break
			}
		}
	}
	return out
}

// offer looks at what prices prove and keeps them if they are the best so far.
func (p *pricer) offer(prices []int64) {
	if bound := p.value(prices, nil); bound > p.best.bound {
		p.best = priced{bound: bound, prices: slices.Clone(prices)}
	}
}

// lane returns what a price is for.
func (p *pricer) lane(i int) Lane {
	links := len(p.mesh.links)
	if i >= 5*links {
		l := p.s.net.lanes[i-5*links]
		return Lane{laneKinds[l.kind], l.name, l.at}
	}
	if i >= 4*links {
		return Lane{Kind: laneKinds[linkMoves], Name: string(p.mesh.links[i-4*links].ID)}
	}
	kind := laneKinds[linkRate]
	if i >= 2*links {
		kind, i = aloneKind, i-2*links
	}
	l := p.mesh.links[i/2]
	return Lane{kind, string(l.ID), [2]topology.NodeID{l.A, l.B}[i%2]}
}
