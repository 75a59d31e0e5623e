package placement

import (
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// checkTerm is one term of the objective with the tier that it stands in; tiers beyond the last are cost budgets.
type checkTerm struct {
	Term
	tier int
}

// checkValues is a value for each term of the objective, in its order.
type checkValues []int64

func (c *checker) values() checkValues { return make(checkValues, len(c.objective)) }

// contribute adds one contribution, the product of the factors divided by div and rounded up, to a term.
func (c *checker) contribute(v checkValues, term int, it *checkItem, div int64, factors ...int64) error {
	amount, ok := ceilProduct(div, factors...)
	if c.objective[term].tier >= len(c.tiers) {
		amount = max(amount, 0) // budgets give no credit
	}
	if ok {
		v[term], ok = addExact(v[term], amount)
	}
	if !ok {
		return c.overflow(term, string(it.w.ID))
	}
	return nil
}

// overflow is the error about a term that gets too large with a workload or site.
func (c *checker) overflow(term int, with string) error {
	t := c.objective[term]
	where := "cost budget"
	if t.tier < len(c.tiers) {
		where = "objective tier " + c.tiers[t.tier]
	}
	return fmt.Errorf("%w: %s: the term %s overflows with %s", ErrInvalid, where, termText(t.Kind, t.Dimension, t.Against), with)
}

// addUnplaced adds what leaving a workload out costs.
func (c *checker) addUnplaced(v checkValues, it *checkItem) error {
	for i, term := range c.objective {
		if term.Kind == Unplaced {
			if err := c.contribute(v, i, it, 1, it.w.Priority, term.Weight); err != nil {
				return err
			}
		}
	}
	return nil
}

// addUnary adds what a workload costs on a site whatever the others do, but for its flows.
func (c *checker) addUnary(v checkValues, it *checkItem, s *topology.Site) error {
	for i, term := range c.objective {
		quantity, div, err := c.quantity(term.Kind, it, s)
		if err == nil {
			err = c.contribute(v, i, it, div, quantity, term.Weight)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// quantity returns what a unary term counts for one pair, and by what it is divided.
func (c *checker) quantity(kind TermKind, it *checkItem, s *topology.Site) (quantity, div int64, err error) {
	switch kind {
	case Price:
		price, err := s.HourlyPrice(it.w.Demand)
		return int64(price), 1, err
	case Carbon:
		mg, err := s.HourlyEmissions(it.w.Demand)
		return mg, 1_000_000, err
	case Preference:
		verdict, err := c.verdict(it, s)
		if err != nil || verdict.Denied {
			return 0, 1, err
		}
		points, ok := subExact(0, verdict.Points)
		if !ok {
			return 0, 1, fmt.Errorf("%w: the points of %s at %s overflow", ErrInvalid, it.w.ID, s.ID)
		}
		return points, 1, nil
	case Moves:
		cost, err := moveCost(it, s)
		return cost, 720, err
	case Relocation:
		cost, err := c.relocationCost(it, s)
		return cost, 720, err
	case RuleCost:
		ruling, err := c.ruling(it, s)
		return int64(ruling.cost), 1, err
	default: // Unplaced, and what couples workloads or belongs to flows
		return 0, 1, nil
	}
}

// moveCost returns what it costs to move a workload to a site from where it runs now: the work, and the bytes that leave
// a provider.
func moveCost(it *checkItem, s *topology.Site) (int64, error) {
	from := it.current
	if from == nil || from.ID == s.ID {
		return 0, nil
	}
	cost := int64(it.w.MoveCost)
	if from.Provider == s.Provider {
		return cost, nil
	}
	memory := it.w.Migration.Memory
	if memory == 0 {
		memory = it.w.Demand[topology.Memory]
	}
	bytes, fits := addExact(memory, it.w.Migration.Disk)
	transfer, ok := ceilProduct(1_000_000_000, bytes, int64(from.Egress))
	sum, okSum := addExact(cost, transfer)
	if !fits || !ok || !okSum {
		return 0, fmt.Errorf("%w: the cost of moving %s overflows", ErrInvalid, it.w.ID)
	}
	return sum, nil
}

// relocationCost returns what Problem.Relocation says of moving a workload to a site from where it runs now.
func (c *checker) relocationCost(it *checkItem, s *topology.Site) (int64, error) {
	if it.current == nil || it.current.ID == s.ID || c.p.Relocation == nil {
		return 0, nil
	}
	cost := int64(relocationBy(c.p.Relocation, it.current, s))
	if cost < 0 {
		return 0, fmt.Errorf("%w: the cost of relocation from %s to %s is negative: %d", ErrInvalid, it.current.ID, s.ID, cost)
	}
	return cost, nil
}

// addFlow adds what one flow costs between two placed ends; from is nil where it comes from an access point.
func (c *checker) addFlow(v checkValues, f *checkFlow, from, to *checkItem) error {
	for i, term := range c.objective {
		var err error
		switch {
		case term.Kind == Traffic:
			var egress int64
			if egress, err = c.flowEgress(f, from, to); err == nil {
				err = c.contribute(v, i, to, 1_000_000_000, f.share, egress, 450, term.Weight)
			}
		case term.Kind == UserLatency && from == nil:
			var w checkWay
			w, err = c.pricedWay(f.origin(from), to.site.ID.Node(), f.data(to), f.percentile)
			if err == nil {
				err = c.contribute(v, i, to, 1_000_000_000, int64(w.latency), f.share, term.Weight)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// flowEgress returns what it costs to carry one GB of a flow between two placed ends: along the route, and out of the
// provider that sends it, which for users is the one that serves them.
func (c *checker) flowEgress(f *checkFlow, from, to *checkItem) (int64, error) {
	w, err := c.pricedWay(f.origin(from), to.site.ID.Node(), f.data(to), anyLatency)
	if err != nil {
		return 0, err
	}
	var leaving topology.MicroEUR
	switch {
	case from == nil:
		leaving = to.site.Egress
	case from.site.Provider != to.site.Provider:
		leaving = from.site.Egress
	}
	sum, ok := addExact(int64(w.egress), int64(leaving))
	if !ok {
		return 0, fmt.Errorf("%w: the egress price from %s to %s overflows", ErrInvalid, f.origin(from), to.site.ID)
	}
	return sum, nil
}
