package latency

import "github.com/domicile-eu/domicile/topology"

// OneWay returns the sum of the medians one way along a route, in its direction of travel, and whether all of its links
// state them; half a round trip is nobody's measurement. It says nothing of how much that varies.
func (g *Graph) OneWay(r Route) (topology.Micros, bool) {
	_, links, ok := g.sumOf(r)
	if !ok {
		return unknown, false
	}
	sum := topology.Micros(0)
	for i, link := range links {
		us, ok := g.oneWay(link, g.line(link).B == r.Hops[i].From)
		if !ok {
			return unknown, false
		}
		sum += us
	}
	return sum, true
}

// OneWay is [Graph.OneWay] of the way of least mean to a node: math.MaxInt64, which meets no bound, and false where there
// is none or it is not known. An observation of the pair does not say how its two ways differ. O(hops).
func (r *Row) OneWay(to topology.NodeID) (topology.Micros, bool) {
	node, ok := r.find(to)
	if !ok || r.sumTo(byMean, node) == unreached || r.observation(node) != nil {
		return unknown, false
	}
	sum := topology.Micros(0)
	for link := range r.way(byMean, node) {
		us, ok := r.g.oneWay(link, r.g.line(link).ends[0] == node)
		if !ok {
			return unknown, false
		}
		sum += us
		node = r.g.via(link, node)
	}
	return sum, true
}

// oneWay returns the median of a link one way, and whether it is known.
func (g *Graph) oneWay(link int32, backwards bool) (topology.Micros, bool) {
	o := g.line(link).OneWay
	if backwards {
		return o.BA, o.Known()
	}
	return o.AB, o.Known()
}
