package placement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// checkValue is a value of a domain. Labels and sites are told apart: a site without the label is a value of its own.
type checkValue struct {
	isLabel bool
	name    string
}

// valueOf returns the value of a domain that a site has.
func (d Domain) valueOf(s *topology.Site) checkValue {
	switch d {
	case "site":
		return checkValue{name: string(s.ID)}
	case "provider":
		return checkValue{name: string(s.Provider)}
	case "country":
		return checkValue{name: string(s.Country)}
	case "tier":
		return checkValue{name: s.Tier.String()}
	}
	if value, ok := s.Labels[strings.TrimPrefix(string(d), "label:")]; ok {
		return checkValue{true, value}
	}
	return checkValue{name: string(s.ID)}
}

// text writes a value of the domain: "country DE", "zone a", "site x (without the label zone)".
func (d Domain) text(v checkValue) string {
	key, isLabel := strings.CutPrefix(string(d), "label:")
	switch {
	case isLabel && v.isLabel:
		return key + " " + v.name
	case isLabel:
		return fmt.Sprintf("site %s (without the label %s)", v.name, key)
	}
	return string(d) + " " + v.name
}

// count writes a number of values of the domain: "1 provider", "2 countries".
func (d Domain) count(n int) string {
	if d == "country" {
		return countText(n, "country", "countries")
	}
	if key, ok := strings.CutPrefix(string(d), "label:"); ok {
		return countText(n, "value of "+key, "values of "+key)
	}
	return countText(n, string(d), string(d)+"s")
}

// checkGroup is the placed workloads on one value of a domain.
type checkGroup struct {
	value checkValue
	items []*checkItem
}

// groupBy groups placed workloads by the value of a domain, in order of the values.
func groupBy(items []*checkItem, d Domain) []checkGroup {
	index := make(map[checkValue]int)
	var groups []checkGroup
	for _, it := range placedOf(items) {
		value := d.valueOf(it.site)
		i, ok := index[value]
		if !ok {
			i = len(groups)
			index[value] = i
			groups = append(groups, checkGroup{value: value})
		}
		groups[i].items = append(groups[i].items, it)
	}
	slices.SortFunc(groups, func(a, b checkGroup) int {
		return cmp.Or(strings.Compare(a.value.name, b.value.name), cmp.Compare(len(a.items), len(b.items)))
	})
	return groups
}

// groupsText lists the values of groups, the first few of many.
func groupsText(groups []checkGroup) string {
	const most = 5
	var names []string
	for _, g := range groups[:min(most, len(groups))] {
		names = append(names, g.value.name)
	}
	if len(groups) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), len(groups)-most)
	}
	return andText(names)
}
