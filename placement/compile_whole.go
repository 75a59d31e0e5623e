package placement

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// setWhole compiles the terms and constraints of the assignment as a whole: use above what is safe, balance, moves by where
// they start and end and by component, and room during the move.
func (c *compiled) setWhole() error {
	for t, tier := range c.tiers {
		for _, term := range tier.Terms {
			if term.Weight == 0 {
				continue
			}
			dim, wanted := slices.BinarySearch(c.dims, term.Dimension)
			against, _ := slices.BinarySearch(c.dims, term.Against)
			weighted := problem.WeightedTerm{Tier: t, Weight: term.Weight}
			switch {
			case term.Kind == Excess && wanted: // what nobody demands is not used
				c.out.Excess = append(c.out.Excess, problem.ExcessTerm{Tier: t, Dim: dim, Weight: term.Weight, Per: max(1, term.Per)})
			case term.Kind == Balance:
				c.out.Balance = append(c.out.Balance, problem.BalanceTerm{
					Tier: t, Dim: dim, Against: against, Ratio: term.Ratio, Weight: term.Weight, Per: max(1, term.Per),
				})
			case term.Kind == Relocation && c.p.Relocation != nil && c.out.Home != nil:
				c.out.Relocation = append(c.out.Relocation, weighted)
			case term.Kind == GroupMoves && c.out.Home != nil:
				c.out.GroupMoves = append(c.out.GroupMoves, weighted)
			}
		}
	}
	if len(c.out.Excess) > 0 {
		c.setSafe()
	}
	if len(c.out.Relocation) > 0 {
		c.out.Relocate = c.relocate
	}
	if len(c.out.GroupMoves) > 0 {
		c.setBatches()
	}
	if c.out.Home != nil && len(c.p.Transient) > 0 {
		c.out.Transient = make([]bool, len(c.dims))
		for k, dim := range c.dims {
			c.out.Transient[k] = slices.Contains(c.p.Transient, dim)
		}
	}
	return nil
}

func (c *compiled) setSafe() {
	c.out.Safe = slices.Clone(c.out.Capacity)
	for k, s := range c.sites {
		for d, dim := range c.dims {
			if safe, ok := s.Safe[dim]; ok {
				c.out.Safe[k*len(c.dims)+d] = min(safe, problem.Most)
			}
		}
	}
}

// relocate returns what leaving a site costs, by target.
func (c *compiled) relocate(from int32) []int64 {
	row := make([]int64, len(c.sites))
	for to, s := range c.sites {
		if int32(to) == from {
			continue
		}
		row[to] = int64(relocationBy(c.p.Relocation, c.sites[from], s))
	}
	return row
}

// setBatches numbers the components.
func (c *compiled) setBatches() {
	for i, w := range c.workloads {
		if i == 0 || c.appOf[i] != c.appOf[i-1] || w.Component != c.workloads[i-1].Component {
			c.out.Batches++
		}
		c.out.Batch = append(c.out.Batch, int32(c.out.Batches-1))
	}
}

// setBudgets compiles the budgets. Of several limits of moves the least counts.
func (c *compiled) setBudgets() error {
	for k, b := range c.p.Budgets {
		switch b := b.(type) {
		case MoveBudget:
			if c.out.Home != nil && (!c.out.LimitMoves || int64(b.AtMost) < c.out.MostMoved) {
				c.out.LimitMoves, c.out.MostMoved = true, int64(b.AtMost)
			}
		case ShareBudget:
			if dim, ok := slices.BinarySearch(c.dims, b.Dimension); ok {
				c.out.Quotas = append(c.out.Quotas, problem.Quota{Domain: c.domain(b.Over), Dim: dim, Limit: c.shareOf(dim, b.Thousandths)})
			}
		case CostBudget: // its tier stands there, in the order of the budgets
			c.out.Caps = append(c.out.Caps, b.AtMost)
		default:
			return fmt.Errorf("%w: budgets[%d]: %T is none of MoveBudget, CostBudget and ShareBudget", ErrInvalid, k, b)
		}
	}
	return nil
}

// shareOf returns so many thousandths of what all workloads demand of a dimension.
func (c *compiled) shareOf(dim int, thousandths int64) int64 {
	sum := uint64(0)
	for _, w := range c.workloads {
		sum += uint64(w.Demand[c.dims[dim]]) // validated not to overflow
	}
	hi, lo := bits.Mul64(sum, uint64(thousandths))
	if hi >= 1000 {
		return math.MaxInt64
	}
	q, _ := bits.Div64(hi, lo, 1000)
	return int64(min(q, math.MaxInt64))
}

// tiersAndBudgets returns the tiers of the objective and behind them, as if they were tiers, what the cost budgets add up.
func (p *Problem) tiersAndBudgets() Objective {
	tiers := slices.Clone(p.objective())
	for _, b := range p.Budgets {
		if b, ok := b.(CostBudget); ok {
			tiers = append(tiers, Tier{Terms: b.Terms})
		}
	}
	return tiers
}
