package placement

import (
	"fmt"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/latency"
)

// judgeFlow returns what is wrong with a flow between two placed ends, nil where nothing is. from is nil where it comes
// from an access point.
//
// A flow needs a way that its data may take, with or without a bound; what is unknown counts as not there.
func (c *checker) judgeFlow(f *checkFlow, from, to *checkItem) (*Violation, error) {
	origin, end := f.origin(from), to.site.ID.Node()
	percentile := f.percentile
	if f.Bound == 0 {
		percentile = anyLatency
	}
	w, err := c.way(origin, end, f.data(to), percentile)
	if err != nil || w.known && (f.Bound == 0 || w.latency <= f.Bound) {
		return nil, err
	}
	v := refusal(to, to.site, ByLatency, "")
	if from != nil {
		v.Workloads = idsOf([]*checkItem{from, to})
	}
	v.Have, v.Want, v.Unit = int64(w.latency), int64(f.Bound), "us"
	if !w.known {
		v.Have = -1
		if w.restricted {
			v.Kind = ByTransit
		}
	}
	if c.brief {
		return &v, nil
	}
	direct := w
	var block checkBlock
	if w.restricted {
		direct = c.under(origin, end, latency.Transit{}, f.percentile)
		if direct.known && (!w.known || direct.latency < w.latency) {
			if block, err = c.blockOn(origin, end, f.data(to), f.percentile); err != nil {
				return nil, err
			}
		}
	}
	v.Message = flowText(f, from, to, w, direct, block)
	v.Reasons = block.reasons
	return &v, nil
}

// flowText says what is wrong with a flow, and what the restriction of its data has to do with it.
func flowText(f *checkFlow, from, to *checkItem, w, direct checkWay, block checkBlock) string {
	ends, data := endsText(f, from, to), dataText(f.data(to))
	switch {
	case !w.known && !w.restricted:
		return fmt.Sprintf("no way from %s is known%s", ends, boundText(f))
	case !w.known && !direct.known:
		return fmt.Sprintf("no way from %s is known that %s may take%s", ends, data, boundText(f))
	case !w.known:
		return fmt.Sprintf("no way from %s is known that %s may take%s; %s is %s", ends, data, boundText(f), f.percentile,
			directText(direct, block))
	}
	have, want := comparedText(int64(w.latency), int64(f.Bound), quantity.Duration)
	if w.estimated {
		have += " at the upper end of its estimate"
	}
	if !w.restricted || !direct.known || direct.latency >= w.latency {
		return fmt.Sprintf("%s from %s is %s, bound %s", f.percentile, ends, have, want)
	}
	return fmt.Sprintf("%s from %s is %s within what %s may cross, bound %s; %s", f.percentile, ends, have, data, want,
		directText(direct, block))
}

// directText says how far it would be without the restriction, and what it is that may not be crossed.
func directText(direct checkWay, block checkBlock) string {
	switch {
	case direct.estimated:
		return fmt.Sprintf("%s without that restriction, at the upper end of an estimate", microsText(direct.latency))
	case block.words == "":
		return fmt.Sprintf("%s without that restriction", microsText(direct.latency))
	case direct.measured:
		return fmt.Sprintf("%s as measured, but the direct way crosses %s", microsText(direct.latency), block.words)
	}
	return fmt.Sprintf("%s on the direct way, but that crosses %s", microsText(direct.latency), block.words)
}

func boundText(f *checkFlow) string {
	if f.Bound == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s bound %s)", f.percentile, microsText(f.Bound))
}

// endsText names the ends of a flow: "berlin", or "shop/api at fra to shop/db at ams". The receiving end of a flow from
// an access point is the workload that the violation names.
func endsText(f *checkFlow, from, to *checkItem) string {
	if from == nil {
		return string(f.FromAccess)
	}
	return fmt.Sprintf("%s at %s to %s at %s", from.w.ID, from.site.ID, to.w.ID, to.site.ID)
}
