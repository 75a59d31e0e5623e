package placement

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// marginal returns what a workload adds to each term of the objective on a site, everything else staying where it is;
// nil is leaving it out.
func (c *checker) marginal(it *checkItem, s *topology.Site) (checkValues, error) {
	v := c.values()
	if s == nil {
		return v, c.addUnplaced(v, it)
	}
	before, without := it.site, c.values()
	c.put(it, nil)
	defer c.put(it, before)
	if err := c.addShared(without, s); err != nil {
		return nil, err
	}
	c.put(it, s)
	if err := c.addUnary(v, it, s); err != nil {
		return nil, err
	}
	var err error
	it.touching(func(f *checkFlow, from, to *checkItem) bool {
		err = c.addFlow(v, f, from, to)
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	if err := c.addShared(v, s); err != nil {
		return nil, err
	}
	for i := range v {
		v[i] -= without[i] // terms of which without has something are at least 0 in both: no overflow
	}
	return v, nil
}

// addShared adds what workloads cost together that a change at one site can change.
func (c *checker) addShared(v checkValues, s *topology.Site) error {
	if err := c.addUse(v, s); err != nil {
		return err
	}
	return c.addGroupMoves(v)
}

// deltas returns what a change from one marginal to another does to each tier.
func (c *checker) deltas(from, to checkValues) ([]TierDelta, error) {
	deltas := make([]TierDelta, len(c.tiers))
	for i, name := range c.tiers {
		deltas[i].Name = name
	}
	for i, term := range c.objective[:c.budgeted] {
		change, ok := subExact(to[i], from[i])
		sum, okSum := addExact(deltas[term.tier].Delta, change)
		if !ok || !okSum {
			return nil, fmt.Errorf("%w: objective tier %s: the change overflows", ErrInvalid, c.tiers[term.tier])
		}
		deltas[term.tier].Delta = sum
	}
	return deltas, nil
}

// compareDeltas orders changes of the objective, the best first.
func compareDeltas(a, b []TierDelta) int {
	return slices.CompareFunc(a, b, func(x, y TierDelta) int {
		switch {
		case x.Delta < y.Delta:
			return -1
		case x.Delta > y.Delta:
			return 1
		}
		return 0
	})
}

// obstacles returns all constraints that a workload would break on a site: its own there, those of its flows with the
// ends that are placed, capacity beside the others there, and those over several workloads and budgets that would be
// broken worse than they are now. On the site where it is, these are the constraints that it takes part in breaking.
func (c *checker) obstacles(it *checkItem, s *topology.Site) ([]Violation, error) {
	found, err := c.refusals(it, s)
	if err != nil {
		return nil, err
	}
	found = append(found, c.lackOf(it, s)...)
	found = append(found, c.lackDuring(it, s)...)
	budgets, err := c.overspentBy(it, s)
	if err != nil {
		return nil, err
	}
	for _, b := range budgets {
		found = append(found, b.Violation)
	}

	before := make(map[*checkSet]map[string]int64)
	home := it.site != nil && it.site.ID == s.ID
	for _, set := range it.sets {
		before[set] = make(map[string]int64)
		for _, b := range set.breaches() {
			if !home {
				before[set][b.key] = b.excess
			}
		}
	}
	was := it.site
	c.put(it, s)
	defer c.put(it, was)
	it.touching(func(f *checkFlow, from, to *checkItem) bool {
		var v *Violation
		if v, err = c.judgeFlow(f, from, to); v != nil {
			found = append(found, *v)
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range it.paths {
		v, err := c.judgePath(p, it)
		if err != nil {
			return nil, err
		}
		if v != nil {
			found = append(found, *v)
		}
	}
	for _, set := range it.sets {
		for _, b := range set.breaches() {
			if b.excess > before[set][b.key] && (!home || slices.Contains(b.Workloads, it.w.ID)) {
				found = append(found, b.Violation)
			}
		}
	}
	sortViolations(found)
	return found, nil
}

// sites returns all sites of the continuum in order of ID.
func (c *checker) sites() []*topology.Site { return slices.Collect(c.p.Continuum.Sites()) }
