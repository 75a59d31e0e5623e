package placement

import (
	"context"

	"github.com/domicile-eu/domicile/topology"
)

// Why is [Explainer.Why] for a single question. It costs O(problem) to prepare: who has several makes an [Explain]er.
func Why(ctx context.Context, ans Answer, w WorkloadID) (*WhyAnswer, error) {
	e, err := Explain(ctx, ans)
	if err != nil {
		return nil, err
	}
	return e.Why(ctx, w)
}

func (c *checker) why(it *checkItem) (*WhyAnswer, error) {
	c.brief = true // only the kinds of violations are counted
	defer func() { c.brief = false }()
	sites := c.sites()
	if err := c.admit(it.class, sites); err != nil {
		return nil, err
	}
	here, err := c.marginal(it, it.site)
	if err != nil {
		return nil, err
	}
	why := &WhyAnswer{Line: Line{Workload: it.w.ID}, Refused: make(map[ConstraintKind]int)}
	if why.Terms, _, err = c.results(here); err != nil {
		return nil, err
	}
	if it.site != nil {
		if why.Line, err = c.line(it); err != nil {
			return nil, err
		}
		if why.Ways, err = c.waysOf(it); err != nil {
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
