package migrate

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// routerSteps bounds how much is looked at to choose routes.
const routerSteps = 4_000_000

// router spreads hops over the routes that their data may take: those on the lane that is busy for longest go round it, as
// long as that makes it less busy and no other lane as busy. It is a descent and may end above the best.
type router struct {
	ctx      context.Context
	world    *world
	variants *variants
	plain    []*hop
	hops     []*hop
	net      *network // of plain, and in the last place what is just looked at
	loads    []topology.Micros
	alone    []topology.Micros // by those of which no two run at once
	on       [][]int32         // per lane: the hops on it, and some that were
	steps    int
}

func newRouter(ctx context.Context, q *sequencer, m *mesh, hops []*hop) *router {
	r := &router{
		ctx: ctx, world: q.world, plain: hops, hops: slices.Clone(hops),
		variants: newVariants(ctx, q, m), net: newNetwork(q.world, slices.Concat(hops, hops[:1])),
	}
	for i, h := range hops {
		r.book(r.net.needs[i], h.rest(), 1)
		r.enter(i)
	}
	return r
}

// book adds or takes away what a hop holds for a time.
func (r *router) book(needs []use, time topology.Micros, sign int64) {
	for len(r.loads) < len(r.net.lanes) {
		r.loads, r.alone, r.on = append(r.loads, 0), append(r.alone, 0), append(r.on, nil)
	}
	for _, u := range needs {
		of := r.net.capacity[u.stock]
		if of <= 0 {
			continue
		}
		share, ok := scaled(int64(time), u.amount, of)
		if !ok || share > math.MaxInt64/(1<<20) {
			share = math.MaxInt64 / (1 << 20)
		}
		r.loads[u.stock] += topology.Micros(sign * share)
		if u.amount > of/2 {
			r.alone[u.stock] += topology.Micros(sign) * time
		}
	}
}

func (r *router) busy(lane int32) topology.Micros { return max(r.loads[lane], r.alone[lane]) }

// spread returns the hops over the routes chosen, nil where none but the plain ones are. A plan cannot be shorter than the
// floor, so lanes that are busy for less than that are left alone; nor can any choice of routes do with less than a bound.
func (r *router) spread(floor, bound topology.Micros) ([]*hop, error) {
	if err := r.descend(floor); err != nil {
		return nil, err
	}
	if most := r.busy(r.busiest()); most > floor && most > bound+bound/nearlyAll {
		hops := slices.Clone(r.hops)
		if err := r.settle(); err != nil {
			return nil, err
		}
		if err := r.descend(floor); err != nil {
			return nil, err
		}
		if r.busy(r.busiest()) >= most {
			for i, h := range hops {
				if h != r.hops[i] {
					r.take(i, h)
				}
			}
		}
	}
	r.giveBack(max(floor, r.busy(r.busiest())))
	if slices.Equal(r.hops, r.plain) {
		return nil, nil
	}
	return r.hops, nil
}

// nearlyAll is what a choice of routes may be above the bound (one part in so many) without others being looked for.
const nearlyAll = 200

// descend relieves the busiest lane until that cannot be done any more.
func (r *router) descend(floor topology.Micros) error {
	for limit := r.steps + routerSteps; r.steps < limit; {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		lane := r.busiest()
		if r.busy(lane) <= floor {
			return nil
		}
		turns, err := r.relieve(lane, limit)
		if err != nil {
			return err
		}
		taken := 0
		for _, t := range turns {
			most := r.busy(lane)
			if r.busy(r.busiest()) > most || most <= floor {
				break
			}
			if after := r.busyAfter(t.hop, t.to); after <= t.busy && after < most {
				r.take(t.hop, t.to)
				taken++
			}
		}
		if taken == 0 {
			return nil
		}
	}
	return nil
}

func (r *router) busiest() int32 {
	best := int32(0)
	for lane := range r.loads {
		if r.busy(int32(lane)) > r.busy(best) {
			best = int32(lane)
		}
	}
	r.steps += len(r.loads)
	return best
}

// turn is a hop that takes another route, how busy its lanes are then, and what that costs more.
type turn struct {
	hop   int
	to    *hop
	busy  topology.Micros
	costs topology.MicroEUR
}

// relieve returns for each hop on a lane the change of route that leaves its lanes least busy, those first that leave them
// least so, without those that make one of them as busy as the lane is.
func (r *router) relieve(lane int32, limit int) ([]turn, error) {
	var out []turn
	for _, i := range r.users(lane) {
		h := r.hops[i]
		if h.left > 0 {
			continue
		}
		others, err := r.variants.of(h, r.net.lanes[lane])
		if err != nil {
			return nil, err
		}
		now, err := r.world.transferOf(h)
		if err != nil {
			return nil, err
		}
		best := turn{busy: r.busy(lane)}
		for _, to := range others {
			cost, err := r.world.transferOf(to)
			if err != nil {
				continue // too dear to be said
			}
			if t := (turn{int(i), to, r.busyAfter(int(i), to), cost - now}); t.busy < r.busy(lane) && compareTurns(t, best) < 0 {
				best = t
			}
		}
		if best.to != nil {
			out = append(out, best)
		}
		if r.steps > limit {
			break
		}
	}
	slices.SortStableFunc(out, compareTurns)
	return out, nil
}

func compareTurns(a, b turn) int {
	return cmp.Or(cmp.Compare(a.busy, b.busy), cmp.Compare(a.costs, b.costs))
}

// users returns the hops on a lane, in order.
func (r *router) users(lane int32) []int32 {
	list := slices.DeleteFunc(r.on[lane], func(i int32) bool {
		return !slices.ContainsFunc(r.net.needs[i], func(u use) bool { return u.stock == lane })
	})
	slices.Sort(list)
	r.on[lane] = slices.Compact(list)
	r.steps += len(list)
	return r.on[lane]
}

// busyAfter returns how busy the busiest of the lanes that a hop uses, or used, is once it has changed.
func (r *router) busyAfter(i int, to *hop) topology.Micros {
	needs := r.needs(to)
	r.book(r.net.needs[i], r.hops[i].rest(), -1)
	r.book(needs, to.rest(), 1)
	most := to.rest()
	for _, list := range [2][]use{r.net.needs[i], needs} {
		for _, u := range list {
			most = max(most, r.busy(u.stock))
		}
	}
	r.book(needs, to.rest(), -1)
	r.book(r.net.needs[i], r.hops[i].rest(), 1)
	r.steps += 4 * len(needs)
	return most
}

// needs returns what a hop uses of lanes.
func (r *router) needs(h *hop) []use {
	last := len(r.net.needs) - 1
	r.net.needs[last] = nil
	r.net.hop(r.world, last, h)
	r.book(nil, 0, 1) // makes room for lanes that are new
	return r.net.needs[last]
}

func (r *router) take(i int, to *hop) {
	needs := slices.Clone(r.needs(to))
	r.book(r.net.needs[i], r.hops[i].rest(), -1)
	r.book(needs, to.rest(), 1)
	r.net.needs[i], r.hops[i] = needs, to
	r.enter(i)
}

func (r *router) enter(i int) {
	for _, u := range r.net.needs[i] {
		r.on[u.stock] = append(r.on[u.stock], int32(i))
	}
}

// giveBack takes hops back to their plain routes where that leaves all lanes within a time, those that save most first.
func (r *router) giveBack(most topology.Micros) {
	var turns []turn
	for i, h := range r.hops {
		if h == r.plain[i] {
			continue
		}
		was, err := r.world.transferOf(r.plain[i])
		now, err2 := r.world.transferOf(h)
		if err == nil && err2 == nil {
			turns = append(turns, turn{hop: i, to: r.plain[i], costs: was - now})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.costs, b.costs) })
	for _, t := range turns {
		if r.busyAfter(t.hop, t.to) <= most {
			r.take(t.hop, t.to)
		}
	}
}
