package placement

import (
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// checkLegs is which promises rest on which links and sites, as things stand.
type checkLegs struct {
	legs  []*checkLeg
	links map[topology.LinkID][]int // legs that cross a link
	ends  map[topology.NodeID][]int // legs that start or end at a node
}

// checkLeg is the way between two nodes under a transit, with everything that takes it. Within one site it is no way at
// all, but still has an end that can fail.
type checkLeg struct {
	pairs []checkPair
	paths []int // indices of checker.paths
}

type checkPair struct {
	flow     int
	from, to *checkItem // from is nil: an access point
}

// newLegs traces all flows and all hops of paths between placed workloads.
func (c *checker) newLegs() (*checkLegs, error) {
	l := &checkLegs{links: map[topology.LinkID][]int{}, ends: map[topology.NodeID][]int{}}
	known := map[checkLegKey]int{}
	leg := func(origin, to topology.NodeID, class DataClass) (*checkLeg, error) {
		t, err := c.transit(class)
		if err != nil {
			return nil, err
		}
		key := checkLegKey{origin, to, t}
		i, ok := known[key]
		if !ok {
			i = l.add(c, key)
			known[key] = i
		}
		return l.legs[i], nil
	}
	for i, f := range c.flows {
		for from, to := range f.pairs {
			of, err := leg(f.origin(from), to.site.ID.Node(), f.data(to))
			if err != nil {
				return nil, err
			}
			of.pairs = append(of.pairs, checkPair{i, from, to})
		}
	}
	for i, p := range c.paths {
		for origin, to := range p.hops {
			class := p.data[to.stage]
			if class == "" {
				class = to.item.w.Data
			}
			of, err := leg(origin, to.item.site.ID.Node(), class)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(of.paths, i) {
				of.paths = append(of.paths, i)
			}
		}
	}
	return l, nil
}

type checkLegKey struct {
	origin, to topology.NodeID
	transit    latency.Transit
}

// add traces a leg.
func (l *checkLegs) add(c *checker, key checkLegKey) int {
	i := len(l.legs)
	l.legs = append(l.legs, &checkLeg{})
	l.ends[key.to] = append(l.ends[key.to], i)
	if key.origin == key.to {
		return i
	}
	l.ends[key.origin] = append(l.ends[key.origin], i)
	for _, link := range c.row(key.origin, key.transit).Support(key.to) {
		l.links[link] = append(l.links[link], i)
	}
	return i
}

// checkStop is a placed replica of a component on a path.
type checkStop struct {
	item  *checkItem
	stage int
}

// hops yields each hop that a choice of placed replicas can take: where it starts and where it ends.
func (p *checkPath) hops(yield func(origin topology.NodeID, to checkStop) bool) {
	for k, items := range p.stages {
		var origins []topology.NodeID
		switch {
		case k > 0:
			for _, it := range placedOf(p.stages[k-1]) {
				origins = append(origins, it.site.ID.Node())
			}
		case p.FromAccess != "":
			origins = append(origins, p.FromAccess.Node())
		}
		for _, origin := range origins {
			for _, it := range placedOf(items) {
				if !yield(origin, checkStop{it, k}) {
					return
				}
			}
		}
	}
}

// hit returns the legs that a failure touches, in order.
func (l *checkLegs) hit(f *checkFailure) []*checkLeg {
	var touched []int
	for _, link := range f.links {
		touched = append(touched, l.links[link]...)
	}
	for _, node := range f.nodes {
		touched = append(touched, l.ends[node]...)
	}
	slices.Sort(touched)
	touched = slices.Compact(touched)
	legs := make([]*checkLeg, len(touched))
	for k, i := range touched {
		legs[k] = l.legs[i]
	}
	return legs
}
