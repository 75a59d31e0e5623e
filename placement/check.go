package placement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// Check returns everything that is wrong with an assignment: every hard constraint that it breaks, with the numbers, and
// where policies refuse something, their reasons. None means that it can be carried out. Workloads that are not placed
// break nothing (but a [Gang]).
//
// What Problem.Current breaks already is marked as inherited where the assignment does not make it worse, with the number
// it had there: capacities and shares by how much is used, flows by their latency, the others by how many workloads or
// values are amiss. What a single workload may not do where it is, such as a policy's refusal, is inherited where it runs
// there now; so is a flow without a permitted way between the sites it has now. Somewhere else that is a new violation.
//
// It shares no code with [Solve] and is the judge of what Solve returns. Admission is asked once for all workloads that
// are identical but for their ID, about the sites that they use. Errors are for a malformed problem and for policies that
// could not be asked. O(workloads + pairs of flows), plus one latency row per sending end. Violations come in the order
// of their kinds, then of their sites and workloads.
func Check(ctx context.Context, p *Problem, a Assignment) ([]Violation, error) {
	c, err := newChecker(ctx, p, a)
	if err != nil {
		return nil, err
	}
	return c.check()
}

func (c *checker) check() ([]Violation, error) {
	if err := c.admitPlaced(); err != nil {
		return nil, err
	}
	found := slices.Clone(c.stray)
	for _, it := range c.items {
		if it.site == nil {
			continue
		}
		unary, err := c.refusals(it, it.site)
		if err != nil {
			return nil, err
		}
		for k := range unary {
			unary[k].Inherited = !it.comesTo(it.site)
		}
		found = append(found, unary...)
	}
	together, err := c.together()
	if err != nil {
		return nil, err
	}
	if err := c.inherit(together); err != nil {
		return nil, err
	}
	for k := range together {
		found = append(found, together[k].Violation)
	}
	sortViolations(found)
	return found, nil
}

// together returns how the constraints are broken that look at more than one workload on its site.
func (c *checker) together() ([]checkBreach, error) {
	found := append(c.overuse(), c.crowded()...)
	for i, f := range c.flows {
		for from, to := range f.pairs {
			v, err := c.judgeFlow(f, from, to)
			if err != nil {
				return nil, err
			}
			if v != nil {
				found = append(found, flowBreach(v, i, from, to))
			}
		}
	}
	for i, p := range c.paths {
		v, err := c.judgePath(p, nil)
		if err != nil {
			return nil, err
		}
		if v != nil {
			found = append(found, c.pathBreach(v, i))
		}
	}
	for i, set := range c.sets {
		for _, b := range set.breaches() {
			b.key = fmt.Sprintf("set %d %s", i, b.key)
			found = append(found, b)
		}
	}
	budgets, err := c.overspent()
	return append(found, budgets...), err
}

// admitPlaced asks Admission about each class on the sites that its workloads use, in one call per class.
func (c *checker) admitPlaced() error {
	if c.p.Admission == nil {
		return nil
	}
	sites := make(map[*checkClass]map[topology.SiteID]*topology.Site)
	for _, it := range c.items {
		if it.site == nil {
			continue
		}
		if sites[it.class] == nil {
			sites[it.class] = make(map[topology.SiteID]*topology.Site)
		}
		sites[it.class][it.site.ID] = it.site
	}
	for _, class := range c.classes {
		used := make([]*topology.Site, 0, len(sites[class]))
		for _, id := range slices.Sorted(maps.Keys(sites[class])) {
			used = append(used, sites[class][id])
		}
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if err := c.admit(class, used); err != nil {
			return err
		}
	}
	return nil
}

// sortViolations puts violations into an order that does not depend on that of the problem.
func sortViolations(found []Violation) {
	slices.SortStableFunc(found, func(a, b Violation) int {
		return cmp.Or(
			cmp.Compare(slices.Index(constraintKinds, a.Kind), slices.Index(constraintKinds, b.Kind)),
			cmp.Compare(a.Site, b.Site),
			slices.Compare(a.Workloads, b.Workloads),
			strings.Compare(a.Message, b.Message),
		)
	})
}

// constraintKinds is the order in which violations are told.
var constraintKinds = []ConstraintKind{
	ByReference, ByAdmission, ByRule, ByState, ByRuntime, BySelector, ByCapacity, ByLatency, ByPath, ByTransit, BySpread,
	ByConflict, ByAffinity, ByGang, ByBudget,
}
