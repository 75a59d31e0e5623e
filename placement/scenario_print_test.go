package placement_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/placement"
)

func printViolations(found []placement.Violation) string {
	var out strings.Builder
	for _, v := range found {
		ids := make([]string, len(v.Workloads))
		for i, id := range v.Workloads {
			ids[i] = string(id)
		}
		fmt.Fprintf(&out, "%s", v.Kind)
		if len(ids) > 0 {
			fmt.Fprintf(&out, " %s", strings.Join(ids, ","))
		}
		if v.Site != "" {
			fmt.Fprintf(&out, " @ %s", v.Site)
		}
		fmt.Fprintf(&out, ": %s", v.Message)
		if v.Unit != "" {
			fmt.Fprintf(&out, " [have %d, want %d %s]", v.Have, v.Want, v.Unit)
		}
		switch {
		case v.Inherited && v.Before != v.Have:
			fmt.Fprintf(&out, " (better than now: %d)", v.Before)
		case v.Inherited:
			out.WriteString(" (as now)")
		case v.Before != 0:
			fmt.Fprintf(&out, " (worse than now: %d)", v.Before)
		}
		out.WriteString("\n")
		for _, r := range v.Reasons {
			fmt.Fprintf(&out, "    %s %s (%s)\n", r.Code, r.Title, r.Location)
		}
	}
	return out.String()
}

func printTerms(out *strings.Builder, terms []placement.TermResult) {
	for _, term := range terms {
		if term.Value != 0 {
			dimensions := ""
			if term.Dimension != "" {
				dimensions = "(" + strings.TrimSuffix(string(term.Dimension+","+term.Against), ",") + ")"
			}
			fmt.Fprintf(out, "  %s/%s%s %d\n", term.Tier, term.Kind, dimensions, term.Value)
		}
	}
}

func printLine(out *strings.Builder, l *placement.Line) {
	if l.Site == "" {
		fmt.Fprintf(out, "%s is not placed\n", l.Workload)
		return
	}
	fmt.Fprintf(out, "%s @ %s: price %d, traffic %d, emissions %d", l.Workload, l.Site, l.Price, l.Traffic, l.Emissions)
	if u := l.Users; u != nil {
		fmt.Fprintf(out, ", users %s %s %d us of %d", u.From, u.Percentile, u.Latency, u.Bound)
	}
	out.WriteString("\n")
}

func printEvaluation(e *placement.Evaluation) string {
	var out strings.Builder
	for _, tier := range e.Tiers {
		fmt.Fprintf(&out, "%s %d\n", tier.Name, tier.Value)
	}
	printTerms(&out, e.Terms)
	for i := range e.Lines {
		printLine(&out, &e.Lines[i])
	}
	if len(e.Unplaced) > 0 {
		fmt.Fprintf(&out, "unplaced %v\n", e.Unplaced)
	}
	return out.String()
}

func printDeltas(deltas []placement.TierDelta) string {
	words := make([]string, len(deltas))
	for i, d := range deltas {
		words[i] = fmt.Sprintf("%s %+d", d.Name, d.Delta)
	}
	return strings.Join(words, ", ")
}

func printWhy(why *placement.WhyAnswer) string {
	var out strings.Builder
	printLine(&out, &why.Line)
	printTerms(&out, why.Terms)
	fmt.Fprintf(&out, "admissible: %d\n", why.Admissible)
	for _, kind := range slices.Sorted(maps.Keys(why.Refused)) {
		fmt.Fprintf(&out, "refused by %s: %d\n", kind, why.Refused[kind])
	}
	if why.RunnerUp == nil {
		out.WriteString("no runner-up\n")
	} else {
		fmt.Fprintf(&out, "runner-up %s: %s\n", why.RunnerUp.Site, printDeltas(why.RunnerUp.Tiers))
	}
	return out.String()
}

func printWhyNot(not *placement.WhyNotAnswer) string {
	text := fmt.Sprintf("%s on %s: %s\n", not.Workload, not.Site, printDeltas(not.Tiers))
	if len(not.Violations) == 0 {
		return text + "  nothing forbids it\n"
	}
	for _, line := range strings.Split(strings.TrimSuffix(printViolations(not.Violations), "\n"), "\n") {
		text += "  " + line + "\n"
	}
	return text
}

func printDifference(d *placement.Difference) string {
	var out strings.Builder
	for _, m := range d.Moved {
		fmt.Fprintf(&out, "moved %s: %s -> %s, price %+d, latency %+d us\n", m.Workload, m.From, m.To, m.Price, m.Latency)
	}
	if len(d.Broken) > 0 {
		fmt.Fprintf(&out, "broken %v\n", d.Broken)
	}
	if len(d.Restored) > 0 {
		fmt.Fprintf(&out, "restored %v\n", d.Restored)
	}
	fmt.Fprintf(&out, "price %+d, traffic %+d, emissions %+d, latency %+d us\n", d.Price, d.Traffic, d.Emissions, d.Latency)
	fmt.Fprintf(&out, "%s\n", printDeltas(d.Tiers))
	for _, country := range slices.Sorted(maps.Keys(d.Countries)) {
		fmt.Fprintf(&out, "%s %+d\n", country, d.Countries[country])
	}
	if len(d.Violations) > 0 {
		out.WriteString("the old assignment now breaks:\n" + printViolations(d.Violations))
	}
	return out.String()
}
