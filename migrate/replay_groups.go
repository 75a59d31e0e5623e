package migrate

import (
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// replayGroup follows one Conflict or Spread constraint.
type replayGroup struct {
	app     string
	over    placement.Domain
	members map[placement.WorkloadID]bool
	atMost  int                                      // of a conflict, else 0
	floor   int                                      // of a spread, else 0
	held    map[string]map[placement.WorkloadID]bool // conflict: who is on a value, with one end at least
	start   map[string]int
	runs    map[placement.WorkloadID]string // spread: the value where each one runs
}

func (r *replay) newGroups() []*replayGroup {
	var out []*replayGroup
	for i := range r.problem.Applications {
		app := &r.problem.Applications[i]
		for _, c := range app.Constraints {
			g := &replayGroup{
				app: app.Name, held: make(map[string]map[placement.WorkloadID]bool),
				start: make(map[string]int), runs: make(map[placement.WorkloadID]string),
			}
			asked := 0
			switch c := c.(type) {
			case placement.Conflict:
				g.over, g.atMost, g.members = c.Over, c.AtMost, r.placed(app, c.Components)
			case placement.Spread:
				g.over, asked, g.members = c.Over, c.AtLeast, r.placed(app, c.Components)
			default:
				continue
			}
			for id := range g.members {
				site, _ := r.problem.Continuum.Site(r.from[id])
				value := replayValue(site, g.over)
				g.hold(value, id)
				g.start[value]++
				g.runs[id] = value
			}
			g.floor = min(asked, len(g.members), len(g.start))
			out = append(out, g)
		}
	}
	return out
}

// placed returns the workloads of some components that run at the start.
func (r *replay) placed(app *placement.Application, components []string) map[placement.WorkloadID]bool {
	out := make(map[placement.WorkloadID]bool)
	for i := range app.Workloads {
		w := &app.Workloads[i]
		for _, c := range components {
			if _, ok := r.from[w.ID]; ok && c == w.Component {
				out[w.ID] = true
			}
		}
	}
	return out
}

// replayValue returns a site's value in a domain.
func replayValue(s *topology.Site, over placement.Domain) string {
	switch over {
	case "site":
		return string(s.ID)
	case "provider":
		return string(s.Provider)
	case "country":
		return string(s.Country)
	case "tier":
		return string('0' + rune(s.Tier))
	}
	if label, ok := s.Labels[strings.TrimPrefix(string(over), "label:")]; ok {
		return "label " + label
	}
	return "none " + string(s.ID)
}

func (g *replayGroup) hold(value string, id placement.WorkloadID) {
	if g.held[value] == nil {
		g.held[value] = make(map[placement.WorkloadID]bool)
	}
	g.held[value][id] = true
}

// enter books the start of a move and judges the conflict.
func (g *replayGroup) enter(s *replayState, now topology.Micros, i int) {
	m := &s.plan.Moves[i]
	if !g.members[m.Workload] || g.atMost == 0 {
		return
	}
	value := replayValue(s.toSite[i], g.over)
	g.hold(value, m.Workload)
	if n := len(g.held[value]); n > max(g.atMost, g.start[value]) {
		s.blame(now, i, "%s%d workloads of a conflict of %s on one %s, at most %d may be", s.label, n, g.app, g.over, g.atMost)
	}
}

// leave books the end of a move.
func (g *replayGroup) leave(s *replayState, i int) {
	m := &s.plan.Moves[i]
	if !g.members[m.Workload] {
		return
	}
	old, value := replayValue(s.fromSite[i], g.over), replayValue(s.toSite[i], g.over)
	g.runs[m.Workload] = value
	if old != value {
		delete(g.held[old], m.Workload)
	}
}

// judgeSpread counts the values in use.
func (g *replayGroup) judgeSpread(s *replayState, now topology.Micros, i int) {
	if g.floor == 0 || !g.members[s.plan.Moves[i].Workload] {
		return
	}
	values := make(map[string]bool)
	for _, value := range g.runs {
		values[value] = true
	}
	if len(values) < g.floor {
		s.blame(now, i, "%sleaves a spread of %s with %d values of %s, %d are needed", s.label, g.app, len(values), g.over, g.floor)
	}
}

// judgeAffinities compares the affinities at the end with those at the start: in between, each group is on its way.
func (r *replay) judgeAffinities() {
	end := make(placement.Assignment)
	for id, site := range r.from {
		end[id] = site
	}
	for i := range r.plan.Moves {
		end[r.plan.Moves[i].Workload] = r.plan.Moves[i].To
	}
	for i := range r.problem.Applications {
		app := &r.problem.Applications[i]
		for _, c := range app.Constraints {
			a, ok := c.(placement.Affinity)
			if !ok {
				continue
			}
			if before, after := r.apart(app, a, r.from), r.apart(app, a, end); after > before {
				r.note(r.plan.Makespan, "the affinity of %v of %s over %s is broken at the end", a.Components, app.Name, a.Over)
			}
		}
	}
}

// apart counts the members of an affinity that are without company, or the values that its members use beyond one.
func (r *replay) apart(app *placement.Application, a placement.Affinity, at placement.Assignment) int {
	value := func(id placement.WorkloadID) string {
		site, _ := r.problem.Continuum.Site(at[id])
		return replayValue(site, a.Over)
	}
	company, used, lonely := make(map[string]bool), make(map[string]bool), 0
	for id := range r.placed(app, a.With) {
		company[value(id)] = true
	}
	for id := range r.placed(app, a.Components) {
		used[value(id)] = true
		if !company[value(id)] {
			lonely++
		}
	}
	if len(a.With) > 0 {
		return lonely
	}
	return max(len(used), 1) - 1
}
