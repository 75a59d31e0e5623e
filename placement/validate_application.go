package placement

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// spot is where in an application a defect stands, so that one set of judgements serves problems made by programs and
// those read from files.
type spot struct {
	Part  string // workloads, flows or constraints; empty: the application itself
	Index int
	Field string
}

func (s spot) String() string {
	text := ""
	if s.Part != "" {
		text = fmt.Sprintf(".%s[%d]", s.Part, s.Index)
	}
	if s.Field != "" {
		text += "." + s.Field
	}
	return text
}

// noteFunc takes down a defect.
type noteFunc func(at spot, format string, args ...any)

// judgeApplication notes every defect of an application that shows without looking at anything else.
func judgeApplication(app *Application, note noteFunc) {
	if app.Name == "" {
		note(spot{Field: "name"}, "missing")
	}
	components := make(map[string]int) // number of replicas
	for i := range app.Workloads {
		w := &app.Workloads[i]
		judgeWorkload(app, i, note)
		if components[w.Component] > 0 && app.Workloads[i-1].Component != w.Component {
			note(spot{"workloads", i, "component"}, "the replicas of %s do not stand together", w.Component)
		}
		components[w.Component]++
	}
	for i := range app.Flows {
		judgeFlow(&app.Flows[i], i, components, note)
	}
	for i, c := range app.Constraints {
		judgeConstraint(c, i, app, components, note)
	}
	judgeContradictions(app, components, note)
}

func judgeWorkload(app *Application, i int, note noteFunc) {
	w := &app.Workloads[i]
	at := func(field string) spot { return spot{"workloads", i, field} }
	if w.ID == "" {
		note(at("id"), "missing")
	}
	if w.Component == "" {
		note(at("component"), "missing")
	}
	if w.Application != app.Name {
		note(at("application"), "%q, but it stands in application %q", w.Application, app.Name)
	}
	if w.Tenant != app.Tenant {
		note(at("tenant"), "%q, but its application is of tenant %q", w.Tenant, app.Tenant)
	}
	if !slices.Contains(kinds, w.Kind) {
		note(at("kind"), "%q is none of vm, container, machine and cluster", w.Kind)
	}
	for _, dim := range slices.Sorted(maps.Keys(w.Demand)) {
		if dim == "" {
			note(at("demand"), "a dimension has no name")
		}
		if w.Demand[dim] < 0 {
			note(at(document.Key("demand", string(dim))), "%d is negative", w.Demand[dim])
		}
	}
	if w.Priority < 1 {
		note(at("priority"), "%d is below 1", w.Priority)
	}
	for _, tier := range w.Tiers {
		if tier < topology.FarEdge || tier > topology.Cloud {
			note(at("tiers"), "there is no tier %d", tier)
		}
	}
	if _, ok := w.Labels[""]; ok {
		note(at("labels"), "a label has no key")
	}
	for _, key := range slices.Sorted(maps.Keys(w.Attributes)) {
		judgeFact(document.Key("attributes", key), w.Attributes[key], 1, func(path, format string, args ...any) {
			note(at(path), format, args...)
		})
	}
	if w.MoveCost < 0 {
		note(at("moveCost"), "%d is negative", w.MoveCost)
	}
	judgeMigration(&w.Migration, func(field string) spot { return at("migration." + field) }, note)
}

func judgeMigration(m *Migration, at func(field string) spot, note noteFunc) {
	for _, f := range []struct {
		field  string
		amount int64
	}{
		{"memory", m.Memory},
		{"dirtyRate", m.DirtyRate},
		{"hotSet", m.HotSet},
		{"hotPeriod", int64(m.HotPeriod)},
		{"disk", m.Disk},
		{"diskWrite", m.DiskWrite},
		{"nodes", m.Nodes},
		{"downtime", int64(m.Downtime)},
	} {
		if f.amount < 0 {
			note(at(f.field), "%d is negative", f.amount)
		}
	}
	for i, method := range m.Methods {
		if !slices.Contains(methods, method) {
			note(at("methods"), "%q is none of pre-copy, post-copy, stop-and-copy, blue-green and rolling", method)
		} else if slices.Contains(m.Methods[:i], method) {
			note(at("methods"), "%s is named twice", method)
		}
	}
}

func judgeFlow(f *Flow, i int, components map[string]int, note noteFunc) {
	at := func(field string) spot { return spot{"flows", i, field} }
	switch {
	case f.FromAccess == "" && f.FromComponent == "":
		note(at(""), "comes from nowhere: fromAccess or from must be set")
	case f.FromAccess != "" && f.FromComponent != "":
		note(at("from"), "fromAccess is set, too")
	case f.FromComponent != "" && components[f.FromComponent] == 0:
		note(at("from"), "there is no component %q", f.FromComponent)
	}
	if f.To == "" {
		note(at("to"), "missing")
	} else if components[f.To] == 0 {
		note(at("to"), "there is no component %q", f.To)
	}
	if f.Rate < 0 {
		note(at("rate"), "%d is negative", f.Rate)
	}
	if f.Bound < 0 {
		note(at("bound"), "%d is negative", f.Bound)
	}
	if f.Percentile < 0 || f.Percentile > latency.Percentile(999) {
		note(at("percentile"), "%d is none: percentiles are thousandths from 1 to 999, or 0 for the 95th", f.Percentile)
	}
}

func judgeConstraint(c Constraint, i int, app *Application, components map[string]int, note noteFunc) {
	at := func(field string) spot { return spot{"constraints", i, field} }
	group := func(field string, names []string) { judgeGroup(names, at(field), components, note) }
	switch c := c.(type) {
	case Spread:
		group("spread.components", c.Components)
		judgeDomain(c.Over, at("spread.over"), note)
		if c.AtLeast < 1 {
			note(at("spread.atLeast"), "%d is below 1", c.AtLeast)
		}
	case Conflict:
		group("conflict.components", c.Components)
		judgeDomain(c.Over, at("conflict.over"), note)
		if c.AtMost < 1 {
			note(at("conflict.atMost"), "%d is below 1: nothing could be placed", c.AtMost)
		}
	case Affinity:
		group("affinity.components", c.Components)
		judgeDomain(c.Over, at("affinity.over"), note)
		if len(c.With) > 0 {
			group("affinity.with", c.With)
		}
		if len(c.With) > 0 && len(c.Components) > 0 {
			within := setOf(c.Components)
			for _, name := range c.With {
				if within[name] {
					note(at("affinity.with"), "%s is to be with itself", name)
				}
			}
		}
	case Gang:
		group("gang.components", c.Components)
	case Path:
		judgePath(&c, i, app, components, note)
	case nil:
		note(at(""), "missing")
	default:
		note(at(""), "%T is none of Spread, Conflict, Affinity, Gang and Path (as values)", c)
	}
}

func judgeDomain(d Domain, at spot, note noteFunc) {
	key, isLabel := strings.CutPrefix(string(d), "label:")
	switch {
	case d == "":
		note(at, "missing")
	case isLabel && key == "":
		note(at, "label: without a key")
	case !isLabel && !slices.Contains(domains, d):
		note(at, "%q is none of site, provider, country, tier and label:KEY", d)
	}
}

// judgeGroup notes what is wrong with a list of components.
func judgeGroup(names []string, at spot, components map[string]int, note noteFunc) {
	if len(names) == 0 {
		note(at, "missing")
	}
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if components[name] == 0 {
			note(at, "there is no component %q", name)
		} else if seen[name] {
			note(at, "%s is named twice", name)
		}
		seen[name] = true
	}
}

// judgeContradictions notes pairs of constraints of which no placement with two replicas can satisfy both: workloads
// that must be on one value of a domain, and on several. It looks at those pairs only that share a component.
func judgeContradictions(app *Application, components map[string]int, note noteFunc) {
	type key struct {
		over      Domain
		component string
	}
	gathers := make(map[key][]int)           // affinities without With, by domain and component
	members := make(map[int]map[string]bool) // their components
	for i, c := range app.Constraints {
		if gather, ok := c.(Affinity); ok && len(gather.With) == 0 {
			members[i] = setOf(gather.Components)
			for name := range members[i] {
				gathers[key{gather.Over, name}] = append(gathers[key{gather.Over, name}], i)
			}
		}
	}
	if len(gathers) == 0 {
		return
	}
	for k, c := range app.Constraints {
		spread, ok := c.(Spread)
		if !ok || spread.AtLeast < 2 || len(spread.Components) == 0 {
			continue
		}
		replicas := 0
		for _, name := range spread.Components {
			replicas += components[name]
		}
		for _, i := range gathers[key{spread.Over, spread.Components[0]}] {
			outside := func(name string) bool { return !members[i][name] }
			if replicas > 1 && !slices.ContainsFunc(spread.Components, outside) {
				note(spot{"constraints", k, "spread"}, "contradicts constraints[%d], which wants all of %s on one %s",
					i, firstOf(app.Constraints[i].(Affinity).Components), spread.Over)
			}
		}
	}
}

// firstOf lists names, the first few of many.
func firstOf(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func setOf(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

var (
	kinds   = []Kind{VM, Container, Machine, Cluster}
	methods = []Method{PreCopy, PostCopy, StopAndCopy, BlueGreen, Rolling}
	domains = []Domain{"site", "provider", "country", "tier"}
)
