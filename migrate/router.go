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
	steps    int
}

func newRouter(ctx context.Context, q *sequencer, m *mesh, hops []*hop) *router {
	r := &router{
		ctx: ctx, world: q.world, plain: hops, hops: slices.Clone(hops),
		variants: newVariants(ctx, q, m), net: newNetwork(q.world, slices.Concat(hops, hops[:1])),
	}
	for i, h := range hops {
		r.book(r.net.needs[i], h.rest(), 1)
	}
	return r
}

// book adds or takes away what a hop holds for a time.
func (r *router) book(needs []use, time topology.Micros, sign int64) {
	for len(r.loads) < len(r.net.lanes) {
		r.loads, r.alone = append(r.loads, 0), append(r.alone, 0)
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
// floor, so lanes that are busy for less than that are left alone.
func (r *router) spread(floor topology.Micros) ([]*hop, error) {
	if r.variants == nil {
		return nil, nil
	}
	for r.steps < routerSteps {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		lane := r.busiest()
		if r.busy(lane) <= floor {
			break
		}
		turn, err := r.relieve(lane)
		if err != nil {
			return nil, err
		}
		if turn == nil {
			break
		}
		r.take(turn.hop, turn.to)
	}
	r.giveBack(max(floor, r.busy(r.busiest())))
	if slices.Equal(r.hops, r.plain) {
		return nil, nil
	}
	return r.hops, nil
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

// relieve looks for the hop on a lane whose change of route leaves its lanes least busy; nil: each change makes one of them as
// busy as the lane is.
func (r *router) relieve(lane int32) (*turn, error) {
	best := &turn{busy: r.busy(lane)}
	for i, h := range r.hops {
		r.steps++
		if h.left > 0 || !slices.ContainsFunc(r.net.needs[i], func(u use) bool { return u.stock == lane }) {
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
		for _, to := range others {
			cost, err := r.world.transferOf(to)
			if err != nil {
				continue // too dear to be said
			}
			t := turn{i, to, r.busyAfter(i, to), cost - now}
			if cmp.Or(cmp.Compare(t.busy, best.busy), cmp.Compare(t.costs, best.costs)) < 0 && t.busy < r.busy(lane) {
				best = &t
			}
		}
		if r.steps > routerSteps {
			break
		}
	}
	if best.to == nil {
		return nil, nil
	}
	return best, nil
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
