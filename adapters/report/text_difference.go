package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Difference writes what changed between two answers; p is the problem of the later one.
func Difference(w io.Writer, p *placement.Problem, d *placement.Difference) error {
	t := &text{w: w, d: &Document{Problem: p}}
	t.difference(d)
	return t.err
}

func (t *text) difference(d *placement.Difference) {
	t.printf("DIFFERENCE: %d moved, %d broken, %d restored, price %s EUR/h, traffic %s EUR/h, emissions %s CO2e/h, latency to users %s ms\n",
		len(d.Moved), len(d.Broken), len(d.Restored), signed(euros(d.Price, 4)), signed(euros(d.Traffic, 4)),
		signed(grams(d.Emissions)), signed(signedMillis(d.Latency)))
	if len(d.Countries) > 0 {
		var parts []string
		for _, c := range slices.Sorted(maps.Keys(d.Countries)) {
			parts = append(parts, fmt.Sprintf("%s %+d", c, d.Countries[c]))
		}
		t.printf("workloads per country: %s\n", strings.Join(parts, ", "))
	}
	var rows []string
	for _, m := range d.Moved {
		rows = append(rows, strings.Join([]string{string(m.Workload), string(m.From) + " -> " + string(m.To),
			signed(euros(m.Price, 4)), signed(signedMillis(m.Latency))}, "\t"))
	}
	if len(rows) > 0 {
		t.table("MOVED\tFROM -> TO\tEUR/h\tms", rows)
	}
	for _, w := range d.Broken {
		t.printf("broken: %s has nowhere to run\n", w)
	}
	for _, w := range d.Restored {
		t.printf("restored: %s\n", w)
	}
	if len(d.Violations) > 0 {
		t.printf("WHY: what the old placement would break now\n")
	}
	for _, v := range gathered(d.Violations) {
		t.violation(v)
	}
}

// gathered joins violations that say the same of the same site into one that names all workloads.
func gathered(vs []placement.Violation) []placement.Violation {
	type same struct {
		kind    placement.ConstraintKind
		site    topology.SiteID
		message string
	}
	at := map[same]int{}
	var out []placement.Violation
	for _, v := range vs {
		key := same{v.Kind, v.Site, v.Message}
		if i, ok := at[key]; ok {
			out[i].Workloads = append(out[i].Workloads[:len(out[i].Workloads):len(out[i].Workloads)], v.Workloads...)
			continue
		}
		at[key] = len(out)
		out = append(out, v)
	}
	for i := range out {
		names := make([]string, len(out[i].Workloads))
		for j, w := range out[i].Workloads {
			names[j] = string(w)
		}
		where := string(out[i].Site)
		if where != "" {
			where = " on " + where
		}
		out[i].Message = briefly(names) + where + ": " + headword(out[i])
	}
	return out
}

// signedMillis writes a change of latency in milliseconds.
func signedMillis(us topology.Micros) string {
	if us < 0 {
		return "-" + millis(-us)
	}
	return millis(us)
}

func sortedDimensions(r topology.Resources) []topology.Dimension {
	return slices.Sorted(maps.Keys(r))
}

// amount writes a quantity of a dimension: "cpu 12 cores", "memory 48 GiB", "gpu 2".
func amount(d topology.Dimension, v int64) string {
	switch d {
	case topology.CPU:
		return string(d) + " " + quantity.Human(v, quantity.Cores)
	case topology.Memory, topology.Disk:
		return string(d) + " " + bytesize(v)
	default:
		return fmt.Sprintf("%s %d", d, v)
	}
}
