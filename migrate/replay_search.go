package migrate

import (
	"encoding/binary"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// replaySearch goes through the orders in which few moves can start, each as early as those before it allow but not before
// them. One of the shortest timetables is among these: drawing a move forward, without passing another start, takes
// nothing from those after it. Only room at sites and lanes are looked at, and that a workload's moves follow each other; what
// else a plan has to keep can only take longer.
type replaySearch struct {
	*replayBound
	limit  topology.Micros
	steps  int
	lanes  []Lane
	amount [][]int64 // per move and lane
	most   []int64   // per lane
	used   []bool
	ends   []topology.Micros
	known  map[string]topology.Micros // what could not be finished, and from which instant on
}

// Up to so many moves, and in so many looks at a move, a search is judged.
const (
	replaySearchMoves = 12
	replaySearchSteps = 1 << 23
)

// judgeSearch makes sure that no timetable of the plan's moves ends before the bound.
func (b *replayBound) judgeSearch(c *Certificate) {
	n := len(b.plan.Moves)
	running := false
	for i := range b.plan.Moves {
		running = running || b.left(i) > 0
	}
	if n > replaySearchMoves || len(c.Moves) != n || running || c.Head != 0 || c.Tail != 0 {
		b.note(0, "certificate: a search through %d of %d moves cannot be checked", len(c.Moves), n)
		return
	}
	x := &replaySearch{
		replayBound: b, limit: b.plan.Bound - 1, steps: replaySearchSteps, used: make([]bool, n),
		ends: make([]topology.Micros, n), known: make(map[string]topology.Micros),
	}
	x.gather()
	switch shorter := x.finish(0, n); {
	case x.steps <= 0:
		b.note(0, "certificate: the search takes too long to check")
	case shorter:
		b.note(0, "certificate: there is a timetable that ends before %d us", b.plan.Bound)
	}
}

// gather lists the lanes that the moves use.
func (x *replaySearch) gather() {
	var all []Lane
	for i := range x.plan.Moves {
		m := &x.plan.Moves[i]
		for _, hop := range m.Route.Hops {
			all = append(all, Lane{"link", string(hop.Link), hop.From}, Lane{Kind: "linkMoves", Name: string(hop.Link)})
		}
		all = append(all, Lane{Kind: "siteOut", Name: string(m.From)}, Lane{Kind: "siteIn", Name: string(m.To)}, Lane{Kind: "moves"},
			Lane{Kind: "providerOut", Name: string(x.fromSite[i].Provider)}, Lane{Kind: "providerIn", Name: string(x.toSite[i].Provider)})
	}
	x.amount = make([][]int64, len(x.plan.Moves))
	for _, lane := range all {
		if slices.Contains(x.lanes, lane) {
			continue
		}
		x.lanes = append(x.lanes, lane)
		most := int64(0)
		for i := range x.plan.Moves {
			amount, of := x.share(&lane, i)
			x.amount[i] = append(x.amount[i], amount)
			most = max(most, of)
		}
		x.most = append(x.most, most)
	}
}

// finish says whether the moves that are left can all end by the limit, none starting before now.
func (x *replaySearch) finish(now topology.Micros, left int) bool {
	if left == 0 {
		return true
	}
	if x.full(now) {
		return false
	}
	key := x.situation(now)
	if at, ok := x.known[key]; ok && at <= now {
		return false
	}
	starts := make([]topology.Micros, len(x.used))
	for i := range x.used {
		if x.used[i] {
			continue
		}
		if k := x.near[0][i]; k >= 0 && !x.used[k] {
			starts[i] = -1
			continue
		}
		starts[i] = x.earliest(i, now)
		if now+x.lasts(i) > x.limit {
			x.known[key] = now
			return false
		}
		if starts[i]+x.lasts(i) > x.limit { // unless others make room for it before
			starts[i] = -1
		}
	}
	for i, at := range starts {
		if x.used[i] || at < 0 {
			continue
		}
		x.used[i], x.ends[i] = true, at+x.lasts(i)
		done := x.finish(at, left-1)
		x.used[i] = false
		if done || x.steps <= 0 {
			return done
		}
	}
	x.known[key] = now
	return false
}

// earliest returns when a move can start, given those that have: now or at the end of one of them; -1 for never.
func (x *replaySearch) earliest(i int, now topology.Micros) topology.Micros {
	if k := x.near[0][i]; k >= 0 {
		now = max(now, x.ends[k])
	}
	best := topology.Micros(-1)
	if x.fits(i, now) {
		return now
	}
	for k, end := range x.ends {
		if x.used[k] && end > now && (best < 0 || end < best) && x.fits(i, end) {
			best = end
		}
	}
	return best
}

// fits says whether there are lanes and room for a move at an instant before which all others have started.
func (x *replaySearch) fits(i int, at topology.Micros) bool {
	x.steps--
	for lane, most := range x.most {
		sum := x.amount[i][lane]
		if sum == 0 {
			continue
		}
		for k, end := range x.ends {
			if x.used[k] && end > at {
				sum += x.amount[k][lane]
			}
		}
		if sum > most {
			return false
		}
	}
	site := x.plan.Moves[i].To
	s, _ := x.problem.Continuum.Site(site)
	for dim, need := range x.byMove[i].Demand {
		held := x.replayBound.used[0][replayRoom{site, dim}] + need
		for k, end := range x.ends {
			if !x.used[k] {
				continue
			}
			if m := &x.plan.Moves[k]; m.To == site {
				held += x.byMove[k].Demand[dim]
			} else if m.From == site && end <= at {
				held -= x.byMove[k].Demand[dim]
			}
		}
		if need > 0 && held > s.Capacity[dim] {
			return false
		}
	}
	return true
}

// full says whether moves that cannot go beside each other fill a lane beyond the limit.
func (x *replaySearch) full(now topology.Micros) bool {
	for lane, most := range x.most {
		sum := now
		for i := range x.used {
			if x.amount[i][lane] <= most/2 {
				continue
			}
			if !x.used[i] {
				sum += x.lasts(i)
			} else if x.ends[i] > now {
				sum += x.ends[i] - now
			}
		}
		if sum > x.limit {
			return true
		}
	}
	return false
}

// situation is who has started and how much longer they run.
func (x *replaySearch) situation(now topology.Micros) string {
	key := make([]byte, 0, 9*len(x.used))
	for i, used := range x.used {
		if used {
			key = binary.LittleEndian.AppendUint64(append(key, byte(i)), uint64(max(0, x.ends[i]-now)))
		}
	}
	return string(key)
}
