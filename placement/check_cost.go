package placement

import (
	"fmt"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// checkCost is a CostBudget with the place of its terms in the objective, behind those of the tiers.
type checkCost struct {
	CostBudget
	budget     int // which of Problem.Budgets
	first, end int
}

// onlyCosts returns a view of the checker that knows of no terms but those of cost budgets.
func (c *checker) onlyCosts() *checker {
	only := *c
	only.objective = c.objective[c.budgeted:]
	return &only
}

// sumOf returns what the terms of a cost budget come to in values of its view.
func (c *checker) sumOf(i int, v checkValues) (int64, error) {
	sum := int64(0)
	for _, amount := range v[c.costs[i].first-c.budgeted : c.costs[i].end-c.budgeted] {
		var ok bool
		if sum, ok = addExact(sum, amount); !ok {
			return 0, fmt.Errorf("%w: a cost budget overflows", ErrInvalid)
		}
	}
	return sum, nil
}

// spending returns what each cost budget comes to.
func (c *checker) spending() ([]int64, error) {
	sums := make([]int64, len(c.costs))
	if len(c.costs) == 0 {
		return sums, nil
	}
	only := c.onlyCosts()
	total := only.values()
	err := only.eachCost(func(add func(checkValues) error, _ ...*checkItem) error { return add(total) })
	for i := range sums {
		if err == nil {
			sums[i], err = c.sumOf(i, total)
		}
	}
	return sums, err
}

// eachCost calls visit for each placed workload, and for each flow between two ends, with what adds its costs to values.
func (c *checker) eachCost(visit func(add func(checkValues) error, items ...*checkItem) error) error {
	for _, it := range c.items {
		if it.site == nil {
			continue
		}
		if err := visit(func(v checkValues) error { return c.addUnary(v, it, it.site) }, it); err != nil {
			return err
		}
	}
	for _, f := range c.flows {
		for from, to := range f.pairs {
			if err := visit(func(v checkValues) error { return c.addFlow(v, f, from, to) }, from, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// spendingWith returns what each cost budget would come to with a workload on a site, and by how much the move would raise
// it; on the site where it is, what it adds there.
func (c *checker) spendingWith(it *checkItem, s *topology.Site) (sums, added []int64, err error) {
	added = make([]int64, len(c.costs))
	if len(c.costs) == 0 {
		return nil, added, nil
	}
	if c.spent == nil {
		if c.spent, err = c.spending(); err != nil {
			return nil, nil, err
		}
	}
	only := c.onlyCosts()
	there, err := only.marginal(it, s)
	if err != nil {
		return nil, nil, err
	}
	here, err := only.marginal(it, it.site)
	if err != nil {
		return nil, nil, err
	}
	home := it.site != nil && it.site.ID == s.ID
	sums = make([]int64, len(c.costs))
	for i := range c.costs {
		to, err := c.sumOf(i, there)
		if err != nil {
			return nil, nil, err
		}
		from, err := c.sumOf(i, here)
		if err != nil {
			return nil, nil, err
		}
		change, ok := subExact(to, from)
		sum, okSum := addExact(c.spent[i], change)
		if !ok || !okSum {
			return nil, nil, fmt.Errorf("%w: a cost budget overflows", ErrInvalid)
		}
		sums[i], added[i] = sum, change
		if home {
			added[i] = to
		}
	}
	return sums, added, nil
}

// tooExpensive is about a cost budget that is exceeded as the workloads stand; it names those that cost something.
func (c *checker) tooExpensive(i int, sum int64) (Violation, error) {
	have, want := comparedText(sum, c.costs[i].AtMost, quantity.Euro)
	kinds := make([]string, len(c.costs[i].Terms))
	for k, term := range c.costs[i].Terms {
		kinds[k] = string(term.Kind)
	}
	v := Violation{
		Kind: ByBudget, Have: sum, Want: c.costs[i].AtMost, Unit: "uEUR/h",
		Message: fmt.Sprintf("%s of %s an hour, at most %s allowed", andText(kinds), have, want),
	}
	if c.brief {
		return v, nil
	}
	costly := make(map[*checkItem]bool)
	only := c.onlyCosts()
	one := only.values()
	err := only.eachCost(func(add func(checkValues) error, items ...*checkItem) error {
		clear(one)
		if err := add(one); err != nil {
			return err
		}
		if sum, err := c.sumOf(i, one); err != nil || sum <= 0 {
			return err
		}
		for _, it := range items {
			costly[it] = true
		}
		return nil
	})
	v.Workloads = c.placedThat(func(it *checkItem) bool { return costly[it] })
	return v, err
}
