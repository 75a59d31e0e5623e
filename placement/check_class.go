package placement

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/domicile-eu/domicile/topology"
)

// checkClass is the workloads that are identical but for their ID. Policies and rules are asked once for all of them.
type checkClass struct {
	w        *Workload // any of them
	verdicts map[topology.SiteID]Verdict
	rules    map[topology.SiteID]checkRuling
	reasons  map[topology.SiteID][]Reason
}

// checkRuling is what Problem.Rules say to one pair.
type checkRuling struct {
	refusals []string
	cost     topology.MicroEUR
}

// classKey writes all that a policy may read of a workload, so that equal keys mean equal judgements. Every part is
// quoted or typed: two different workloads never have the same key.
func classKey(w *Workload) string {
	b := make([]byte, 0, 256)
	text := func(s string) { b = append(strconv.AppendQuote(b, s), ' ') }
	number := func(n int64) { b = append(strconv.AppendInt(b, n, 10), ' ') }
	text(w.Application)
	text(w.Tenant)
	text(w.Component)
	text(string(w.Kind))
	text(string(w.Data))
	text(string(w.Site))
	number(w.Priority)
	number(int64(w.MoveCost))
	number(int64(len(w.Demand)))
	for _, dim := range slices.Sorted(maps.Keys(w.Demand)) {
		text(string(dim))
		number(w.Demand[dim])
	}
	number(int64(len(w.Tiers)))
	for _, tier := range w.Tiers {
		number(int64(tier))
	}
	number(int64(len(w.Labels)))
	for _, key := range slices.Sorted(maps.Keys(w.Labels)) {
		text(key)
		text(w.Labels[key])
	}
	m := &w.Migration
	for _, n := range []int64{m.Memory, m.DirtyRate, m.HotSet, int64(m.HotPeriod), m.Disk, m.DiskWrite, m.Nodes, int64(m.Downtime)} {
		number(n)
	}
	for _, method := range m.Methods {
		text(string(method))
	}
	return string(appendFact(b, w.Attributes))
}

// appendFact writes a value with its type and with sorted keys.
func appendFact(b []byte, v any) []byte {
	switch v := v.(type) {
	case map[string]any:
		b = append(b, '{')
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b = strconv.AppendQuote(b, key)
			b = append(b, ':')
			b = appendFact(b, v[key])
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for _, x := range v {
			b = appendFact(b, x)
		}
		return append(b, ']')
	default:
		return fmt.Appendf(b, "%T %#v,", v, v)
	}
}
