package placement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// Apply returns the problem with the fix made; p stays as it is. A fix that names what p does not have is an error.
func (f Fix) Apply(p *Problem) (*Problem, error) {
	q := *p
	var err error
	switch f.Kind {
	case ByCapacity:
		err = f.addCapacity(&q)
	case ByLatency:
		err = f.raiseBound(&q)
	case ByPath:
		err = f.raisePath(&q)
	case BySelector:
		err = f.dropSelectors(&q)
	case BySpread, ByConflict, ByAffinity:
		err = f.dropConstraint(&q)
	case ByBudget:
		err = f.raiseBudget(&q)
	case ByGang:
		err = f.leaveGang(&q)
	case ByAdmission:
		q.Admission, err = except(p, f)
	default:
		err = fmt.Errorf("%w: there is no fix for %s", ErrInvalid, f.Kind)
	}
	if err != nil {
		return nil, err
	}
	return &q, nil
}

func (f Fix) addCapacity(q *Problem) error {
	s, ok := q.Continuum.Site(f.Site)
	if !ok {
		return fmt.Errorf("%w: there is no site %q", ErrInvalid, f.Site)
	}
	site := *s
	site.Capacity = make(topology.Resources, len(s.Capacity)+1)
	for d, amount := range s.Capacity {
		site.Capacity[d] = amount
	}
	sum, ok := addExact(site.Capacity[f.Dimension], f.Amount)
	if !ok || f.Amount < 0 {
		return fmt.Errorf("%w: %d more of %s at %s", ErrInvalid, f.Amount, f.Dimension, f.Site)
	}
	site.Capacity[f.Dimension] = sum
	next, err := q.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{site}}})
	if err != nil {
		return err
	}
	if q.Latency == nil { // distances do not depend on capacities: keep those of the old continuum
		if q.Latency, err = q.graph(); err != nil {
			return err
		}
	}
	q.Continuum = next
	return nil
}

func (f Fix) raiseBound(q *Problem) error {
	app, err := f.ownApplication(q)
	if err != nil {
		return err
	}
	app.Flows = slices.Clone(app.Flows)
	raised := false
	for i := range app.Flows {
		fl := &app.Flows[i]
		if app.Name+"/"+fl.To == f.Component && f.Source == string(fl.FromAccess)+fl.FromComponent && fl.Bound == f.From {
			fl.Bound, raised = f.To, true
		}
	}
	if !raised {
		return fmt.Errorf("%w: no flow from %s to %s with bound %d us", ErrInvalid, f.Source, f.Component, f.From)
	}
	return nil
}

func (f Fix) raisePath(q *Problem) error {
	app, err := f.ownApplication(q)
	if err != nil {
		return err
	}
	app.Constraints = slices.Clone(app.Constraints)
	for i, c := range app.Constraints {
		if p, ok := c.(Path); ok && p.label() == f.Source && p.Bound == f.From {
			p.Bound = f.To
			app.Constraints[i] = p
			return nil
		}
	}
	return fmt.Errorf("%w: application %s has no path %s with bound %d us", ErrInvalid, app.Name, f.Source, f.From)
}

func (f Fix) dropSelectors(q *Problem) error {
	app, err := f.ownApplication(q)
	if err != nil {
		return err
	}
	app.Workloads = slices.Clone(app.Workloads)
	for i := range app.Workloads {
		if w := &app.Workloads[i]; componentName(w) == f.Component {
			w.Site, w.Tiers, w.Labels = "", nil, nil
		}
	}
	return nil
}

func (f Fix) dropConstraint(q *Problem) error {
	app, err := f.ownApplication(q)
	if err != nil {
		return err
	}
	kept := slices.DeleteFunc(slices.Clone(app.Constraints), func(c Constraint) bool { return wishText(c) == f.Wish })
	if len(kept) == len(app.Constraints) {
		return fmt.Errorf("%w: application %s does not ask for %q", ErrInvalid, app.Name, f.Wish)
	}
	app.Constraints = kept
	return nil
}

// ownApplication returns the application of the component, in a copy that may be written to.
func (f Fix) ownApplication(q *Problem) (*Application, error) {
	name, _, _ := strings.Cut(f.Component, "/")
	q.Applications = slices.Clone(q.Applications)
	for i := range q.Applications {
		if q.Applications[i].Name == name {
			return &q.Applications[i], nil
		}
	}
	return nil, fmt.Errorf("%w: there is no application %q", ErrInvalid, name)
}
