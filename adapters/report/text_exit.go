package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Exit writes the plan of leaving a provider.
func Exit(w io.Writer, p *placement.Problem, x *migrate.ExitReport) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.exit(x)
	return t.err
}

func (t *text) exit(x *migrate.ExitReport) {
	var bytes int64
	for _, i := range x.Inventory {
		bytes += i.Bytes
	}
	t.printf("EXIT from %s: %d workloads, %s to move\n\n", x.Provider, len(x.Inventory), bytesize(bytes))
	t.readiness(x.Readiness)
	t.inventory(x.Inventory)
	if x.Plan != nil {
		t.plan("PLAN", x.Plan)
	}
	for _, s := range x.Staying {
		t.stuck("stays", s)
	}
	t.waves(x.Waves)
	t.clock(x)
	t.bill(x.Bill)
	t.wait(x.Wait)
	if x.Back != nil {
		t.plan("WAY BACK", x.Back)
	}
	if x.Difference != nil {
		t.difference(x.Difference)
	}
}

func (t *text) readiness(r migrate.Readiness) {
	var rows []string
	for _, c := range r.Criteria {
		rows = append(rows, fmt.Sprintf("%s\t%3d of %2d\t%s", c.Name, c.Points, c.Of, c.Reason))
	}
	if len(rows) == 0 {
		return
	}
	rows = append(rows, fmt.Sprintf("exit-readiness\t%3d of 100\t", r.Score))
	t.table("READINESS\tPOINTS\tBECAUSE", rows)
	t.printf("\n")
}

func (t *text) waves(waves []migrate.Wave) {
	var rows []string
	for i, w := range waves {
		back := "all"
		if !w.Complete {
			back = fmt.Sprintf("%d moves", w.Back)
		}
		rows = append(rows, strings.Join([]string{fmt.Sprint(i + 1), ids(w.Moves), fmt.Sprintf("%s - %s", duration(w.Start), duration(w.End)),
			bytesize(w.Bytes), crossed(w.Jurisdictions), back, euros(w.BackTransfer, 2)}, "\t"))
	}
	if len(rows) > 0 {
		t.table("WAVE\tMOVES\tFROM - UNTIL\tBYTES\tCROSSES\tCAN BE TAKEN BACK\tFOR EUR", rows)
		t.printf("\n")
	}
}

func (t *text) wait(w *migrate.Wait) {
	if w == nil {
		return
	}
	safely := "but then the moves no longer end safely within the transition period"
	if w.InTime {
		safely = "and the moves still end safely within the transition period"
	}
	t.printf("no move before %s would save %s EUR of switching charges, %s\n\n", w.Until, euros(w.Saving, 2), safely)
}

func (t *text) inventory(items []migrate.Item) {
	if len(items) == 0 {
		return
	}
	var rows []string
	for _, i := range items {
		var others []string
		for _, a := range i.Alternatives {
			others = append(others, string(a))
		}
		target := string(i.Target)
		if target == "" {
			target = "-"
		}
		rows = append(rows, strings.Join([]string{string(i.Workload), string(i.Site), fmt.Sprintf("%10s", bytesize(i.Bytes)), target,
			orDash(strings.Join(others, ", ")), orDash(strings.Join(i.NotPortable, "; "))}, "\t"))
	}
	t.table("WORKLOAD\tFROM\t     BYTES\tTO\tALTERNATIVES\tNOT PORTABLE AS IT IS", rows)
	t.printf("\n")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (t *text) plan(title string, plan *migrate.Plan) {
	t.printf("%s: %d moves in %s (proven at least %s, gap %s: %s), %s, transfer %s EUR, double running %s EUR\n", title,
		len(plan.Moves), duration(plan.Makespan), duration(plan.Bound), percent(plan.Gap), plan.Witness, bytesize(plan.Bytes),
		euros(plan.Transfer, 2), euros(plan.Double, 2))
	if len(plan.PeakDouble) > 0 {
		t.printf("peak double occupancy: %s\n", resources(plan.PeakDouble))
	}
	var rows []string
	for _, m := range plan.Moves {
		rows = append(rows, strings.Join([]string{fmt.Sprint(m.ID), string(m.Workload), string(m.From) + " -> " + string(m.To),
			string(m.Method), fmt.Sprintf("%s - %s", duration(m.Start), duration(m.End)), bytesize(m.Bytes), bitrate(m.Rate),
			duration(m.Downtime), crossed(m.Route.Jurisdictions), ids(m.After)}, "\t"))
	}
	if len(rows) > 0 {
		t.table("MOVE\tWORKLOAD\tFROM -> TO\tMETHOD\tFROM - UNTIL\tBYTES\tRATE\tDOWN\tCROSSES\tAFTER", rows)
		t.printf("routes:\n")
		for _, m := range plan.Moves {
			t.printf("  %d  %s\n", m.ID, routeText(m))
		}
	}
	if plan.NoReturn >= 0 && plan.NoReturn < len(plan.Moves) {
		m := plan.Moves[plan.NoReturn]
		t.printf("no way back after move %d: %s\n", m.ID, m.NoReturn)
	}
	for _, v := range plan.Start {
		t.printf("  broken before the start: %s\n", v.Message)
	}
	for _, s := range plan.Stuck {
		t.stuck("stuck", s)
	}
	t.late(plan.Late)
	t.printf("\n")
}

func routeText(m migrate.Move) string {
	var b strings.Builder
	b.WriteString(string(m.From))
	for _, h := range m.Route.Hops {
		fmt.Fprintf(&b, " -[%s]- %s", orDash(h.Operator), h.To)
	}
	return b.String()
}

func (t *text) stuck(what string, s migrate.Stuck) {
	t.printf("%s: %s on %s: %s\n", what, s.Workload, s.From, s.Message)
	for _, v := range s.Reasons {
		t.violation(v)
	}
}

func crossed(js []topology.Jurisdiction) string {
	parts := make([]string, len(js))
	for i, j := range js {
		parts[i] = string(j)
	}
	return orDash(strings.Join(parts, " "))
}

func ids(list []int) string {
	parts := make([]string, len(list))
	for i, id := range list {
		parts[i] = fmt.Sprint(id)
	}
	return orDash(strings.Join(parts, " "))
}

// resources writes "cpu 12 cores, memory 48 GiB".
func resources(r topology.Resources) string {
	var parts []string
	for _, d := range sortedDimensions(r) {
		parts = append(parts, amount(d, r[d]))
	}
	return strings.Join(parts, ", ")
}

func (t *text) clock(x *migrate.ExitReport) {
	var rows []string
	for _, p := range x.Clock {
		rows = append(rows, strings.Join([]string{p.Name, p.From, p.Until, p.Basis, p.Source}, "\t"))
	}
	if len(rows) == 0 {
		return
	}
	t.table("LEGAL CLOCK\tFROM\tUNTIL\tBASIS\tSOURCE", rows)
	t.printf("least sustained rate %s, slack %s, latest safe start %s\n\n", bitrate(x.Bandwidth), duration(x.Slack), x.LatestStart)
}

func (t *text) bill(charges []migrate.Charge) {
	if len(charges) == 0 {
		return
	}
	var rows []string
	var sum topology.MicroEUR
	for _, c := range charges {
		due := "-"
		if c.Applies {
			due = euros(c.Cost, 2)
			sum += c.Cost
		}
		rows = append(rows, strings.Join([]string{c.Name, fmt.Sprintf("%10s", due), fmt.Sprintf("%10s", euros(c.Cost, 2)), c.Basis}, "\t"))
	}
	rows = append(rows, strings.Join([]string{"total", fmt.Sprintf("%10s", euros(sum, 2)), "", ""}, "\t"))
	t.table("BILL\t   DUE EUR\t    IF EUR\tBASIS", rows)
	t.printf("due: if the transition begins on the first day of its period; the others would be due at another time or on request\n")
	t.printf("\n")
}
