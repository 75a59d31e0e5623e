package migrate

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// limit is a time below which no plan can make a set of hops: one of them at least has to wait for head before, to use a
// lane, or for tail after it.
type limit struct {
	time       topology.Micros
	lane       int32 // -1: a single hop
	hops       []int32
	head, tail topology.Micros
}

// lowerBound returns the greatest limit that it finds, on the ways of single hops and on the loads of lanes, and the heads
// and tails that it rests on.
func (s *scheduler) lowerBound(ready []topology.Micros) (limit, [2][]topology.Micros) {
	heads := s.heads(ready)
	tails := s.reversed().heads(nil)
	slices.Reverse(tails)
	best := limit{lane: -1}
	jobs := make([][]job, len(s.net.lanes))
	for i, h := range s.hops {
		if h.left > 0 {
			heads[i] = 0
		}
		if time := heads[i] + h.rest() + tails[i]; time > best.time {
			best = limit{time, -1, []int32{int32(i)}, heads[i], tails[i]}
		}
		for _, u := range s.net.needs[i] {
			jobs[u.stock] = append(jobs[u.stock], job{int32(i), heads[i], tails[i], h.rest(), u.amount})
		}
	}
	for lane, list := range jobs {
		if int(s.net.lanes[lane].kind) >= len(laneKinds) {
			continue // a certificate cannot speak of it
		}
		if l := laneLimit(list, s.net.capacity[lane]); l.time > best.time {
			l.lane = int32(lane)
			best = l
		}
	}
	return best, [2][]topology.Micros{heads, tails}
}

// job is a hop on a lane.
type job struct {
	hop              int32
	head, tail, time topology.Micros
	amount           int64
}

// mostThresholds is up to how many jobs of one lane all pairs of a head and a tail are tried.
const mostThresholds = 400

// laneLimit returns the greatest sum of the least head, the time to carry and the least tail of a set of jobs: the bound
// of one machine (Carlier, "The one-machine sequencing problem", EJOR 1982). Jobs of which no two fit at once add up, all
// others by what they use. O(n^2) for up to 400 jobs, then O(n log n) with one tail.
func laneLimit(jobs []job, capacity int64) limit {
	slices.SortFunc(jobs, func(a, b job) int { return cmp.Or(cmp.Compare(b.head, a.head), cmp.Compare(a.hop, b.hop)) })
	var tails []topology.Micros
	for _, j := range jobs {
		tails = append(tails, j.tail)
	}
	slices.Sort(tails)
	tails = slices.Compact(tails)
	if len(jobs) > mostThresholds {
		tails = tails[:1]
	}
	best, from := limit{}, 0
	for _, tail := range tails {
		var all load
		alone := topology.Micros(0)
		for i, j := range jobs {
			if j.tail < tail {
				continue
			}
			all.add(j.amount, j.time)
			if j.amount > capacity/2 && alone < math.MaxInt64-j.time {
				alone += j.time
			}
			// A running move may hold more than there is, and a load may be longer than can be said; neither bounds anything.
			if time := max(alone, all.over(capacity)); time < math.MaxInt64/4 && j.head+time+tail > best.time {
				best, from = limit{time: j.head + time + tail, head: j.head, tail: tail}, i
			}
		}
	}
	for _, j := range jobs[:min(len(jobs), from+1)] {
		if j.tail >= best.tail {
			best.hops = append(best.hops, j.hop)
		}
	}
	return best
}

// witness says a limit in words.
func (s *scheduler) witness(l limit) string {
	if len(l.hops) == 0 {
		return "nothing moves"
	}
	w := s.stocks.world
	text := fmt.Sprintf("%s alone moves for %s", w.works[s.hops[l.hops[0]].work].ID, l.time-l.head-l.tail)
	if l.lane >= 0 {
		text = fmt.Sprintf("%s: %d moves fill it for %s", s.net.name(l.lane), len(l.hops), l.time-l.head-l.tail)
	}
	if l.head > 0 {
		text += fmt.Sprintf(", not before %s", l.head)
	}
	if l.tail > 0 {
		text += fmt.Sprintf(", with %s to go after it", l.tail)
	}
	return text
}

// busyTimes returns for each lane how long it takes at least to carry all that goes over it.
func busyTimes(n *network, hops []*hop) []topology.Micros {
	loads := make([]load, len(n.lanes))
	alone := make([]topology.Micros, len(n.lanes))
	for i, h := range hops {
		for _, u := range n.needs[i] {
			loads[u.stock].add(u.amount, h.rest())
			if u.amount > n.capacity[u.stock]/2 && alone[u.stock] < math.MaxInt64-h.rest() {
				alone[u.stock] += h.rest()
			}
		}
	}
	busy := make([]topology.Micros, len(n.lanes))
	for lane := range busy {
		busy[lane] = max(alone[lane], loads[lane].over(n.capacity[lane]))
	}
	return busy
}
