package report

import (
	"fmt"
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// mostWays is how many ways of one workload's flows a terminal shows, the worst ones.
const mostWays = 8

// ways says which hop eats how much of a latency, and what the restriction of the data costs: why, unless the reasons
// stand elsewhere.
func (t *text) ways(list []placement.FlowWay, reasons bool) {
	for i, w := range list {
		if i == mostWays {
			t.printf("  and %d more ways\n", len(list)-i)
			break
		}
		t.printf("  %s\n", wayLine(w))
		var rows []string
		for _, h := range w.Hops {
			rows = append(rows, fmt.Sprintf("    %v\t%.0f %%\t%s\t%s", h.Share, 100*float64(h.Share)/float64(max(w.Latency, 1)), h.Link, operator(h.Operator)))
		}
		t.table("    TAKES\tSHARE\tLINK\tOPERATOR", rows)
		if w.Direct == nil {
			continue
		}
		t.printf("    the direct way may not be taken:\n")
		for _, x := range w.Direct.Crossings {
			t.printf("      %s crosses %s\n", x.Hop.Link, refused(x))
		}
		if reasons {
			t.reasons(w.Direct.Reasons, "")
		}
	}
}

// wayLine is how far it is, how far it may be, and how far it would be: "14 ms within what personal data may cross".
func wayLine(w placement.FlowWay) string {
	far := "unknown"
	if w.Latency >= 0 {
		far = w.Latency.String()
	}
	line := fmt.Sprintf("%s to %s: %v %s", w.From, w.To, w.Percentile, far)
	if w.Direct != nil {
		data := "data without a class"
		if w.Data != "" {
			data = string(w.Data) + " data"
		}
		how := "direct"
		if w.Direct.Measured {
			how = "as measured"
		}
		line += fmt.Sprintf(" within what %s may cross, %v %s", data, w.Direct.Latency, how)
	}
	if w.Bound > 0 {
		line += fmt.Sprintf(", bound %v", w.Bound)
	}
	return line
}

func operator(name string) string {
	if name == "" {
		return "not known"
	}
	return name
}

// refused names what of a hop may not be crossed.
func refused(x latency.Crossing) string {
	var words []string
	for _, j := range x.Jurisdictions {
		words = append(words, country(j))
	}
	if x.Operator {
		words = append(words, "the network of "+operator(x.Hop.Operator))
	}
	return strings.Join(words, " and ")
}

func country(j topology.Jurisdiction) string {
	if j == "" {
		return "a country that is not known"
	}
	return string(j)
}
