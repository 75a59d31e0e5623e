package execute

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// held says who is to stay where it is, and why.
func (e *Execution) held() map[placement.WorkloadID]string {
	out := make(map[placement.WorkloadID]string)
	for w, n := range e.failures {
		if n > e.opts.Retries {
			out[w] = fmt.Sprintf("its moves have failed %d times", n)
		}
	}
	maps.Copy(out, e.closed)
	if len(e.doubts) > 0 {
		e.holdCompany(out)
	}
	if opts := e.planOptions(); len(opts.Before) > 0 {
		e.holdFollowers(out, opts.Before)
	}
	return out
}

// holdCompany adds those that share a constraint with somebody in doubt.
func (e *Execution) holdCompany(out map[placement.WorkloadID]string) {
	for i := range e.problem.Applications {
		app := &e.problem.Applications[i]
		for _, c := range app.Constraints {
			members := sharing(app, c)
			for _, doubted := range members {
				if _, ok := e.doubts[doubted]; !ok {
					continue
				}
				for _, w := range members {
					if _, ok := e.doubts[w]; !ok && out[w] == "" {
						out[w] = fmt.Sprintf("held back: it shares a constraint with %s, which is in doubt", doubted)
					}
				}
			}
		}
	}
}

// holdFollowers adds those that go after somebody who will not get there, and those that go after these. The planner does
// so for whom it finds stuck; those in doubt, and those that are to stay, do not move in the plans that it makes.
func (e *Execution) holdFollowers(out map[placement.WorkloadID]string, before []migrate.Precedence) {
	for again := true; again; {
		again = false
		for i := range before {
			first := e.missing(&before[i].First, out)
			if first == "" {
				continue
			}
			for w := range e.picked(&before[i].Then) {
				_, doubted := e.doubts[w.ID]
				if !doubted && out[w.ID] == "" && e.away(w.ID) {
					out[w.ID], again = fmt.Sprintf("held back: it goes after %s, which does not get there", first), true
				}
			}
		}
	}
}

// missing returns the first of those picked that is in doubt, or held where it is not to be.
func (e *Execution) missing(which *migrate.Which, held map[placement.WorkloadID]string) placement.WorkloadID {
	for w := range e.picked(which) {
		if _, doubted := e.doubts[w.ID]; doubted || held[w.ID] != "" && e.away(w.ID) {
			return w.ID
		}
	}
	return ""
}

// away says whether a workload runs where it is not to be.
func (e *Execution) away(w placement.WorkloadID) bool {
	return e.at[w] != "" && e.goal[w] != "" && e.at[w] != e.goal[w]
}

// picked goes through the workloads that are picked, by where they are and are to be.
func (e *Execution) picked(which *migrate.Which) iter.Seq[*placement.Workload] {
	return func(yield func(*placement.Workload) bool) {
		for i := range e.problem.Applications {
			for k := range e.problem.Applications[i].Workloads {
				w := &e.problem.Applications[i].Workloads[k]
				var ends []*topology.Site
				for _, id := range []topology.SiteID{e.at[w.ID], e.goal[w.ID]} {
					if site, ok := e.problem.Continuum.Site(id); ok {
						ends = append(ends, site)
					}
				}
				if which.Picks(w, ends...) && !yield(w) {
					return
				}
			}
		}
	}
}

// sharing returns the workloads that a constraint over where they run ties together.
func sharing(app *placement.Application, c placement.Constraint) []placement.WorkloadID {
	var components []string
	switch c := c.(type) {
	case placement.Conflict:
		components = c.Components
	case placement.Spread:
		components = c.Components
	case placement.Affinity:
		components = slices.Concat(c.Components, c.With)
	}
	var out []placement.WorkloadID
	for i := range app.Workloads {
		if slices.Contains(components, app.Workloads[i].Component) {
			out = append(out, app.Workloads[i].ID)
		}
	}
	return out
}
