package placement

import (
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// roomDuring returns what a site has left of a transient dimension while workloads move: beside all that runs there now.
func (c *checker) roomDuring(s *topology.Site, dim topology.Dimension) int64 {
	return max(0, s.Capacity[dim]-c.home[s.ID][dim])
}

// crowded returns the sites that could hold the assignment, but not the moves to it: one violation for each transient
// dimension.
func (c *checker) crowded() []checkBreach {
	var found []checkBreach
	var on map[topology.SiteID][]*checkItem
	for _, id := range slices.Sorted(maps.Keys(c.coming)) {
		s, _ := c.p.Continuum.Site(id)
		for _, dim := range c.p.Transient {
			coming, room := c.coming[id][dim], c.roomDuring(s, dim)
			if coming <= room || c.use[id][dim] > s.Capacity[dim] { // the latter is told as such
				continue
			}
			if on == nil {
				on = c.bySite()
			}
			comes, left := comparedText(coming, room, dimensionUnit(dim))
			v := Violation{
				Kind: ByCapacity, Site: id, Have: coming, Want: room, Unit: unitName(dim),
				Message: fmt.Sprintf("takes in %s during the move, %s free beside what runs there now", dimensionText(comes, dim), bareText(left)),
			}
			for _, it := range on[id] {
				if it.comesTo(s) && it.w.Demand[dim] > 0 {
					v.Workloads = append(v.Workloads, it.w.ID)
				}
			}
			found = append(found, checkBreach{Violation: v, key: fmt.Sprintf("during %q %q", id, dim), excess: v.Have - v.Want})
		}
	}
	return found
}

// lackDuring returns the transient dimensions of a site that could not take a workload, beside what else comes, while it
// moves; those that it could not hold after the move are left to lackOf.
func (c *checker) lackDuring(it *checkItem, s *topology.Site) []Violation {
	if len(c.p.Transient) == 0 || !it.comesTo(s) {
		return nil
	}
	var found []Violation
	use := c.usedByOthers(it, s)
	for _, dim := range c.p.Transient {
		demand, others, room := it.w.Demand[dim], c.coming[s.ID][dim], c.roomDuring(s, dim)
		if it.site != nil && it.site.ID == s.ID {
			others -= demand
		}
		if demand == 0 || demand <= room-others || demand > s.Capacity[dim]-use[dim] {
			continue
		}
		unit := dimensionUnit(dim)
		needs, left := comparedText(demand, max(room-others, 0), unit)
		v := refusal(it, s, ByCapacity, fmt.Sprintf("needs %s during the move, %s free of %s beside what runs there now and what else comes",
			dimensionText(needs, dim), bareText(left), bareText(quantity.Human(s.Capacity[dim], unit))))
		v.Have, v.Want, v.Unit = others+demand, room, unitName(dim)
		found = append(found, v)
	}
	return found
}

// bySite lists the placed workloads of each site in order of ID.
func (c *checker) bySite() map[topology.SiteID][]*checkItem {
	on := make(map[topology.SiteID][]*checkItem)
	for _, it := range c.items {
		if it.site != nil {
			on[it.site.ID] = append(on[it.site.ID], it)
		}
	}
	return on
}
