package placement

import (
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// Why says why a workload is where it is: what it costs and gets there, how many sites could take it as things stand and
// what refuses the others, and the best of the others with what it would change. Of a workload that is not placed, Line
// has no site and Terms are what leaving it out costs. An unknown workload is an error. O(sites x (flows and constraints
// of the workload)), plus one evaluation where costs are limited by a budget; Admission is asked once about all sites.
func Why(ctx context.Context, ans Answer, w WorkloadID) (*WhyAnswer, error) {
	c, it, err := newExplainer(ctx, ans, w)
	if err != nil {
		return nil, err
	}
	c.brief = true // only the kinds of violations are counted
	sites := c.sites()
	if err := c.admit(it.class, sites); err != nil {
		return nil, err
	}
	here, err := c.marginal(it, it.site)
	if err != nil {
		return nil, err
	}
	why := &WhyAnswer{Line: Line{Workload: w}, Refused: make(map[ConstraintKind]int)}
	if why.Terms, _, err = c.results(here); err != nil {
		return nil, err
	}
	if it.site != nil {
		if why.Line, err = c.line(it); err != nil {
			return nil, err
		}
	}
	for _, s := range sites {
		if err := c.weigh(why, it, s, here); err != nil {
			return nil, err
		}
	}
	return why, nil
}

// weigh counts one site in an answer and keeps the best as the runner-up.
func (c *checker) weigh(why *WhyAnswer, it *checkItem, s *topology.Site, here checkValues) error {
	found, err := c.obstacles(it, s)
	if err != nil {
		return err
	}
	home := it.site != nil && it.site.ID == s.ID
	if len(found) == 0 {
		why.Admissible++
	}
	if home {
		return nil
	}
	if len(found) > 0 {
		counted := make(map[ConstraintKind]bool)
		for _, v := range found {
			if !counted[v.Kind] {
				counted[v.Kind] = true
				why.Refused[v.Kind]++
			}
		}
		return nil
	}
	there, err := c.marginal(it, s)
	if err != nil {
		return err
	}
	deltas, err := c.deltas(here, there)
	if err != nil {
		return err
	}
	if why.RunnerUp == nil || compareDeltas(deltas, why.RunnerUp.Tiers) < 0 {
		why.RunnerUp = &Alternative{Site: s.ID, Tiers: deltas}
	}
	return nil
}

// newExplainer makes a checker for questions about one workload of an answer.
func newExplainer(ctx context.Context, ans Answer, w WorkloadID) (*checker, *checkItem, error) {
	c, err := newChecker(ctx, ans.Problem, ans.Assignment)
	if err != nil {
		return nil, nil, err
	}
	if err := c.known(); err != nil {
		return nil, nil, err
	}
	it, ok := c.byID[w]
	if !ok {
		return nil, nil, fmt.Errorf("%w: there is no workload %q", ErrInvalid, w)
	}
	return c, it, nil
}
