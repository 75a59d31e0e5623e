package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
)

// Plan writes the plan of moves from one assignment to another.
func Plan(w io.Writer, p *placement.Problem, plan *migrate.Plan) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.plan("PLAN", plan)
	return t.err
}

// Drain writes how a scope is emptied.
func Drain(w io.Writer, p *placement.Problem, d *migrate.Drained) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.printf("DRAIN of %s: %s\n\n", scopeText(d.Scope), emptied(d))
	t.plan("PLAN", d.Plan)
	for _, s := range d.Staying {
		t.stuck("stays", s)
	}
	if d.Back != nil {
		t.plan("WAY BACK", d.Back)
	}
	if d.Difference != nil {
		t.difference(d.Difference)
	}
	return t.err
}

func scopeText(s migrate.Scope) string {
	var parts []string
	for _, id := range s.Sites {
		parts = append(parts, string(id))
	}
	for _, id := range s.Providers {
		parts = append(parts, "provider "+string(id))
	}
	for _, id := range s.Countries {
		parts = append(parts, "country "+string(id))
	}
	text := strings.Join(parts, ", ")
	if !s.By.IsZero() {
		text += " by " + s.By.UTC().Format(time.RFC3339)
	}
	return text
}

func emptied(d *migrate.Drained) string {
	switch {
	case len(d.Staying) > 0 && d.Over.IsZero():
		return fmt.Sprintf("nothing can leave, %d stay", len(d.Staying))
	case len(d.Staying) > 0:
		return fmt.Sprintf("all that can leave has left at %s, %d stay", d.Over.UTC().Format(time.RFC3339), len(d.Staying))
	case d.Over.IsZero():
		return "it is empty"
	default:
		return "empty at " + d.Over.UTC().Format(time.RFC3339)
	}
}

func (t *text) late(list []migrate.Late) {
	for _, l := range list {
		t.printf("late: %s by %s: %s\n", l.Workload, duration(l.Over), l.Message)
	}
}

// Rebalance writes the moves that are worth their price.
func Rebalance(w io.Writer, p *placement.Problem, r *migrate.Rebalanced) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.printf("REBALANCE: %d of %d workloads move\n\n", len(r.Moves), len(r.From))
	var rows []string
	for _, m := range r.Moves {
		after := "never"
		if m.Payback >= 0 {
			after = fmt.Sprintf("%d h", m.Payback)
		}
		rows = append(rows, strings.Join([]string{string(m.Workload), string(m.From) + " -> " + string(m.To), signed(euros(m.Benefit, 4)),
			euros(m.Cost, 4), after, orDash(m.Because)}, "\t"))
	}
	if len(rows) > 0 {
		t.table("WORKLOAD\tFROM -> TO\tSAVES EUR/h\tCOSTS EUR\tPAID AFTER\tALSO BECAUSE", rows)
		t.printf("\n")
		t.plan("PLAN", r.Plan)
	}
	for _, s := range r.Staying {
		t.stuck("stays", s)
	}
	if r.Difference != nil && len(r.Moves) > 0 {
		t.difference(r.Difference)
	}
	return t.err
}
