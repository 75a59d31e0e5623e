package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Text writes the whole document for a terminal: placements, tiers, refusals, ways out, and the exit if there is one.
func Text(w io.Writer, d *Document) error {
	t := &text{w: w, d: d}
	t.headline()
	t.policies()
	t.expired()
	t.placements()
	t.tiers()
	t.refusals()
	t.unplaced()
	if d.Exit != nil {
		t.exit(d.Exit)
	}
	return t.err
}

// text remembers the first error, so that every part may write on.
type text struct {
	w   io.Writer
	d   *Document
	err error
}

func (t *text) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, plainArgs(args)...)
	}
}

// table writes rows of cells separated by tabs, in columns as wide as their widest cell.
func (t *text) table(header string, rows []string) {
	if t.err != nil {
		return
	}
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, header)
	for _, r := range rows {
		fmt.Fprintln(tw, plain(r, "\t"))
	}
	tw.Flush()
	for _, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		t.printf("%s\n", strings.TrimRight(line, " "))
	}
}

func (t *text) headline() {
	c := t.d.Problem.Continuum
	providers := map[topology.ProviderID]bool{}
	countries := map[topology.Jurisdiction]bool{}
	for s := range c.Sites() {
		providers[s.Provider] = true
		countries[s.Country] = true
	}
	placed, all := len(t.d.Evaluation.Lines), len(t.d.Evaluation.Lines)+len(t.d.Evaluation.Unplaced)
	title := t.d.Title
	if title == "" {
		title = c.Name()
	}
	if len(t.d.Rules) == 0 {
		t.printf("WARNING: no rule is in force: policies refuse nothing\n\n")
	}
	t.printf("%s as of %s: %d of %d workloads placed on %d sites of %d providers in %d countries (%s)\n\n",
		title, Day(t.d.Problem.AsOf), placed, all, c.NumSites(), len(providers), len(countries), t.d.Result.Status)
}

// policies says which bundle of policies answered, where it was one: a log that holds this page can be held against it.
func (t *text) policies() {
	p, ok := t.d.Problem.Admission.(interface {
		Revision() string
		Digest() string
	})
	if ok && p.Revision() != "" {
		t.printf("policies of revision %s, digest %s\n\n", p.Revision(), p.Digest())
	}
}

// expired names the tables that nothing may rest on any more, once, before their consequences fill the page.
func (t *text) expired() {
	for _, table := range t.d.Expired {
		t.printf("table %s expired on %s: every rule that rests on it refuses\n", table.Path, table.ValidUntil)
	}
}

func (t *text) placements() {
	var rows []string
	var price topology.MicroEUR
	for _, l := range t.d.Evaluation.Lines {
		s, ok := t.d.Problem.Continuum.Site(l.Site)
		if !ok {
			continue
		}
		rows = append(rows, strings.Join([]string{string(l.Workload), string(l.Site), string(s.Provider), string(s.Country),
			s.Tier.String(), usersCell(l.Users), fmt.Sprintf("%10s", euros(l.Price, 4))}, "\t"))
		price += l.Price
	}
	rows = append(rows, strings.Join([]string{"total", "", "", "", "", "", fmt.Sprintf("%10s", euros(price, 4))}, "\t"))
	t.table("WORKLOAD\tSITE\tPROVIDER\tCOUNTRY\tTIER\tLATENCY / BOUND TO USERS\t     EUR/h", rows)
	t.printf("\n")
}

// usersCell writes "p95 8.10 / 25.0 ms berlin".
func usersCell(u *placement.FlowLatency) string {
	if u == nil {
		return "-"
	}
	bound := "-"
	if u.Bound > 0 {
		bound = millis(u.Bound)
	}
	return fmt.Sprintf("%v %s / %s ms %s", u.Percentile, millis(u.Latency), bound, u.From)
}

func (t *text) tiers() {
	var rows []string
	for _, tier := range t.d.Result.Tiers {
		rows = append(rows, strings.Join([]string{tier.Name,
			tierAmount(t.d.Problem.Objective, tier.Name, tier.Value),
			tierAmount(t.d.Problem.Objective, tier.Name, tier.Bound), percent(tier.Gap)}, "\t"))
	}
	t.table("OBJECTIVE TIER\tVALUE\tPROVEN LOWER BOUND\tGAP", rows)
	t.printf("\n")
}

func (t *text) refusals() {
	if len(t.d.Refusals) == 0 {
		return
	}
	t.printf("REFUSED, though it would have paid\n")
	for i := range t.d.Refusals {
		t.whyNot(&t.d.Refusals[i])
	}
	t.printf("\n")
}

// WhyNot writes why a workload is not on a site.
func WhyNot(w io.Writer, p *placement.Problem, a *placement.WhyNotAnswer) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.whyNot(a)
	return t.err
}

func (t *text) whyNot(a *placement.WhyNotAnswer) {
	t.printf("%s on %s: %s\n", a.Workload, a.Site, deltas(t.d.Problem.Objective, a.Tiers))
	if len(a.Violations) == 0 {
		t.printf("  nothing forbids it; %s\n", verdict(a.Tiers))
	}
	for _, v := range a.Violations {
		t.violation(v)
	}
	t.ways(a.Ways, false)
}

// verdict says what a permitted move would be good for.
func verdict(tiers []placement.TierDelta) string {
	for _, d := range tiers {
		switch {
		case d.Delta > 0:
			return "the tier " + d.Name + " decides against it"
		case d.Delta < 0:
			return "it would be better, but the search ended before it was found: try more steps"
		}
	}
	return "it would be just as good"
}

// mostReasons is how many reasons of one refusal a terminal shows.
const mostReasons = 12

func (t *text) violation(v placement.Violation) {
	t.printf("  %-9s  %s\n", v.Kind, headword(v))
	t.reasons(v.Reasons, v.Message)
}

// reasons prints rules with what they say, unless that was said already.
func (t *text) reasons(list []placement.Reason, said string) {
	for i, r := range list {
		if i == mostReasons {
			t.printf("             and %d more reasons\n", len(list)-i)
			break
		}
		t.printf("             %s %s\n", r.Code, r.Title)
		if r.Message != "" && r.Message != said {
			t.printf("               %s\n", r.Message)
		}
		t.printf("               %s\n", provenance(r))
	}
}

// headword is a violation's message, or the codes of the rules where their own messages stand below.
func headword(v placement.Violation) string {
	if v.Kind != placement.ByAdmission || len(v.Reasons) == 0 {
		return v.Message
	}
	var codes []string
	for _, r := range v.Reasons {
		if !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	return "denied by " + strings.Join(codes, ", ")
}

// provenance writes who says so and on what ground.
func provenance(r placement.Reason) string {
	var parts []string
	if r.Basis != "" {
		basis := r.Basis
		if r.AsOf != "" {
			basis += " (as of " + r.AsOf + ")"
		}
		parts = append(parts, basis)
	}
	if r.Side != "" {
		parts = append(parts, "said by "+r.Side)
	}
	return strings.Join(append(parts, r.Location), "; ")
}

// deltas writes what a move would change, tier by tier, leaving out what would stay.
func deltas(o placement.Objective, tiers []placement.TierDelta) string {
	var parts []string
	for _, d := range tiers {
		if d.Delta != 0 {
			parts = append(parts, d.Name+" "+signed(tierAmount(o, d.Name, d.Delta)))
		}
	}
	if len(parts) == 0 {
		return "no change of the objective"
	}
	return strings.Join(parts, ", ")
}
