package migrate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// replayRoom is a dimension of a site, replayLane a direction of a link.
type replayRoom struct {
	site topology.SiteID
	dim  topology.Dimension
}
type replayLane struct {
	link topology.LinkID
	at   topology.NodeID
}

// replayState is what is held at one moment of an execution.
type replayState struct {
	*replay
	label   string
	used    map[replayRoom]int64
	most    map[replayRoom]int64 // the capacity, or what was used at the start
	rates   map[replayLane]int64
	in, out map[topology.SiteID]int
	groups  []*replayGroup
	caps    replayCaps
}

// sweep goes through all starts and ends of an execution and judges every state.
func (r *replay) sweep(spans []replaySpan, label string) {
	s := &replayState{
		replay: r, label: label,
		used: make(map[replayRoom]int64), most: make(map[replayRoom]int64), rates: make(map[replayLane]int64),
		in: make(map[topology.SiteID]int), out: make(map[topology.SiteID]int), groups: r.newGroups(), caps: newReplayCaps(),
	}
	for id, site := range r.from {
		for dim, amount := range r.works[id].Demand {
			s.used[replayRoom{site, dim}] += amount
		}
	}
	maps.Copy(s.most, s.used)
	order := make([]int, 0, 2*len(spans)) // 2i: end of i, 2i+1: its start
	for i := range spans {
		order = append(order, 2*i, 2*i+1)
	}
	when := func(e int) topology.Micros {
		if e%2 == 0 {
			return spans[e/2].end
		}
		return spans[e/2].start
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(when(a), when(b)), cmp.Compare(a%2, b%2), cmp.Compare(a, b))
	})
	for k, e := range order {
		if e%2 == 1 {
			s.begin(when(e), e/2)
			continue
		}
		s.finish(e / 2)
		if k+1 == len(order) || when(order[k+1]) != when(e) || order[k+1]%2 == 1 {
			for _, g := range s.groups {
				g.judgeSpread(s, when(e), e/2)
			}
		}
	}
}

// begin books what a move takes and judges the state that it makes.
func (s *replayState) begin(now topology.Micros, i int) {
	if s.left(i) > 0 {
		s.resume(i)
		return
	}
	m, w := &s.plan.Moves[i], s.byMove[i]
	for _, dim := range slices.Sorted(maps.Keys(w.Demand)) {
		amount := w.Demand[dim]
		room := replayRoom{m.To, dim}
		s.used[room] += amount
		if limit := max(s.toSite[i].Capacity[dim], s.most[room]); amount > 0 && s.used[room] > limit {
			s.faults = append(s.faults, Fault{
				At: now, Move: m.ID, Message: s.label + "overfills " + string(m.To) + " in " + string(dim),
				Violation: &placement.Violation{
					Kind: placement.ByCapacity, Workloads: []placement.WorkloadID{w.ID}, Site: m.To,
					Message: "overfull during the plan", Have: s.used[room], Want: limit, Unit: string(dim),
				},
			})
		}
	}
	if s.in[m.To]++; s.in[m.To] > s.siteMoves {
		s.blame(now, i, "%s%d moves enter %s at once", s.label, s.in[m.To], m.To)
	}
	if s.out[m.From]++; s.out[m.From] > s.siteMoves {
		s.blame(now, i, "%s%d moves leave %s at once", s.label, s.out[m.From], m.From)
	}
	for _, hop := range m.Route.Hops {
		lane := replayLane{hop.Link, hop.From}
		s.rates[lane] += m.Rate
		if link, ok := s.problem.Continuum.Link(hop.Link); ok && m.Rate > 0 && s.rates[lane] > link.Bandwidth {
			s.blame(now, i, "%s%d bit/s on %s from %s, which carries %d", s.label, s.rates[lane], hop.Link, hop.From, link.Bandwidth)
		}
	}
	s.caps.count(s.replay, i, 1)
	s.caps.judge(s, now, i)
	for _, g := range s.groups {
		g.enter(s, now, i)
	}
}

// resume books what a move takes that runs when the plan starts. Nobody can help what that breaks; it may only not get
// worse.
func (s *replayState) resume(i int) {
	m := &s.plan.Moves[i]
	for dim, amount := range s.byMove[i].Demand {
		room := replayRoom{m.To, dim}
		s.used[room] += amount
		s.most[room] = max(s.most[room], s.used[room])
	}
	s.in[m.To]++
	s.out[m.From]++
	for _, hop := range m.Route.Hops {
		s.rates[replayLane{hop.Link, hop.From}] += m.Rate
	}
	s.caps.count(s.replay, i, 1)
	for _, g := range s.groups {
		if g.members[m.Workload] && g.atMost > 0 {
			value := replayValue(s.toSite[i], g.over)
			g.hold(value, m.Workload)
			g.start[value] = max(g.start[value], len(g.held[value]))
		}
	}
}

// finish books what a move gives back.
func (s *replayState) finish(i int) {
	m, w := &s.plan.Moves[i], s.byMove[i]
	for dim, amount := range w.Demand {
		s.used[replayRoom{m.From, dim}] -= amount
	}
	s.in[m.To]--
	s.out[m.From]--
	for _, hop := range m.Route.Hops {
		s.rates[replayLane{hop.Link, hop.From}] -= m.Rate
	}
	s.caps.count(s.replay, i, -1)
	for _, g := range s.groups {
		g.leave(s, i)
	}
}
