package placement

import (
	"fmt"
	"math/bits"

	"github.com/domicile-eu/domicile/topology"
)

// checkShare is a ShareBudget with what is used of it.
type checkShare struct {
	ShareBudget
	budget int   // which of Problem.Budgets
	total  int64 // what all workloads demand
	limit  int64
	used   map[checkValue]int64 // by the placed workloads
}

// indexBudgets makes the tallies of budgets, and terms of the costs that they limit.
func (c *checker) indexBudgets() {
	for k, b := range c.p.Budgets {
		switch b := b.(type) {
		case ShareBudget:
			share := &checkShare{ShareBudget: b, budget: k, used: make(map[checkValue]int64)}
			for _, it := range c.items {
				share.total += it.w.Demand[b.Dimension]
			}
			hi, lo := bits.Mul64(uint64(share.total), uint64(b.Thousandths))
			limit, _ := bits.Div64(hi, lo, 1000) // thousandths are at most 1000, so the quotient fits
			share.limit = int64(limit)
			c.shares = append(c.shares, share)
		case CostBudget:
			cost := checkCost{CostBudget: b, budget: k, first: len(c.objective)}
			for _, term := range b.Terms {
				c.objective = append(c.objective, checkTerm{Term: term, tier: len(c.tiers) + len(c.costs)})
			}
			cost.end = len(c.objective)
			c.costs = append(c.costs, cost)
		}
	}
}

// overspent returns the budgets that are exceeded.
func (c *checker) overspent() ([]checkBreach, error) {
	var found []checkBreach
	add := func(v Violation, key string, args ...any) {
		found = append(found, checkBreach{Violation: v, key: fmt.Sprintf(key, args...), excess: v.Have - v.Want})
	}
	for _, b := range c.p.Budgets {
		if moves, ok := b.(MoveBudget); ok && c.moved > moves.AtMost {
			add(c.tooManyMoves(moves), "moves")
		}
	}
	for i, share := range c.shares {
		var over map[checkValue]*topology.Site // one site of each value with too much
		for _, it := range c.items {
			if it.site == nil || it.w.Demand[share.Dimension] == 0 {
				continue
			}
			if value := share.Over.valueOf(it.site); share.used[value] > share.limit && over[value] == nil {
				if over == nil {
					over = make(map[checkValue]*topology.Site)
				}
				over[value] = it.site
				add(c.tooLargeShare(share, it.site), "share %d %s", i, share.Over.text(value))
			}
		}
	}
	sums, err := c.spending()
	if err != nil {
		return nil, err
	}
	for i, cost := range c.costs {
		if sums[i] > cost.AtMost {
			v, err := c.tooExpensive(i, sums[i])
			if err != nil {
				return nil, err
			}
			add(v, "cost %d", i)
		}
	}
	return found, nil
}

// overspentBy returns the budgets that a workload would exceed on a site, or exceed by more than now; on the site where
// it is, those that are exceeded and that it takes part in. Their excess is what one such
// workload takes.
func (c *checker) overspentBy(it *checkItem, s *topology.Site) ([]checkBreach, error) {
	if len(c.p.Budgets) == 0 {
		return nil, nil
	}
	sums, added, err := c.spendingWith(it, s)
	if err != nil {
		return nil, err
	}
	was, moved := it.site, c.moved
	home := was != nil && was.ID == s.ID
	c.put(it, s)
	defer c.put(it, was)
	var found []checkBreach
	for k, b := range c.p.Budgets {
		worse := c.moved > moved || home && it.away(s)
		if moves, ok := b.(MoveBudget); ok && worse && c.moved > moves.AtMost {
			found = append(found, checkBreach{Violation: c.tooManyMoves(moves), budget: k, excess: 1})
		}
	}
	for _, share := range c.shares {
		value := share.Over.valueOf(s)
		worse := home || was == nil || share.Over.valueOf(was) != value
		if worse && it.w.Demand[share.Dimension] > 0 && share.used[value] > share.limit {
			found = append(found, checkBreach{Violation: c.tooLargeShare(share, s), budget: share.budget, excess: it.w.Demand[share.Dimension]})
		}
	}
	for i, cost := range c.costs {
		if added[i] > 0 && sums[i] > cost.AtMost {
			v, err := c.tooExpensive(i, sums[i])
			if err != nil {
				return nil, err
			}
			found = append(found, checkBreach{Violation: v, budget: cost.budget, excess: added[i]})
		}
	}
	return found, nil
}

func (c *checker) tooManyMoves(b MoveBudget) Violation {
	return Violation{
		Kind: ByBudget, Have: int64(c.moved), Want: int64(b.AtMost), Unit: "workloads",
		Message:   fmt.Sprintf("%s, at most %d allowed", countText(c.moved, "workload moves", "workloads move"), b.AtMost),
		Workloads: c.placedThat(func(it *checkItem) bool { return it.away(it.site) }),
	}
}

// tooLargeShare is about the domain's value that a site has.
func (c *checker) tooLargeShare(share *checkShare, s *topology.Site) Violation {
	dim, value := share.Dimension, share.Over.valueOf(s)
	unit := dimensionUnit(dim)
	used, limit := comparedText(share.used[value], share.limit, unit)
	v := Violation{
		Kind: ByBudget, Have: share.used[value], Want: share.limit, Unit: unitName(dim),
		Message: fmt.Sprintf("%s on %s, at most %s allowed, %s of what all workloads demand", dimensionText(used, dim),
			share.Over.text(value), bareText(limit), shareText(share.Thousandths)),
		Workloads: c.placedThat(func(it *checkItem) bool { return it.w.Demand[dim] > 0 && share.Over.valueOf(it.site) == value }),
	}
	if share.Over == "site" {
		v.Site = s.ID
	}
	return v
}

// placedThat returns the placed workloads of some sort in order of ID; none where only kinds of violations count.
func (c *checker) placedThat(are func(it *checkItem) bool) []WorkloadID {
	if c.brief {
		return nil
	}
	var ids []WorkloadID
	for _, it := range c.items {
		if it.site != nil && are(it) {
			ids = append(ids, it.w.ID)
		}
	}
	return ids
}

// shareText writes thousandths as "60 %" or "62.5 %".
func shareText(thousandths int64) string {
	if thousandths%10 == 0 {
		return fmt.Sprintf("%d %%", thousandths/10)
	}
	return fmt.Sprintf("%d.%d %%", thousandths/10, thousandths%10)
}
