package migrate

import (
	"fmt"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// nowhereLabel is asked for by workloads that run nowhere yet, so that they stay there: to place them is another question,
// and nobody makes room for them. No site has it.
const nowhereLabel = "domicile.eu/placed-later"

// priced returns the problem with everything at a place, in which a move costs what it has to bring: the MoveCost of each
// workload holds the margin as well, and the term Moves stands in the tier of the prices, spread over the hours asked for.
func (b *rebalancer) priced(at placement.Assignment) (*placement.Problem, error) {
	objective, scale, spread, err := b.objective()
	if err != nil {
		return nil, err
	}
	out := edited(b.given)
	out.Current, out.Objective = at, objective
	for w := range workloads(out) {
		site, ok := out.Continuum.Site(at[w.ID])
		if !ok {
			w.Labels = map[string]string{nowhereLabel: "true"}
			continue
		}
		if _, still := b.still[w.ID]; still {
			w.Site = site.ID
		}
		margin, err := b.margin(w, site, scale, spread)
		if err != nil {
			return nil, err
		}
		if err := total(&w.MoveCost, margin, "the move cost of "+string(w.ID)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// margin returns what to add to the cost of a move so that it weighs, in the objective, as much as the share of the
// workload's price that it has to save.
func (b *rebalancer) margin(w *placement.Workload, site *topology.Site, scale, spread int64) (topology.MicroEUR, error) {
	hourly, err := site.HourlyPrice(w.Demand)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	share, ok := scaled(int64(hourly), b.options.Margin, 1000)
	if !ok || share > math.MaxInt64/2/(720*scale) {
		return 0, fmt.Errorf(overflowing, ErrInvalid, "the price of "+string(w.ID))
	}
	return topology.MicroEUR((share*720*scale + spread - 1) / spread), nil
}

// objective returns the objective in which the tier of the prices weighs scale times what it did, and the term Moves in it
// weighs spread: over scale x 720 / spread = Hours.
func (b *rebalancer) objective() (objective placement.Objective, scale, spread int64, err error) {
	given := b.given.Objective
	if len(given) == 0 {
		given = placement.DefaultObjective
	}
	g := gcd(b.options.Hours, 720)
	scale, spread = b.options.Hours/g, 720/g
	tier := pricesOf(given)
	weight := int64(1)
	for k, t := range given {
		terms := slices.Clone(t.Terms)
		for i := range terms {
			if terms[i].Kind == placement.Moves && terms[i].Weight > 0 {
				weight = terms[i].Weight
			}
		}
		terms = slices.DeleteFunc(terms, func(t placement.Term) bool { return t.Kind == placement.Moves })
		if k == tier {
			for i := range terms {
				if terms[i].Weight > math.MaxInt64/scale {
					return nil, 0, 0, fmt.Errorf(overflowing, ErrInvalid, "the weight of "+string(terms[i].Kind))
				}
				terms[i].Weight *= scale
			}
		}
		objective = append(objective, placement.Tier{Name: t.Name, Terms: terms})
	}
	if tier < 0 {
		objective = append(objective, placement.Tier{Name: "moves"})
		tier = len(objective) - 1
	}
	if weight > math.MaxInt64/spread {
		return nil, 0, 0, fmt.Errorf(overflowing, ErrInvalid, "the weight of moves")
	}
	objective[tier].Terms = append(objective[tier].Terms, placement.Term{Kind: placement.Moves, Weight: weight * spread})
	return objective, scale, spread * weight, nil
}

// pricesOf returns the tier that holds the term Price, else the one that holds Moves, else -1.
func pricesOf(o placement.Objective) int {
	for _, kind := range []placement.TermKind{placement.Price, placement.Moves} {
		for k, t := range o {
			if slices.ContainsFunc(t.Terms, func(t placement.Term) bool { return t.Kind == kind && t.Weight > 0 }) {
				return k
			}
		}
	}
	return -1
}

func gcd(a, b int64) int64 {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}
