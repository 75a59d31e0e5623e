package simulate

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// group is one Conflict or Spread constraint and the workloads of it that ran at the start.
type group struct {
	app     string
	over    placement.Domain
	members []placement.WorkloadID
	atMost  int // of a conflict, else 0
	start   map[string]int
	floor   int // of a spread, else 0
}

func newGroups(t *truth) []*group {
	var out []*group
	for i := range t.problem.Applications {
		app := &t.problem.Applications[i]
		for _, c := range app.Constraints {
			g := &group{app: app.Name, start: make(map[string]int)}
			var components []string
			asked := 0
			switch c := c.(type) {
			case placement.Conflict:
				components, g.over, g.atMost = c.Components, c.Over, c.AtMost
			case placement.Spread:
				components, g.over, asked = c.Components, c.Over, c.AtLeast
			default:
				continue
			}
			for k := range app.Workloads {
				w := &app.Workloads[k]
				for _, name := range components {
					if site, runs := t.runs[w.ID]; runs && name == w.Component {
						g.members = append(g.members, w.ID)
						g.start[t.value(site, g.over)]++
					}
				}
			}
			g.floor = min(asked, len(g.members), len(g.start))
			out = append(out, g)
		}
	}
	return out
}

// value returns a site's value in a domain; sites without a label stand alone.
func (t *truth) value(id topology.SiteID, over placement.Domain) string {
	s, ok := t.problem.Continuum.Site(id)
	if !ok {
		return "nowhere"
	}
	switch over {
	case "provider":
		return string(s.Provider)
	case "country":
		return string(s.Country)
	case "tier":
		return strconv.Itoa(int(s.Tier))
	}
	if key, ok := strings.CutPrefix(string(over), "label:"); ok {
		if value, ok := s.Labels[key]; ok {
			return "=" + value
		}
	}
	return "site " + string(s.ID)
}

// enter judges a conflict after a move has begun: who is on the move counts at both ends.
func (g *group) enter(t *truth, at topology.Micros, who placement.WorkloadID) {
	if g.atMost == 0 {
		return
	}
	count, concerned := make(map[string]int), false
	for _, w := range g.members {
		concerned = concerned || w == who
		seen := make(map[string]bool)
		for _, site := range t.holds[w] {
			if v := t.value(site, g.over); !seen[v] {
				seen[v] = true
				count[v]++
			}
		}
	}
	for _, v := range slices.Sorted(maps.Keys(count)) {
		if n := count[v]; concerned && n > max(g.atMost, g.start[v]) {
			t.fault(at, "%s: %d of a conflict of %s on one %s, at most %d may be", who, n, g.app, g.over, g.atMost)
		}
	}
}

// left judges a spread after a move has ended. Once a member is lost nobody can be blamed.
func (g *group) left(t *truth, at topology.Micros, who placement.WorkloadID) {
	values, concerned := make(map[string]bool), false
	for _, w := range g.members {
		concerned = concerned || w == who
		if t.runs[w] == "" {
			return
		}
		values[t.value(t.runs[w], g.over)] = true
	}
	if g.floor > 0 && concerned && len(values) < g.floor {
		t.fault(at, "%s leaves a spread of %s with %d values of %s, %d are needed", who, g.app, len(values), g.over, g.floor)
	}
}
