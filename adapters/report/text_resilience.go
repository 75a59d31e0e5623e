package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Resilience writes the single points of failure of an answer, the worst first.
func Resilience(w io.Writer, p *placement.Problem, r *placement.ResilienceReport) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.resilience(r)
	return t.err
}

// How many failures a terminal shows: a screen of them in the table, and what breaks for the worst ones.
const (
	mostFailures = 40
	mostLosses   = 10
	mostPromises = 8
)

func (t *text) resilience(r *placement.ResilienceReport) {
	breaking, examined := 0, 0
	var rows []string
	for _, l := range r.Losses {
		if len(l.Down)+len(l.Promises) > 0 {
			breaking++
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%4d\t%5d\t%4d\t%8d\t%s", l.Kind, l.ID, len(l.Applications), len(l.Workloads), len(l.Down),
			len(l.Promises), bitrate(l.Rate)))
	}
	var kinds []string
	for _, k := range []placement.FailureKind{placement.FailedSite, placement.FailedExchange, placement.FailedLink, placement.FailedProvider,
		placement.FailedOperator, placement.FailedJurisdiction} {
		if n := r.Examined[k]; n > 0 {
			kinds = append(kinds, counted(n, string(k)))
			examined += n
		}
	}
	t.printf("RESILIENCE: of %d single failures (%s) %d break a promise, %d more only take workloads whose components run on elsewhere\n",
		examined, strings.Join(kinds, ", "), breaking, len(r.Losses)-breaking)
	if r.Already > 0 {
		t.printf("broken already, and charged to no failure: %s\n", counted(r.Already, "promise"))
	}
	if len(rows) == 0 {
		return
	}
	t.printf("\n")
	t.table("FAILURE OF\t\tAPPS\tTAKES\tDOWN\tPROMISES\tTRAFFIC", rows[:min(mostFailures, len(rows))])
	if more := len(rows) - mostFailures; more > 0 {
		t.printf("and %d that hurt less; JSON lists them all\n", more)
	}
	for _, l := range r.Losses[:min(mostLosses, len(r.Losses))] {
		t.loss(l)
	}
}

// loss says what one failure breaks.
func (t *text) loss(l placement.Loss) {
	if len(l.Down)+len(l.Promises) == 0 {
		return
	}
	t.printf("\n%s %s\n", l.Kind, l.ID)
	if len(l.Down) > 0 {
		t.printf("  nothing left of %s\n", briefly(l.Down))
	}
	for i, b := range l.Promises {
		if i == mostPromises && len(l.Promises) > mostPromises+1 {
			t.printf("  and %d promises more\n", len(l.Promises)-i)
			break
		}
		t.printf("  %s: %s%s\n", b.Application, b.Promise, brokenText(b))
	}
}

// brokenText says how a promise is broken.
func brokenText(b placement.BrokenPromise) string {
	many := ""
	if b.Of > 1 {
		many = fmt.Sprintf(", %d of %d pairs", b.Missed, b.Of)
	}
	switch {
	case b.Have < 0:
		return ": no way left" + many
	case b.Unit == "us":
		return fmt.Sprintf(": %s ms of %s ms%s", millis(topology.Micros(b.Have)), millis(topology.Micros(b.Want)), many)
	case b.Unit != "":
		return fmt.Sprintf(": %d of %d", b.Have, b.Want)
	}
	return " does not hold"
}

// counted writes "1 link" or "149 links", "6 countries".
func counted(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(what, "y"))
	}
	return fmt.Sprintf("%d %ss", n, what)
}
