package migrate

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// timetable finds the least makespan of direct moves by trying every order, each move as early as those before it in the
// order allow. One of these is best: take the moves of any timetable by start; placing each as early as that can only
// move it forward, since those before it have then ended no later and have taken no other room.
type timetable struct {
	o     *oracle
	from  placement.Assignment
	moves []Move
	works map[placement.WorkloadID]*placement.Workload
	links map[topology.LinkID]int64
	cap   int
	best  topology.Micros
}

// least returns the least makespan, or -1 where no order works.
func (x *timetable) least() topology.Micros {
	x.best = -1
	x.place(nil, make([]bool, len(x.moves)))
	return x.best
}

func (x *timetable) place(done []Move, used []bool) {
	if len(done) == len(x.moves) {
		end := topology.Micros(0)
		for _, m := range done {
			end = max(end, m.End)
		}
		if x.best < 0 || end < x.best {
			x.best = end
		}
		return
	}
	for i, m := range x.moves {
		if used[i] {
			continue
		}
		starts := []topology.Micros{0}
		for _, d := range done {
			starts = append(starts, d.End)
		}
		slices.Sort(starts)
		length := m.End - m.Start
		for _, at := range starts {
			m.Start, m.End = at, at+length
			next := append(done[:len(done):len(done)], m)
			if x.sound(next) {
				used[i] = true
				x.place(next, used)
				used[i] = false
				break
			}
		}
	}
}

// sound judges a set of moves at each of their starts, when most is held.
func (x *timetable) sound(moves []Move) bool {
	for _, now := range moves {
		if !x.fits(moves, now.Start) || !x.carried(moves, now.Start) {
			return false
		}
	}
	return true
}

// fits says whether every site holds what is on it at an instant: both ends of what is on the way.
func (x *timetable) fits(moves []Move, at topology.Micros) bool {
	for id, site := range x.o.sites {
		for dim, capacity := range site.Capacity {
			held := int64(0)
			for work, home := range x.from {
				here := home == id
				for _, m := range moves {
					if m.Workload == work {
						here = here && m.End > at || m.To == id && m.Start <= at
					}
				}
				if here {
					held += x.works[work].Demand[dim]
				}
			}
			if held > capacity {
				return false
			}
		}
	}
	return true
}

// carried says whether links and sites bear what is on the way at an instant.
func (x *timetable) carried(moves []Move, at topology.Micros) bool {
	type direction struct {
		link topology.LinkID
		from topology.NodeID
	}
	rate, in, out := make(map[direction]int64), make(map[topology.SiteID]int), make(map[topology.SiteID]int)
	for _, m := range moves {
		if m.Start > at || m.End <= at {
			continue
		}
		in[m.To]++
		out[m.From]++
		if in[m.To] > x.cap || out[m.From] > x.cap {
			return false
		}
		for _, h := range m.Route.Hops {
			d := direction{h.Link, h.From}
			if rate[d] += m.Rate; rate[d] > x.links[h.Link] {
				return false
			}
		}
	}
	return true
}

// TestBoundsAgainstEveryTimetable holds bound and makespan against the best of all timetables.
func TestBoundsAgainstEveryTimetable(t *testing.T) {
	judged, optimal, tight := 0, 0, 0
	for seed := range uint64(1500) {
		rng := rand.New(rand.NewPCG(seed, 8))
		b := random(rng, shape{sites: 2 + rng.IntN(3), workloads: 3 + rng.IntN(3), slack: rng.Int64N(3), methods: seed%2 == 0})
		plan, err := Order(context.Background(), b.problem(t), b.from, b.to, b.opts)
		require.NoError(t, err)
		staged := slices.ContainsFunc(plan.Moves, func(m Move) bool { return m.Stage })
		if staged || len(plan.Stuck) > 0 || len(plan.Moves) == 0 {
			continue
		}
		x := &timetable{
			o: newOracle(b), from: b.from, moves: plan.Moves, cap: b.opts.SiteMoves,
			works: map[placement.WorkloadID]*placement.Workload{}, links: map[topology.LinkID]int64{},
		}
		for _, w := range x.o.works {
			x.works[w.ID] = w
		}
		for _, l := range b.spec.Links {
			x.links[l.ID] = l.Bandwidth
		}
		least := x.least()
		judged++
		assert.LessOrEqual(t, plan.Bound, least, "seed %d: %s", seed, plan.Witness)
		assert.GreaterOrEqual(t, plan.Makespan, least, "seed %d", seed)
		if plan.Makespan == least {
			optimal++
		}
		if plan.Bound == least {
			tight++
		}
	}
	t.Logf("%d judged, %d plans and %d bounds are equal to the best timetable", judged, optimal, tight)
	assert.Greater(t, judged, 800)
}
