package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/placement"
)

// Why writes why a workload is where it is.
func Why(w io.Writer, p *placement.Problem, a *placement.WhyAnswer) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.why(a)
	return t.err
}

func (t *text) why(a *placement.WhyAnswer) {
	s, ok := t.d.Problem.Continuum.Site(a.Line.Site)
	if !ok {
		t.printf("%s is not placed\n", a.Line.Workload)
	} else {
		t.printf("%s is on %s (%s, %s, %s)\n", a.Line.Workload, s.ID, s.Provider, s.Country, s.Tier)
		t.printf("  price %s EUR/h, traffic into it %s EUR/h, %s CO2e/h\n",
			euros(a.Line.Price, 4), euros(a.Line.Traffic, 4), grams(a.Line.Emissions))
	}
	if a.Line.Users != nil {
		t.printf("  users: %s\n", usersCell(a.Line.Users))
	}
	t.printf("  %d sites could take it as things stand; refused by %s\n", a.Admissible, counts(a.Refused))
	if a.RunnerUp != nil {
		t.printf("  runner-up: %s, %s\n", a.RunnerUp.Site, deltas(t.d.Problem.Objective, a.RunnerUp.Tiers))
	} else {
		t.printf("  runner-up: none\n")
	}
	if len(a.Terms) > 0 {
		var rows []string
		for _, term := range a.Terms {
			if term.Value == 0 {
				continue
			}
			rows = append(rows, fmt.Sprintf("  %s\t%s\t%s", term.Tier, termCell(term), tierAmount(t.d.Problem.Objective, term.Tier, term.Value)))
		}
		t.table("  TIER\tTERM\tADDS", rows)
	}
	t.ways(a.Ways, true)
}

// termCell names a term among others of its kind: "excess of cpu", "balance of cpu against memory".
func termCell(t placement.TermResult) string {
	text := string(t.Kind)
	if t.Dimension != "" {
		text += " of " + string(t.Dimension)
	}
	if t.Against != "" {
		text += " against " + string(t.Against)
	}
	return text
}

// counts writes "admission 12, latency 3", largest first.
func counts(m map[placement.ConstraintKind]int) string {
	var kinds []placement.ConstraintKind
	for k, n := range m {
		if n > 0 {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 {
		return "nothing"
	}
	slices.SortFunc(kinds, func(a, b placement.ConstraintKind) int {
		if m[a] != m[b] {
			return m[b] - m[a]
		}
		return strings.Compare(string(a), string(b))
	})
	var parts []string
	for _, k := range kinds {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(parts, ", ")
}

func (t *text) unplaced() {
	if len(t.d.Result.Unplaced) == 0 {
		return
	}
	t.printf("NOT PLACED\n")
	for _, u := range t.d.Result.Unplaced {
		t.printf("%s: sites refused by %s\n", u.Workload, counts(u.Refused))
	}
	for _, r := range t.d.Relief {
		t.relief(r)
	}
	t.printf("\n")
}

func (t *text) relief(r *placement.Relief) {
	var names []string
	for _, w := range r.Workloads {
		names = append(names, string(w))
	}
	t.printf("\nWAYS OUT for %s\n", strings.Join(names, ", "))
	if len(r.Conflict) > 0 {
		t.printf("  cannot hold together:\n")
		for _, q := range r.Conflict {
			t.printf("    %-9s  %s\n", q.Kind, q.Message)
		}
	}
	if len(r.Ways) == 0 {
		t.printf("  no single relaxation was found that places it\n")
	}
	for i, way := range r.Ways {
		t.printf("  %d. at %s, %s EUR/h:\n", i+1, way.Site, signed(euros(way.Cost, 4)))
		for _, f := range way.Fixes {
			t.printf("       %s\n", f.Message)
		}
	}
}
