package placement

import "github.com/domicile-eu/domicile/topology"

// Budget is one of [MoveBudget], [CostBudget] and [ShareBudget]: a hard limit on what an assignment as a whole uses.
type Budget interface{ budget() }

// MoveBudget allows at most AtMost workloads to run elsewhere than Current places them. Workloads that are left out, and
// those that run nowhere yet, do not count.
type MoveBudget struct{ AtMost int }

// CostBudget allows the terms, weighted as given, to come to at most AtMost in all. Terms are those that single workloads
// on their sites and flows pay: Price, Traffic, Carbon, UserLatency, Moves, Relocation, RuleCost. A contribution below zero
// (of RuleCost) counts as zero, so that leaving a workload out never breaks a budget.
type CostBudget struct {
	Terms  []Term
	AtMost int64
}

// ShareBudget allows the workloads on any one value of a domain to demand at most Thousandths of what all workloads of the
// problem, placed or not, demand of a dimension (rounded down): not more than 60 % of the CPU with one provider, say.
type ShareBudget struct {
	Over        Domain
	Dimension   topology.Dimension
	Thousandths int64
}

func (MoveBudget) budget()  {}
func (CostBudget) budget()  {}
func (ShareBudget) budget() {}
