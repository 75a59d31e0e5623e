package placement

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// validateObjective judges the tiers. The first must count unplaced workloads: without that, placing nothing would be
// the cheapest answer to every problem.
func validateObjective(o Objective, d *defects) {
	names := make(map[string]bool)
	for i, tier := range o {
		where := fmt.Sprintf("objective[%d] (%s)", i, tier.Name)
		if tier.Name == "" {
			d.note("%s.name: missing", where)
		} else if names[tier.Name] {
			d.note("%s.name: used twice", where)
		}
		names[tier.Name] = true
		judgeTerms(where+".terms", "this tier", tier.Terms, d)
	}
	if !slices.ContainsFunc(o[0].Terms, func(t Term) bool { return t.Kind == Unplaced && t.Weight > 0 }) {
		d.note("objective[0] (%s).terms: the first tier must count unplaced workloads (term %q with a weight of at least 1)", o[0].Name, Unplaced)
	}
}

// judgeTerms notes what is wrong with the terms of a tier or budget.
func judgeTerms(where, of string, terms []Term, d *defects) {
	type key struct {
		kind               TermKind
		dimension, against topology.Dimension
	}
	seen := make(map[key]bool)
	for i, term := range terms {
		at := fmt.Sprintf("%s[%d]", where, i)
		if !slices.Contains(termKinds, term.Kind) {
			d.note("%s.kind: there is no term %q", at, term.Kind)
			continue
		}
		k := key{term.Kind, term.Dimension, term.Against}
		if seen[k] {
			d.note("%s.kind: %s stands in %s twice", at, termText(term.Kind, term.Dimension, term.Against), of)
		}
		seen[k] = true
		judgeTerm(term, at, d)
	}
}

// judgeTerm notes what is wrong with one term: it must say what its kind needs and nothing else.
func judgeTerm(t Term, at string, d *defects) {
	if t.Weight < 0 {
		d.note("%s.weight: %d is negative", at, t.Weight)
	}
	use, pair := t.Kind == Excess || t.Kind == Balance, t.Kind == Balance
	for _, f := range []struct {
		field  string
		amount int64
		has    bool
	}{{"ratio", t.Ratio, pair}, {"per", t.Per, use}} {
		switch {
		case f.amount < 0:
			d.note("%s.%s: %d is negative", at, f.field, f.amount)
		case f.amount > 0 && !f.has:
			d.note("%s.%s: %s has none", at, f.field, t.Kind)
		}
	}
	for _, f := range []struct {
		field string
		dim   topology.Dimension
		has   bool
	}{{"dimension", t.Dimension, use}, {"against", t.Against, pair}} {
		switch {
		case f.dim == "" && f.has:
			d.note("%s.%s: missing", at, f.field)
		case f.dim != "" && !f.has:
			d.note("%s.%s: %s has none", at, f.field, t.Kind)
		}
	}
}

// termText names a term among others of its kind: "excess of cpu", "balance of cpu against memory".
func termText(kind TermKind, dimension, against topology.Dimension) string {
	text := string(kind)
	if dimension != "" {
		text += " of " + string(dimension)
	}
	if against != "" {
		text += " against " + string(against)
	}
	return text
}

var termKinds = []TermKind{
	Unplaced, Price, Traffic, Carbon, UserLatency, Preference, Moves, Load, Excess, Balance, Relocation, GroupMoves, RuleCost,
}
