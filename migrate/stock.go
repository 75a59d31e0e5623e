package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/placement"
)

// use is an amount of one stock.
type use struct {
	stock  int32
	amount int64
}

// stocks is all that workloads hold while they are somewhere and that moves can block each other with: each dimension of
// each site, and each domain value of each conflict, of which AtMost may be held. Rates and concurrency caps are no
// stocks: they pass, so nothing can deadlock on them.
type stocks struct {
	world     *world
	free      []int64 // at the start; negative where more is held than there is
	conflicts []conflict
	of        map[int32][]int32 // conflicts of a workload
}

// conflict is one Conflict constraint; value v of its domain is stock base+v.
type conflict struct {
	app    *placement.Application
	rule   placement.Conflict
	values []int32 // per site
	base   int32
}

func newStocks(w *world, d *domains) *stocks {
	s := &stocks{world: w, of: make(map[int32][]int32)}
	for _, site := range w.sites {
		for _, dim := range w.dims {
			s.free = append(s.free, site.Capacity[dim])
		}
	}
	for i := range w.problem.Applications {
		app := &w.problem.Applications[i]
		for _, c := range app.Constraints {
			if rule, ok := c.(placement.Conflict); ok {
				s.addConflict(app, rule, d.of(rule.Over))
			}
		}
	}
	for work, site := range w.from {
		if site == nowhere {
			continue
		}
		for _, u := range s.held(int32(work), site) {
			s.free[u.stock] -= u.amount
		}
	}
	return s
}

func (s *stocks) addConflict(app *placement.Application, rule placement.Conflict, values []int32) {
	c := conflict{app: app, rule: rule, values: values, base: int32(len(s.free))}
	most := int32(-1)
	for _, v := range values {
		most = max(most, v)
	}
	for range most + 1 {
		s.free = append(s.free, int64(rule.AtMost))
	}
	for _, work := range s.world.members(app, rule.Components) {
		s.of[work] = append(s.of[work], int32(len(s.conflicts)))
	}
	s.conflicts = append(s.conflicts, c)
}

// held returns what a workload holds at a site.
func (s *stocks) held(work, site int32) []use {
	var out []use
	n := int32(len(s.world.dims))
	for d, amount := range s.world.demandOf(work) {
		if amount > 0 {
			out = append(out, use{site*n + int32(d), amount})
		}
	}
	for _, c := range s.of[work] {
		out = append(out, use{s.conflicts[c].base + s.conflicts[c].values[site], 1})
	}
	return out
}

// fill sets what a hop takes and gives. A stock of both ends, such as a place in a country that it does not leave, is
// neither taken nor given: the workload counts once.
func (s *stocks) fill(h *hop) {
	h.takes, h.gives = s.held(h.work, h.to), s.held(h.work, h.from)
	for i := 0; i < len(h.takes); i++ {
		for k := range h.gives {
			if h.takes[i].stock == h.gives[k].stock {
				h.takes = append(h.takes[:i], h.takes[i+1:]...)
				h.gives = append(h.gives[:k], h.gives[k+1:]...)
				i--
				break
			}
		}
	}
}

// isRoom says whether a stock is room at a site (and not a place in a conflict's domain).
func (s *stocks) isRoom(stock int32) bool {
	return int(stock) < len(s.world.sites)*len(s.world.dims)
}

// name describes a stock for people.
func (s *stocks) name(stock int32) string {
	if s.isRoom(stock) {
		n := int32(len(s.world.dims))
		return fmt.Sprintf("%s at %s", s.world.dims[stock%n], s.world.sites[stock/n].ID)
	}
	for i := len(s.conflicts) - 1; i >= 0; i-- {
		if c := &s.conflicts[i]; stock >= c.base {
			return fmt.Sprintf("the place of %v of %s in one %s (at most %d)", c.rule.Components, c.app.Name, c.rule.Over, c.rule.AtMost)
		}
	}
	return ""
}
