package placement

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// waysOf returns how the flows of a placed workload travel that are tight or take a detour, the worst first; flows that
// travel alike count once.
func (c *checker) waysOf(it *checkItem) (ways []FlowWay, err error) {
	type kind struct {
		from, to   topology.NodeID
		data       DataClass
		percentile latency.Percentile
		bound      topology.Micros
	}
	seen := make(map[kind]bool)
	it.touching(func(f *checkFlow, from, to *checkItem) bool {
		k := kind{f.origin(from), to.site.ID.Node(), f.data(to), f.percentile, f.Bound}
		if k.from == k.to || seen[k] {
			return true
		}
		seen[k] = true
		w := FlowWay{FlowLatency: FlowLatency{From: k.from, To: k.to, Percentile: k.percentile, Bound: k.bound}, Data: k.data}
		var tell bool
		if tell, err = c.travelOf(&w); tell {
			ways = append(ways, w)
		}
		return err == nil
	})
	slices.SortFunc(ways, func(a, b FlowWay) int {
		switch {
		case worseFlow(&a.FlowLatency, &b.FlowLatency):
			return -1
		case worseFlow(&b.FlowLatency, &a.FlowLatency):
			return 1
		}
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Data, b.Data))
	})
	return ways, err
}

// travelOf finds out how a flow travels, and says whether that is worth telling.
func (c *checker) travelOf(w *FlowWay) (tell bool, err error) {
	way, err := c.way(w.From, w.To, w.Data, w.Percentile)
	if err != nil {
		return false, err
	}
	if way.restricted {
		block, err := c.blockOn(w.From, w.To, w.Data, w.Percentile)
		if err != nil {
			return false, err
		}
		if direct := c.under(w.From, w.To, latency.Transit{}, w.Percentile); direct.known && len(block.crossings) > 0 {
			w.Direct = &DirectWay{direct.latency, direct.measured, block.crossings, block.reasons}
		}
	}
	if w.Latency = way.latency; !way.known {
		w.Latency = -1
	}
	tight := w.Bound > 0 && (!way.known || way.latency >= w.Bound-w.Bound/10)
	if way.known && (tight || w.Direct != nil) {
		if w.Hops, err = c.hopsOf(w); err != nil {
			return false, err
		}
	}
	return tight || w.Direct != nil, nil
}

// hopsOf shares out the latency of a way among its hops.
func (c *checker) hopsOf(w *FlowWay) (hops []HopShare, err error) {
	t, err := c.transit(w.Data)
	if err != nil {
		return nil, err
	}
	route, _ := c.row(w.From, t).Route(w.To, w.Percentile) // none: as measured
	for i, share := range c.graph.Budget(route, w.Percentile) {
		h := route.Hops[i]
		hops = append(hops, HopShare{h.Link, h.To, h.Operator, share})
	}
	return hops, nil
}
