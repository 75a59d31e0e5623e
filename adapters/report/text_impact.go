package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
)

// Impact writes what a proposed set of policies would do, for people. The problem is the one under the proposal.
func Impact(w io.Writer, p *placement.Problem, x *policy.ImpactReport) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.impact(x)
	return t.err
}

func (t *text) impact(x *policy.ImpactReport) {
	t.rules("added", x.Added)
	t.rules("removed", x.Removed)
	t.rules("changed", x.Changed)
	if len(x.Tables) > 0 {
		t.printf("tables that differ: %s\n", strings.Join(x.Tables, ", "))
	}
	t.printf("ADMITTED: %d -> %d of %d pairs of a workload and a site\n", x.PairsBefore, x.PairsAfter, x.Pairs)
	stranded := len(x.Stranded())
	t.printf("IMPACT: %d must move, of which %d have nowhere to go; %d more move or stop with them; %d refused already; %d lifted\n",
		len(x.MustMove), stranded, len(x.Also), len(x.Refused), len(x.Lifted))
	var rows []string
	for _, r := range x.Rules {
		rows = append(rows, fmt.Sprintf("%s\t%d\t%d\t%s", r.Code, r.MustMove, r.Stranded, r.Title))
	}
	if len(rows) > 0 {
		t.printf("\n")
		t.table("RULE\tMUST MOVE\tSTRANDED\tTITLE", rows)
	}
	t.displaced(x)
	t.printf("\n")
	changes := *x.Difference
	changes.Violations = nil // each stands with whom it moves
	t.difference(&changes)
}

func (t *text) rules(what string, rules []policy.Rule) {
	for _, r := range rules {
		t.printf("%-8s %-10s %s (%s)\n", what, r.Code, r.Title, r.Location)
	}
}

// displaced lists who must move and why; what everybody of a list hears is said once.
func (t *text) displaced(x *policy.ImpactReport) {
	var rows []string
	for _, d := range x.MustMove {
		to := string(d.To)
		if to == "" {
			to = "nowhere: " + stranded(d)
		}
		rows = append(rows, strings.Join([]string{string(d.Workload), string(d.From), to, why(d.Violations)}, "\t"))
	}
	if len(rows) > 0 {
		t.printf("\n")
		t.table("MUST MOVE\tFROM\tTO\tBECAUSE", rows)
	}
	for _, d := range x.Also {
		if d.To == "" {
			t.printf("stops too: %s on %s\n", d.Workload, d.From)
		} else {
			t.printf("makes room: %s moves from %s to %s\n", d.Workload, d.From, d.To)
		}
	}
	for _, w := range x.Refused {
		t.printf("refused already: %s\n", w)
	}
	for _, w := range x.Lifted {
		t.printf("no longer refused: %s\n", w)
	}
}

// stranded says what leaves a workload without a place.
func stranded(d policy.Displaced) string {
	if d.Admitted == 0 {
		return "the policies admit it to no site"
	}
	return fmt.Sprintf("admitted to %d sites, which lack room or break something else", d.Admitted)
}

// why says in a few words what refuses a workload where it is.
func why(violations []placement.Violation) string {
	var parts []string
	for _, v := range violations {
		parts = append(parts, headword(v))
	}
	return strings.Join(parts, "; ")
}
