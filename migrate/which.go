package migrate

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Which picks moves, and workloads by their moves. Every list that is not empty has to match, and matches where one of its
// entries does; nothing given: all. Sites, providers and countries are those of either end of a move; of a workload,
// those where it starts and is to end.
type Which struct {
	Sites     []topology.SiteID
	Providers []topology.ProviderID
	Countries []topology.Jurisdiction
	Links     []topology.LinkID // on the route; only for calendars

	Applications []string
	Components   []string
	Workloads    []placement.WorkloadID
	Attributes   map[string]string // all of them, as they are printed
}

// judge names what is in none of the problem's lists: a name that matches nothing is a slip, and would open a window or
// lift a blackout silently.
func (s *Which) judge(w *world, links bool, defect func(format string, args ...any)) {
	p := w.problem
	for _, id := range s.Sites {
		if _, ok := w.siteIndex[id]; !ok {
			defect("there is no site %q", id)
		}
	}
	for _, id := range s.Providers {
		if !slices.ContainsFunc(w.sites, func(x *topology.Site) bool { return x.Provider == id }) {
			defect("there is no site of provider %q", id)
		}
	}
	for _, id := range s.Countries {
		if !slices.ContainsFunc(w.sites, func(x *topology.Site) bool { return x.Country == id }) {
			defect("there is no site in %q", id)
		}
	}
	for _, id := range s.Links {
		if _, ok := p.Continuum.Link(id); !ok {
			defect("there is no link %q", id)
		}
	}
	if len(s.Links) > 0 && !links {
		defect("links are for calendars: a workload has none before its route is chosen")
	}
	for _, name := range s.Applications {
		if !slices.ContainsFunc(p.Applications, func(a placement.Application) bool { return a.Name == name }) {
			defect("there is no application %q", name)
		}
	}
	for _, name := range s.Components {
		if !slices.ContainsFunc(w.works, func(x *placement.Workload) bool { return x.Component == name }) {
			defect("there is no component %q", name)
		}
	}
	for _, id := range s.Workloads {
		if _, ok := w.workIndex[id]; !ok {
			defect("there is no workload %q", id)
		}
	}
	for _, key := range sortedKeys(s.Attributes) {
		if !slices.ContainsFunc(w.works, func(x *placement.Workload) bool { _, ok := x.Attributes[key]; return ok }) {
			defect("no workload has the attribute %q", key)
		}
	}
}

// Picks says whether a workload matches by itself and by the sites where it starts and is to end. Links do not count.
func (s *Which) Picks(x *placement.Workload, ends ...*topology.Site) bool {
	return s.workload(x) && s.ends(ends...)
}

// workload says whether a workload matches, whatever its ends.
func (s *Which) workload(x *placement.Workload) bool {
	for key, value := range s.Attributes {
		if have, ok := x.Attributes[key]; !ok || fmt.Sprint(have) != value {
			return false
		}
	}
	return has(s.Applications, x.Application) && has(s.Components, x.Component) && has(s.Workloads, x.ID)
}

// ends says whether one of some sites matches.
func (s *Which) ends(sites ...*topology.Site) bool {
	return meets(s.Sites, sites, func(x *topology.Site) topology.SiteID { return x.ID }) &&
		meets(s.Providers, sites, func(x *topology.Site) topology.ProviderID { return x.Provider }) &&
		meets(s.Countries, sites, func(x *topology.Site) topology.Jurisdiction { return x.Country })
}

// hop says whether a move matches.
func (s *Which) hop(w *world, h *hop) bool {
	if !s.Picks(w.works[h.work], w.sites[h.from], w.sites[h.to]) {
		return false
	}
	if len(s.Links) == 0 {
		return true
	}
	for _, step := range h.route.Hops {
		if slices.Contains(s.Links, step.Link) {
			return true
		}
	}
	return false
}

// work says whether a workload matches by itself and by where it starts or is to end.
func (s *Which) work(w *world, work int32) bool {
	var at []*topology.Site
	for _, site := range []int32{w.from[work], w.to[work]} {
		if site != nowhere {
			at = append(at, w.sites[site])
		}
	}
	return s.Picks(w.works[work], at...)
}

// has says whether a list is empty or holds a value.
func has[T comparable](list []T, x T) bool { return len(list) == 0 || slices.Contains(list, x) }

// meets says whether a list is empty or holds what one of some sites has.
func meets[T comparable](list []T, sites []*topology.Site, of func(*topology.Site) T) bool {
	return len(list) == 0 || slices.ContainsFunc(sites, func(x *topology.Site) bool { return slices.Contains(list, of(x)) })
}
