package placement

import (
	"context"

	"github.com/domicile-eu/domicile/topology"
)

// WhyNot is [Explainer.WhyNot] for a single question. It costs O(problem) to prepare: who has several makes an
// [Explain]er.
func WhyNot(ctx context.Context, ans Answer, w WorkloadID, s topology.SiteID) (*WhyNotAnswer, error) {
	e, err := Explain(ctx, ans)
	if err != nil {
		return nil, err
	}
	return e.WhyNot(ctx, w, s)
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
	was := it.site
	c.put(it, s)
	defer c.put(it, was)
	ways, err := c.waysOf(it)
	if err != nil {
		return nil, err
	}
	return &WhyNotAnswer{Workload: it.w.ID, Site: s.ID, Violations: found, Tiers: deltas, Ways: ways}, nil
}
