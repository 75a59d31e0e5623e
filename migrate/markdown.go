package migrate

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// Markdown writes the report for people, as one document with tables. The error is that of w.
func (r *ExitReport) Markdown(w io.Writer) error {
	var m markdown
	m.line("# Exit from %s\n", r.Provider)
	m.line("Facts and dates from the data named below; no legal advice.\n")
	m.summary(r)
	m.readiness(r)
	m.inventory(r)
	m.clock(r)
	m.bill(r)
	m.waves(r)
	m.moves("The moves", r.Plan)
	m.moves("The way back", r.Back)
	m.proof(r.Proof)
	_, err := w.Write(m.out.Bytes())
	return err
}

// markdown collects a document.
type markdown struct{ out bytes.Buffer }

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.out, format+"\n", args...) }

// table writes a header, and later each row.
func (m *markdown) table(columns ...string) {
	m.row(columns...)
	m.row(slices.Repeat([]string{"---"}, len(columns))...)
}

func (m *markdown) row(cells ...string) {
	for i, c := range cells {
		cells[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(c)
	}
	m.line("| %s |", strings.Join(cells, " | "))
}

func (m *markdown) summary(r *ExitReport) {
	p := r.Plan
	m.line("- %d moves, %s to copy, %s (no plan for these moves is quicker than %s: %s)",
		len(p.Moves), quantity.Human(p.Bytes, quantity.Bytes), p.Makespan, p.Bound, p.Witness)
	m.line("- least sustained bandwidth %s; slack %s; last safe day to begin %s",
		quantity.Human(r.Bandwidth, quantity.BitsPerSecond), r.Slack, r.LatestStart)
	m.line("- held twice at most: %s", resources(p.PeakDouble))
	if p.NoReturn >= 0 {
		m.line("- no return from move %d on: %s", p.Moves[p.NoReturn].ID, p.Moves[p.NoReturn].NoReturn)
	}
	for _, s := range r.Staying {
		m.line("- **%s stays on %s**: %s", s.Workload, s.From, s.Message)
	}
	for _, l := range p.Late {
		m.line("- **%s is late** by %s: %s", l.Workload, l.Over, l.Message)
	}
	for _, v := range p.Start {
		m.line("- before the exit: %s", v.Message)
	}
	m.line("")
}

func (m *markdown) readiness(r *ExitReport) {
	m.line("## Exit-readiness: %d of 100\n", r.Readiness.Score)
	m.table("criterion", "points", "of", "because")
	for _, c := range r.Readiness.Criteria {
		m.row(c.Name, fmt.Sprint(c.Points), fmt.Sprint(c.Of), c.Reason)
	}
	m.line("")
}

func (m *markdown) waves(r *ExitReport) {
	m.line("## Waves, and how far there is a way back\n")
	m.table("wave", "moves", "start", "end", "bytes", "crosses", "can be taken back by then", "for")
	for i, w := range r.Waves {
		back := fmt.Sprintf("%d moves", w.Back)
		if w.Complete {
			back = "all"
		}
		m.row(fmt.Sprint(i+1), strings.Trim(fmt.Sprint(w.Moves), "[]"), w.Start.String(), w.End.String(),
			quantity.Human(w.Bytes, quantity.Bytes), strings.Trim(fmt.Sprint(w.Jurisdictions), "[]"), back, w.BackTransfer.String())
	}
	m.line("")
}

func (m *markdown) proof(p *Proof) {
	m.line("## What independent code says\n")
	m.line("%d moves were judged in every state and on every hop that they pass through. Wrong with where the plan ends: %d; with the plan: %d; with the way back: %d.\n",
		p.Asked, len(p.Violations), len(p.Faults), len(p.BackFaults))
	for _, v := range p.Violations {
		m.line("- %s", v.Message)
	}
	for _, f := range slices.Concat(p.Faults, p.BackFaults) {
		m.line("- at %s: %s", f.At, f.Message)
	}
	m.table("to come to this report again", "SHA-256")
	for _, d := range [][2]string{
		{"continuum", p.Input.Continuum}, {"latency", p.Input.Latency}, {"applications", p.Input.Applications},
		{"objective", p.Input.Objective}, {"limits", p.Input.Limits}, {"where things run", p.Input.Current},
		{"policies on sites", p.Input.Admission}, {"policies on routes", p.Input.Transit}, {"target", p.Target}, {"plans", p.Plan},
	} {
		m.row(d[0], d[1])
	}
	m.row("seed", fmt.Sprint(p.Seed))
	m.line("")
}

func (m *markdown) inventory(r *ExitReport) {
	m.line("## What runs there\n")
	m.table("workload", "site", "bytes", "goes to", "or else", "does not come along")
	for _, i := range r.Inventory {
		var others []string
		for _, s := range i.Alternatives {
			others = append(others, string(s))
		}
		m.row(string(i.Workload), string(i.Site), quantity.Human(i.Bytes, quantity.Bytes), string(i.Target),
			strings.Join(others, ", "), strings.Join(i.NotPortable, "; "))
	}
	m.line("")
}

func (m *markdown) clock(r *ExitReport) {
	m.line("## The clock (%s)\n", r.Law)
	m.table("period", "from", "until", "basis", "source")
	for _, p := range r.Clock {
		m.row(p.Name, p.From, p.Until, p.Basis, p.Source)
	}
	m.line("")
	for _, d := range r.Duties {
		m.line("- %s: %s (%s)", d.Name, d.Basis, d.Source)
	}
	m.line("")
}

func (m *markdown) bill(r *ExitReport) {
	m.line("## The bill\n")
	m.table("what", "cost", "due", "basis")
	for _, c := range r.Bill {
		due := "no"
		if c.Applies {
			due = "yes"
		}
		m.row(c.Name, c.Cost.String(), due, c.Basis)
	}
	m.line("")
	if w := r.Wait; w != nil {
		late := "but then the moves no longer end safely within the transition period"
		if w.InTime {
			late = "and the moves still end safely within the transition period"
		}
		m.line("No move before %s would save %s of switching charges, %s.\n", w.Until, w.Saving, late)
	}
}

func (m *markdown) moves(title string, p *Plan) {
	m.line("## %s\n", title)
	m.table("move", "workload", "from", "to", "method", "start", "end", "after", "bytes", "down", "over", "crosses")
	for i := range p.Moves {
		v := &p.Moves[i]
		var links, countries []string
		for _, h := range v.Route.Hops {
			links = append(links, string(h.Link))
		}
		for _, j := range v.Route.Jurisdictions {
			countries = append(countries, string(j))
		}
		to := string(v.To)
		if v.Stage {
			to += " (in passing)"
		}
		m.row(fmt.Sprint(v.ID), string(v.Workload), string(v.From), to, string(v.Method), v.Start.String(), v.End.String(),
			strings.Trim(fmt.Sprint(v.After), "[]"), quantity.Human(v.Bytes, quantity.Bytes), v.Downtime.String(),
			strings.Join(links, ", "), strings.Join(countries, " "))
	}
	m.line("")
	for _, s := range p.Stuck {
		m.line("- %s stays on %s: %s", s.Workload, s.From, s.Message)
	}
	m.line("")
}

// resources writes amounts with their units.
func resources(r topology.Resources) string {
	units := map[topology.Dimension]quantity.Unit{
		topology.CPU: quantity.Cores, topology.Memory: quantity.Bytes, topology.Disk: quantity.Bytes,
	}
	var out []string
	for _, dim := range sortedKeys(r) {
		unit, ok := units[dim]
		if !ok {
			unit = quantity.Count
		}
		out = append(out, fmt.Sprintf("%s %s", dim, quantity.Human(r[dim], unit)))
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}
