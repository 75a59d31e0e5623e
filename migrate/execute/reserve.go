package execute

import (
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// reserved returns the problem less what workloads in doubt may hold: room on the sites where they were, where they were to
// be and where they were found, and, where the move itself may still be under way, the rate on its route.
func (e *Execution) reserved() (*placement.Problem, error) {
	if len(e.doubts) == 0 {
		return e.problem, nil
	}
	rooms, rates := e.inDoubt()
	var put topology.Spec
	for _, id := range slices.Sorted(maps.Keys(rooms)) {
		if site, ok := e.problem.Continuum.Site(id); ok {
			less := *site
			less.Capacity = maps.Clone(site.Capacity)
			for dim, amount := range rooms[id] {
				less.Capacity[dim] = max(0, less.Capacity[dim]-amount)
			}
			put.Sites = append(put.Sites, less)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rates)) {
		if link, ok := e.problem.Continuum.Link(id); ok {
			less := *link
			less.Bandwidth = max(0, less.Bandwidth-rates[id])
			put.Links = append(put.Links, less)
		}
	}
	c, err := e.problem.Continuum.Update(topology.Changes{Put: put})
	if err != nil {
		return nil, err
	}
	out := *e.problem
	out.Continuum = c
	if out.Latency != nil && len(put.Links) > 0 {
		if out.Latency, err = out.Latency.Follow(c); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// inDoubt adds up what workloads in doubt may hold. Their demands have passed migrate.Order, so no sum overflows.
func (e *Execution) inDoubt() (map[topology.SiteID]topology.Resources, map[topology.LinkID]int64) {
	rooms, rates := make(map[topology.SiteID]topology.Resources), make(map[topology.LinkID]int64)
	for _, w := range slices.Sorted(maps.Keys(e.doubts)) {
		m, demand := &e.attempts[e.newest[w]-1].move, e.demand(w)
		sites := append([]topology.SiteID{m.From, m.To}, e.doubts[w].Sites...)
		slices.Sort(sites)
		for _, s := range slices.Compact(sites) {
			if rooms[s] == nil {
				rooms[s] = make(topology.Resources)
			}
			for dim, amount := range demand {
				rooms[s][dim] += amount
			}
		}
		if e.doubts[w].Unknown {
			for _, hop := range m.Route.Hops {
				rates[hop.Link] = min(rates[hop.Link]+m.Rate, 1<<60)
			}
		}
	}
	return rooms, rates
}

func (e *Execution) demand(w placement.WorkloadID) topology.Resources {
	for i := range e.problem.Applications {
		for k := range e.problem.Applications[i].Workloads {
			if work := &e.problem.Applications[i].Workloads[k]; work.ID == w {
				return work.Demand
			}
		}
	}
	return nil
}
