package placement

import (
	"math"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// setGroups turns the constraints over applications into groups of items.
func (c *compiled) setGroups() error {
	first := int32(0)
	for a := range c.p.Applications {
		app := &c.p.Applications[a]
		if len(app.Constraints) == 0 {
			first += int32(len(app.Workloads))
			continue
		}
		spans := spansOf(app, first)
		for _, constraint := range app.Constraints {
			if g, ok := c.group(constraint, spans.members); ok {
				c.out.Groups = append(c.out.Groups, g)
			}
		}
		first += int32(len(app.Workloads))
	}
	return nil
}

// group returns a constraint as a group, and whether it can refuse anything.
func (c *compiled) group(constraint Constraint, members func(components []string) []int32) (problem.Group, bool) {
	var g problem.Group
	switch k := constraint.(type) {
	case Spread:
		g = problem.Group{Kind: problem.Spread, Domain: c.domain(k.Over), Limit: clamp(k.AtLeast), Members: members(k.Components)}
	case Conflict:
		g = problem.Group{Kind: problem.Conflict, Domain: c.domain(k.Over), Limit: clamp(k.AtMost), Members: members(k.Components)}
	case Affinity:
		g = problem.Group{Kind: problem.Together, Domain: c.domain(k.Over), Members: members(k.Components)}
		if len(k.With) > 0 {
			g.Kind, g.With = problem.Attend, members(k.With)
		}
	case Gang:
		g = problem.Group{Kind: problem.Gang, Members: members(k.Components)}
	case Path: // no group: see setPaths
	}
	return g, len(g.Members) > 1 || g.Kind == problem.Attend
}

// spans are the items of each component of an application, from the first to before the second: replicas stand together.
type spans map[string][2]int32

func spansOf(app *Application, first int32) spans {
	out := make(spans)
	for k := range app.Workloads {
		name, at := app.Workloads[k].Component, first+int32(k)
		span, ok := out[name]
		if !ok {
			span[0] = at
		}
		span[1] = at + 1
		out[name] = span
	}
	return out
}

// members lists the items of components, ascending.
func (s spans) members(components []string) (items []int32) {
	for _, name := range components {
		for i := s[name][0]; i < s[name][1]; i++ {
			items = append(items, i)
		}
	}
	slices.Sort(items)
	return items
}

func clamp(n int) int32 { return int32(min(n, math.MaxInt32)) }

// domain returns the index of a partition of the sites.
func (c *compiled) domain(d Domain) int32 {
	if k, ok := c.numbers[d]; ok {
		return k
	}
	parts := make(map[string]int32)
	out := problem.Domain{Of: make([]int32, len(c.sites))}
	for k, s := range c.sites {
		name, shared := partOf(d, s)
		if !shared {
			out.Of[k] = int32(out.Parts)
			out.Parts++
			continue
		}
		if _, ok := parts[name]; !ok {
			parts[name] = int32(out.Parts)
			out.Parts++
		}
		out.Of[k] = parts[name]
	}
	c.numbers[d] = int32(len(c.out.Domains))
	c.out.Domains = append(c.out.Domains, out)
	return c.numbers[d]
}

// partOf returns the value of a domain at a site; false where the site is a value of its own.
func partOf(d Domain, s *topology.Site) (string, bool) {
	switch d {
	case "provider":
		return string(s.Provider), true
	case "country":
		return string(s.Country), true
	case "tier":
		return s.Tier.String(), true
	case "site":
		return "", false
	}
	value, ok := s.Labels[strings.TrimPrefix(string(d), "label:")]
	return value, ok
}
