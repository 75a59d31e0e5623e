package placement

import (
	"fmt"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// tariffs is what one demand costs at every site, in euro and emissions, each asked for once.
type tariffs struct {
	key       string
	demand    []int64 // by dimension of the problem
	price     []int64 // by site, nil or unset where not asked for yet
	emissions []int64
	// based is what the terms that depend on the demand alone cost, by site and tier as in problem.Class.Cost, where any
	// class with the demand may run; nil where it is not held.
	based   []int64
	reached bitset // where based holds something
}

const unset = math.MinInt64

func (c *compiled) tariffsOf(w *Workload) *tariffs {
	key := demandKey(w.Demand)
	if t, ok := c.demands[key]; ok {
		return t
	}
	t := &tariffs{key: key, demand: make([]int64, len(c.dims))}
	for k, dim := range c.dims {
		t.demand[k] = w.Demand[dim]
	}
	c.demands[key] = t
	return t
}

func (t *tariffs) priceAt(w *Workload, s *topology.Site, at int32, sites int) (int64, error) {
	if t.price == nil {
		t.price = slices.Repeat([]int64{unset}, sites)
	}
	if t.price[at] == unset {
		x, err := s.HourlyPrice(w.Demand)
		if err != nil {
			return 0, fmt.Errorf("%w: workload %s on %s: %w", ErrInvalid, w.ID, s.ID, err)
		}
		t.price[at] = int64(x)
	}
	return t.price[at], nil
}

func (t *tariffs) emissionsAt(w *Workload, s *topology.Site, at int32, sites int) (int64, error) {
	if t.emissions == nil {
		t.emissions = slices.Repeat([]int64{unset}, sites)
	}
	if t.emissions[at] == unset {
		x, err := s.HourlyEmissions(w.Demand)
		if err != nil {
			return 0, fmt.Errorf("%w: workload %s on %s: %w", ErrInvalid, w.ID, s.ID, err)
		}
		t.emissions[at] = x
	}
	return t.emissions[at], nil
}

// column appends what a class costs by itself on each of the sites, which ascend, in each tier in which sites differ.
func (c *compiled) column(cl *class, sites []int32, cost []int64) ([]int64, error) {
	w := len(c.out.Unary)
	if w == 0 {
		return nil, nil
	}
	start := len(cost)
	cost = slices.Grow(cost, len(sites)*w)[:start+len(sites)*w]
	own := cost[start:]
	if based := cl.tariffs.based; based != nil {
		for k, at := range sites {
			copy(own[k*w:k*w+w], based[int(at)*w:int(at)*w+w])
		}
	} else {
		clear(own)
	}
	for slot, t := range c.out.Unary {
		for _, term := range c.tiers[t].Terms {
			if term.Weight == 0 || cl.tariffs.based != nil && ofDemand(term) {
				continue
			}
			if err := c.addTerm(cl, term, sites, own, slot); err != nil {
				return nil, err
			}
		}
	}
	return cost, nil
}

// ofDemand says whether a term depends on nothing of a workload but its demand.
func ofDemand(term Term) bool { return term.Kind == Price || term.Kind == Carbon }

// addTerm adds one term's contributions to every w-th entry of cost from slot on.
func (c *compiled) addTerm(cl *class, term Term, sites []int32, cost []int64, slot int) error {
	amount, err := c.amounts(cl, term)
	if amount == nil || err != nil {
		return err
	}
	if few := cl.sparse(term); few != nil {
		// Both lists ascend; what is in one of them only adds nothing.
		next := 0
		for k, at := range sites {
			for next < len(few.sites) && few.sites[next] < at {
				next++
			}
			if next == len(few.sites) {
				return nil
			}
			if few.sites[next] == at {
				if err := c.addAmount(cl, amount, at, cost, k, slot); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for k, at := range sites {
		if err := c.addAmount(cl, amount, at, cost, k, slot); err != nil {
			return err
		}
	}
	return nil
}

// sparse returns the column that a term's contributions follow, nil where they are not held in one.
func (cl *class) sparse(term Term) *sparse {
	switch term.Kind {
	case Preference:
		return cl.points
	case RuleCost:
		return cl.rules
	}
	return nil
}

// addAmount adds one contribution at the k-th of the sites listed.
func (c *compiled) addAmount(cl *class, amount func(at int32) (int64, error), at int32, cost []int64, k, slot int) error {
	x, err := amount(at)
	if err != nil {
		return err
	}
	w := len(c.out.Unary)
	if c.out.Unary[slot] >= c.out.Tiers-c.out.Capped {
		x = max(0, x) // budgets know no income
	}
	sum := cost[k*w+slot] + x
	if (x > 0) != (sum > cost[k*w+slot]) && x != 0 {
		return tooLarge(cl.w, "the sum of the terms at "+string(c.sites[at].ID))
	}
	cost[k*w+slot] = sum
	return nil
}

// amounts returns the contribution of a term by site; nil where there is none.
func (c *compiled) amounts(cl *class, term Term) (func(at int32) (int64, error), error) {
	large := func() (int64, error) { return 0, tooLarge(cl.w, "term "+string(term.Kind)) }
	times := func(x, weight int64) (int64, error) {
		if y, ok := mul(x, weight); ok {
			return y, nil
		}
		return large()
	}
	switch term.Kind {
	case Price:
		return func(at int32) (int64, error) {
			x, err := cl.tariffs.priceAt(cl.w, c.sites[at], at, len(c.sites))
			if err != nil {
				return 0, err
			}
			return times(x, term.Weight)
		}, nil
	case Carbon:
		return func(at int32) (int64, error) {
			mg, err := cl.tariffs.emissionsAt(cl.w, c.sites[at], at, len(c.sites))
			if err != nil {
				return 0, err
			}
			if x, ok := mulDivUp(mg, 1, term.Weight, mgPerKg); ok {
				return x, nil
			}
			return large()
		}, nil
	case Preference:
		if cl.points == nil {
			return nil, nil
		}
		points := cl.points.reader()
		return func(at int32) (int64, error) {
			x, err := times(points(at), term.Weight)
			return -x, err
		}, nil
	case RuleCost:
		if cl.rules == nil {
			return nil, nil
		}
		costs := cl.rules.reader()
		return func(at int32) (int64, error) { return times(costs(at), term.Weight) }, nil
	case Traffic, UserLatency:
		if len(cl.flows) == 0 {
			return nil, nil
		}
		return func(at int32) (int64, error) { return c.accessCost(cl, term, at) }, nil
	}
	return nil, nil
}

const mgPerKg = 1_000_000

// accessCost returns what the flows from access points contribute at a site.
func (c *compiled) accessCost(cl *class, term Term, at int32) (int64, error) {
	const bytesPerGB, microsAndBits = 1_000_000_000, 1_000_000_000
	sum := int64(0)
	for k := range cl.flows {
		f := &cl.flows[k]
		var x int64
		var ok bool
		if term.Kind == Traffic {
			x, ok = mulDivUp(f.share, bytesPerHour*term.Weight, f.row.egress[at], bytesPerGB)
		} else {
			x, ok = mulDivUp(int64(f.row.latency[at]), f.share, term.Weight, microsAndBits)
		}
		if !ok || x > math.MaxInt64-sum {
			return 0, tooLarge(cl.w, "term "+string(term.Kind))
		}
		sum += x
	}
	return sum, nil
}
