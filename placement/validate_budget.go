package placement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

// validateTransient judges the dimensions that moves take at both ends.
func validateTransient(dimensions []topology.Dimension, d *defects) {
	seen := make(map[topology.Dimension]bool, len(dimensions))
	for i, dim := range dimensions {
		switch {
		case dim == "":
			d.note("transient[%d]: a dimension has no name", i)
		case seen[dim]:
			d.note("transient[%d]: %s is named twice", i, dim)
		}
		seen[dim] = true
	}
}

// judgeBudget notes what is wrong with a budget. A limit below zero would be broken by placing nothing.
func judgeBudget(b Budget, i int, d *defects) {
	note := func(at spot, format string, args ...any) {
		d.note("%s: %s", strings.TrimPrefix(at.String(), "."), fmt.Sprintf(format, args...))
	}
	at := func(field string) spot { return spot{"budgets", i, field} }
	switch b := b.(type) {
	case MoveBudget:
		if b.AtMost < 0 {
			note(at("moves.atMost"), "%d is negative", b.AtMost)
		}
	case CostBudget:
		if b.AtMost < 0 {
			note(at("cost.atMost"), "%d is negative", b.AtMost)
		}
		if len(b.Terms) == 0 {
			note(at("cost.terms"), "missing")
		}
		where := fmt.Sprintf("budgets[%d].cost.terms", i)
		judgeTerms(where, "this budget", b.Terms, d)
		for k, term := range b.Terms {
			if slices.Contains(termKinds, term.Kind) && !slices.Contains(budgetKinds, term.Kind) {
				d.note("%s[%d].kind: %s is no cost of single workloads and flows", where, k, term.Kind)
			}
		}
	case ShareBudget:
		judgeDomain(b.Over, at("share.over"), note)
		if b.Dimension == "" {
			note(at("share.dimension"), "missing")
		}
		if b.Thousandths < 0 || b.Thousandths > 1000 {
			note(at("share.thousandths"), "%d is not within 0 and 1000", b.Thousandths)
		}
	case nil:
		note(at(""), "missing")
	default:
		note(at(""), "%T is none of MoveBudget, CostBudget and ShareBudget (as values)", b)
	}
}

// budgetKinds are the terms that a CostBudget can limit.
var budgetKinds = []TermKind{Price, Traffic, Carbon, UserLatency, Moves, Relocation, RuleCost}
