package placement

import (
	"cmp"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkSending is what one GB at least costs from each site, whichever way it takes: to another site, and
// to one of another provider, the egress price of the site included.
type checkSending struct {
	provider      []int32 // by site
	leaving, away []int64
	highest       int64 // of both
}

// nearestNodes is among how many of the nodes that are cheapest to reach from a site others are looked for. Those further
// away cost at least as much as the last of them.
const nearestNodes = 64

type checkRoad struct {
	to     topology.NodeID
	egress int64
}

// sending finds what the ways from all sites at least cost. Where there are sites without a route between them, ways that
// are only observed cost nothing.
func (r *checkReach) sending() *checkSending {
	w := &checkSending{provider: r.parts("provider").of, leaving: make([]int64, len(r.sites)), away: make([]int64, len(r.sites))}
	on := make(map[topology.NodeID]*topology.Site)
	for _, s := range r.sites {
		on[s.ID.Node()] = s
	}
	roads := make(map[topology.NodeID][]checkRoad)
	if r.routed() {
		for l := range r.graph.Continuum().Links() {
			egress := max(0, int64(l.Egress))
			roads[l.A] = append(roads[l.A], checkRoad{l.B, egress})
			roads[l.B] = append(roads[l.B], checkRoad{l.A, egress})
		}
	}
	for k, s := range r.sites {
		away := int64(0)
		w.leaving[k], away = nearestSites(s, roads, on)
		sum, ok := addExact(away, int64(s.Egress))
		if !ok {
			sum = int64(s.Egress)
		}
		w.away[k] = sum
		w.leaving[k] = min(w.leaving[k], sum)
		w.highest = max(w.highest, w.leaving[k], w.away[k])
	}
	return w
}

// routed says whether there is a route between all sites.
func (r *checkReach) routed() bool {
	for k, s := range r.sites {
		if k == 0 {
			continue
		}
		from, to := r.sites[0].ID.Node(), s.ID.Node()
		leg, ok := r.row(from, latency.Transit{}).Leg(to)
		if ok && (leg.Observed || leg.Estimated) {
			_, ok = r.graph.Route(from, to, latency.Transit{})
		}
		if !ok {
			return false
		}
	}
	return true
}

// nearestSites returns the least egress to another site of the provider and to one of another provider, or less.
func nearestSites(s *topology.Site, roads map[topology.NodeID][]checkRoad, on map[topology.NodeID]*topology.Site) (own, other int64) {
	own, other = -1, -1
	done := make(map[topology.NodeID]bool)
	open := []checkRoad{{s.ID.Node(), 0}} // cheapest last
	last := int64(0)
	for len(open) > 0 && len(done) < nearestNodes && (own < 0 || other < 0) {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if done[at.to] {
			continue
		}
		done[at.to], last = true, at.egress
		if there := on[at.to]; there != nil && there.ID != s.ID {
			if there.Provider == s.Provider && own < 0 {
				own = last
			}
			if there.Provider != s.Provider && other < 0 {
				other = last
			}
		}
		for _, road := range roads[at.to] {
			if done[road.to] || road.egress > math.MaxInt64-last {
				continue
			}
			next := checkRoad{road.to, last + road.egress}
			k, _ := slices.BinarySearchFunc(open, next, func(a, b checkRoad) int { return cmp.Compare(b.egress, a.egress) })
			open = slices.Insert(open, k, next)
		}
	}
	if len(done) < nearestNodes {
		last = 0 // nothing is left to reach
	}
	if own < 0 {
		own = last
	}
	if other < 0 {
		other = last
	}
	return own, other
}
