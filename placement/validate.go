package placement

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// ErrInvalid is wrapped by every defect of a problem, of an applications file and of a question about them.
var ErrInvalid = errors.New("invalid problem")

// mostDefects is how many defects of a problem are listed. A hundred are more than anybody fixes in one go, and a
// generated problem can have one per workload.
const mostDefects = 100

// validate returns all defects of a problem, each with the field where it stands and wrapping [ErrInvalid]. It judges
// whether the problem means something, not whether it can be solved: a workload that fits nowhere is no defect.
// Everything in this package that takes a problem calls it first. O(problem).
func validate(p *Problem) error {
	if p == nil {
		return fmt.Errorf("%w: no problem", ErrInvalid)
	}
	var d defects
	if p.Continuum == nil {
		d.note("continuum: missing")
	}
	validateApplications(p, &d)
	validateReferences(p, &d)
	validateTotals(p, &d)
	validateObjective(p.objective(), &d)
	validateTransient(p.Transient, &d)
	for i, b := range p.Budgets {
		judgeBudget(b, i, &d)
	}
	for i, r := range p.Rules {
		if r == nil {
			d.note("rules[%d]: missing", i)
		}
	}
	return d.err()
}

// defects collects what is wrong.
type defects struct {
	errs []error
	more int
}

func (d *defects) note(format string, args ...any) {
	if len(d.errs) == mostDefects {
		d.more++
		return
	}
	d.errs = append(d.errs, fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...)))
}

func (d *defects) err() error {
	if d.more > 0 {
		return errors.Join(append(d.errs, fmt.Errorf("%w: and %d more", ErrInvalid, d.more))...)
	}
	return errors.Join(d.errs...)
}

// validateApplications judges each application for itself, and that names are not used twice.
func validateApplications(p *Problem, d *defects) {
	names := make(map[string]int)
	ids := make(map[WorkloadID]string)
	for i := range p.Applications {
		app := &p.Applications[i]
		where := fmt.Sprintf("applications[%d] (%s)", i, app.Name)
		judgeApplication(app, func(at spot, format string, args ...any) {
			d.note("%s%s: %s", where, at, fmt.Sprintf(format, args...))
		})
		if first, ok := names[app.Name]; ok {
			d.note("%s.name: also the name of applications[%d]", where, first)
		} else {
			names[app.Name] = i
		}
		for k := range app.Workloads {
			id := app.Workloads[k].ID
			here := where + spot{Part: "workloads", Index: k}.String()
			if first, ok := ids[id]; ok {
				d.note("%s.id: %q is also the ID of %s", here, id, first)
			} else {
				ids[id] = here
			}
		}
	}
}

// validateReferences judges what applications name in the continuum.
func validateReferences(p *Problem, d *defects) {
	if p.Continuum == nil {
		return
	}
	for i := range p.Applications {
		app := &p.Applications[i]
		for k := range app.Workloads {
			w := &app.Workloads[k]
			if _, ok := p.Continuum.Site(w.Site); w.Site != "" && !ok {
				d.note("applications[%d] (%s).workloads[%d] (%s).site: there is no site %q", i, app.Name, k, w.ID, w.Site)
			}
		}
		for k := range app.Flows {
			from := app.Flows[k].FromAccess
			if _, ok := p.Continuum.AccessPoint(from); from != "" && !ok {
				d.note("applications[%d] (%s).flows[%d].fromAccess: there is no access point %q", i, app.Name, k, from)
			}
		}
	}
}

// validateTotals makes sure that no sum of demands or priorities can overflow later on.
func validateTotals(p *Problem, d *defects) {
	use := make(topology.Resources)
	priority := int64(0)
	overflow := make(map[topology.Dimension]bool)
	priorities := false
	for i := range p.Applications {
		for k := range p.Applications[i].Workloads {
			w := &p.Applications[i].Workloads[k]
			for dim, amount := range w.Demand {
				if amount > math.MaxInt64-use[dim] {
					overflow[dim] = true
				} else if amount > 0 {
					use[dim] += amount
				}
			}
			if w.Priority > math.MaxInt64-priority {
				priorities = true
			} else if w.Priority > 0 {
				priority += w.Priority
			}
		}
	}
	for _, dim := range slices.Sorted(maps.Keys(overflow)) {
		d.note("applications: the sum of all demands for %s overflows", dim)
	}
	if priorities {
		d.note("applications: the sum of all priorities overflows")
	}
}
