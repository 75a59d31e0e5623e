package placement

import (
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// WhyNot says why a workload is not on a site: all constraints that it would break there, each with its numbers and,
// where policies refuse it, their reasons, and what the move would change in the objective. For the site where it is, it
// says what is broken there now. An unknown workload or site is an error. O(flows and constraints of the workload), plus
// the rows of its flows.
func WhyNot(ctx context.Context, ans Answer, w WorkloadID, s topology.SiteID) (*WhyNotAnswer, error) {
	c, it, err := newExplainer(ctx, ans, w)
	if err != nil {
		return nil, err
	}
	site, ok := c.p.Continuum.Site(s)
	if !ok {
		return nil, fmt.Errorf("%w: there is no site %q", ErrInvalid, s)
	}
	return c.whyNot(it, site)
}

func (c *checker) whyNot(it *checkItem, s *topology.Site) (*WhyNotAnswer, error) {
	found, err := c.obstacles(it, s)
	if err != nil {
		return nil, err
	}
	here, err := c.marginal(it, it.site)
	if err != nil {
		return nil, err
	}
	there, err := c.marginal(it, s)
	if err != nil {
		return nil, err
	}
	deltas, err := c.deltas(here, there)
	if err != nil {
		return nil, err
	}
	return &WhyNotAnswer{Workload: it.w.ID, Site: s.ID, Violations: found, Tiers: deltas}, nil
}
