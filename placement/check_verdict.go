package placement

import (
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// admit asks Admission about a class on all of the sites that it was not asked about yet, in one call.
func (c *checker) admit(class *checkClass, sites []*topology.Site) error {
	if c.p.Admission == nil { // everything is admitted
		return nil
	}
	var open []*topology.Site
	for _, s := range sites {
		if _, ok := class.verdicts[s.ID]; !ok {
			open = append(open, s)
		}
	}
	if len(open) == 0 {
		return nil
	}
	defer named(func() string { return admittedAs(c.p.Admission, class.w, open...) })
	verdicts, err := c.p.Admission.Admit(c.ctx, c.scope, class.w, open)
	if err != nil {
		return fmt.Errorf("admission of %s: %w", class.w.ID, err)
	}
	if len(verdicts) != len(open) {
		return fmt.Errorf("admission of %s: %d verdicts for %d sites", class.w.ID, len(verdicts), len(open))
	}
	for i, s := range open {
		class.verdicts[s.ID] = verdicts[i]
	}
	return nil
}

// verdict returns what Admission says to one pair.
func (c *checker) verdict(it *checkItem, s *topology.Site) (Verdict, error) {
	if v, ok := it.class.verdicts[s.ID]; ok || c.p.Admission == nil {
		return v, nil
	}
	err := c.admit(it.class, []*topology.Site{s})
	return it.class.verdicts[s.ID], err
}

// reasons returns why Admission denies a pair.
func (c *checker) reasons(it *checkItem, s *topology.Site) ([]Reason, error) {
	if reasons, ok := it.class.reasons[s.ID]; ok {
		return reasons, nil
	}
	defer named(func() string { return admittedAs(c.p.Admission, it.class.w, s) })
	reasons, err := c.p.Admission.Reasons(c.ctx, c.scope, it.class.w, s)
	if err != nil {
		return nil, fmt.Errorf("reasons why %s is not admitted to %s: %w", it.w.ID, s.ID, err)
	}
	it.class.reasons[s.ID] = reasons
	return reasons, nil
}

// ruling returns what the rules of the importing program say to one pair.
func (c *checker) ruling(it *checkItem, s *topology.Site) (checkRuling, error) {
	if len(c.p.Rules) == 0 {
		return checkRuling{}, nil
	}
	if r, ok := it.class.rules[s.ID]; ok {
		return r, nil
	}
	var r checkRuling
	for _, rule := range c.p.Rules {
		ok, why, cost := judgeBy(rule, it.class.w, s)
		if !ok {
			r.refusals = append(r.refusals, why)
			continue
		}
		sum, fits := addExact(int64(r.cost), int64(cost))
		if !fits {
			return r, fmt.Errorf("%w: the rules' cost of %s at %s overflows", ErrInvalid, it.w.ID, s.ID)
		}
		r.cost = topology.MicroEUR(sum)
	}
	it.class.rules[s.ID] = r
	return r, nil
}
