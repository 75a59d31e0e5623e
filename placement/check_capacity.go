package placement

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// overuse returns the sites whose capacity is exceeded, one violation for each dimension.
func (c *checker) overuse() []checkBreach {
	on := c.bySite()
	var found []checkBreach
	for _, id := range slices.Sorted(maps.Keys(on)) {
		s, use := on[id][0].site, c.use[id]
		for _, dim := range slices.Sorted(maps.Keys(use)) {
			capacity := s.Capacity[dim]
			if use[dim] <= capacity {
				continue
			}
			have, want := comparedText(use[dim], capacity, dimensionUnit(dim))
			v := Violation{
				Kind: ByCapacity, Site: id, Have: use[dim], Want: capacity, Unit: unitName(dim),
				Message: fmt.Sprintf("uses %s, capacity %s", dimensionText(have, dim), want),
			}
			for _, it := range on[id] {
				if it.w.Demand[dim] > 0 {
					v.Workloads = append(v.Workloads, it.w.ID)
				}
			}
			found = append(found, checkBreach{Violation: v, key: fmt.Sprintf("use %q %q", id, dim), excess: v.Have - v.Want})
		}
	}
	return found
}

// lackOf returns the dimensions of a site that could not take a workload beside the others that are there.
func (c *checker) lackOf(it *checkItem, s *topology.Site) []Violation {
	var found []Violation
	use := c.usedByOthers(it, s)
	for _, dim := range slices.Sorted(maps.Keys(it.w.Demand)) {
		demand, others := it.w.Demand[dim], use[dim]
		free := s.Capacity[dim] - others
		if demand == 0 || demand <= free {
			continue
		}
		unit := dimensionUnit(dim)
		needs, left := comparedText(demand, max(free, 0), unit)
		v := refusal(it, s, ByCapacity, fmt.Sprintf("needs %s, %s free of %s",
			dimensionText(needs, dim), bareText(left), bareText(quantity.Human(s.Capacity[dim], unit))))
		v.Have, v.Want, v.Unit = others+demand, s.Capacity[dim], unitName(dim)
		if s.Capacity[dim] == 0 {
			v.Message = fmt.Sprintf("needs %s, the site has none", dimensionText(needs, dim))
		}
		found = append(found, v)
	}
	return found
}

// usedByOthers returns the use of a site without one workload.
func (c *checker) usedByOthers(it *checkItem, s *topology.Site) topology.Resources {
	if it.site == nil || it.site.ID != s.ID {
		return c.use[s.ID]
	}
	use := maps.Clone(c.use[s.ID])
	for dim, amount := range it.w.Demand {
		use[dim] -= amount
	}
	return use
}

// dimensionUnit returns how amounts of a dimension are written.
func dimensionUnit(dim topology.Dimension) quantity.Unit {
	switch dim {
	case topology.CPU:
		return quantity.Cores
	case topology.Memory, topology.Disk:
		return quantity.Bytes
	}
	return quantity.Count
}

// dimensionText names the dimension behind an amount, unless its unit does: "64 cores", "16 GiB memory", "4 gpu".
func dimensionText(amount string, dim topology.Dimension) string {
	if dim == topology.CPU {
		return amount
	}
	return amount + " " + string(dim)
}

// bareText leaves out the unit of cores behind an amount that has them before it: "64 cores, 12 free of 128".
func bareText(amount string) string {
	return strings.TrimSuffix(strings.TrimSuffix(amount, "s"), " core")
}

// unitName names the base unit of a dimension.
func unitName(dim topology.Dimension) string {
	switch dim {
	case topology.CPU:
		return "mcpu"
	case topology.Memory, topology.Disk:
		return "bytes"
	}
	return string(dim)
}
