package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// replayPicks says whether a selector matches a workload with some sites as its ends, over some links.
func (r *replay) replayPicks(s *Which, w *placement.Workload, ends []topology.SiteID, links map[topology.LinkID]bool) bool {
	for key, want := range s.Attributes {
		have, there := w.Attributes[key]
		if !there || fmt.Sprintf("%v", have) != want {
			return false
		}
	}
	var sites []*topology.Site
	for _, id := range ends {
		if site, ok := r.problem.Continuum.Site(id); ok {
			sites = append(sites, site)
		}
	}
	any := func(n int, matches func(k int) bool) bool {
		for k := range n {
			if matches(k) {
				return true
			}
		}
		return n == 0
	}
	at := func(matches func(site *topology.Site) bool) bool {
		for _, site := range sites {
			if matches(site) {
				return true
			}
		}
		return false
	}
	return any(len(s.Applications), func(k int) bool { return s.Applications[k] == w.Application }) &&
		any(len(s.Components), func(k int) bool { return s.Components[k] == w.Component }) &&
		any(len(s.Workloads), func(k int) bool { return s.Workloads[k] == w.ID }) &&
		any(len(s.Links), func(k int) bool { return links[s.Links[k]] }) &&
		any(len(s.Sites), func(k int) bool { return at(func(x *topology.Site) bool { return x.ID == s.Sites[k] }) }) &&
		any(len(s.Providers), func(k int) bool { return at(func(x *topology.Site) bool { return x.Provider == s.Providers[k] }) }) &&
		any(len(s.Countries), func(k int) bool { return at(func(x *topology.Site) bool { return x.Country == s.Countries[k] }) })
}

// picksWork says whether a selector matches a workload by where it starts and is to end.
func (r *replay) picksWork(s *Which, id placement.WorkloadID) bool {
	var ends []topology.SiteID
	for _, a := range []placement.Assignment{r.from, r.to} {
		if site, ok := a[id]; ok {
			ends = append(ends, site)
		}
	}
	return r.replayPicks(s, r.works[id], ends, nil)
}

// picksMove says whether a selector matches a move.
func (r *replay) picksMove(s *Which, i int) bool {
	m := &r.plan.Moves[i]
	links := make(map[topology.LinkID]bool)
	for _, hop := range m.Route.Hops {
		links[hop.Link] = true
	}
	return r.replayPicks(s, r.byMove[i], []topology.SiteID{m.From, m.To}, links)
}
