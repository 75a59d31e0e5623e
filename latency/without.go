package latency

import (
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// Without returns the graph that is left when nodes and links fail: neither is there any more, nor are the links at the
// nodes. An observation counts on as long as the way that the graph knows between its ends is whole (see [Row.Support]);
// nobody knows that it took that way, but it is the best guess. IDs that the continuum does not have are errors, as for
// [topology.Continuum.Update]. It costs what [New] does.
func (g *Graph) Without(nodes []topology.NodeID, links []topology.LinkID) (*Graph, error) {
	c, err := g.continuum.Update(topology.Changes{RemoveNodes: sorted(nodes), RemoveLinks: sorted(links)})
	if err != nil {
		return nil, err
	}
	opts := &Options{AsOf: g.fresh.asOf, MaxAge: g.fresh.maxAge}
	for _, a := range slices.Sorted(maps.Keys(g.observed)) {
		for _, o := range g.observed[a] {
			if o.other > a && g.intact(a, o.other, c) {
				opts.Observations = append(opts.Observations, Observation{A: g.ids[a], B: g.ids[o.other], RTT: o.rtt, At: o.at})
			}
		}
	}
	return New(c, opts)
}

// intact says whether an observation counts in a continuum that has lost something.
func (g *Graph) intact(a, b int32, left *topology.Continuum) bool {
	for _, end := range []int32{a, b} {
		if _, _, ok := left.Place(g.ids[end]); !ok {
			return false
		}
	}
	for link := range g.support(a, b) {
		if _, ok := left.Link(g.line(link).ID); !ok {
			return false
		}
	}
	return true
}

// support returns the links of the ways between two nodes of which there is an observation.
func (g *Graph) support(a, b int32) map[int32]bool {
	links := map[int32]bool{}
	g.Row(g.ids[min(a, b)], Transit{}).collect(max(a, b), links)
	return links
}

// Support returns the links that all answers about the way to a node rest on, in order of ID: those of the way of least
// mean and of the way of least tail, and where an observation counts, of the way that it is taken to have gone. While
// they are there nothing that fails changes a [Row.Leg], a [Row.Latency] or a [Row.Tail] to that node, unless it is one of
// the two ends. It is empty where nothing is known. O(hops log hops), once [Row.Latency] has been asked.
func (r *Row) Support(to topology.NodeID) []topology.LinkID {
	node, ok := r.find(to)
	if !ok {
		return nil
	}
	links := map[int32]bool{}
	if r.observation(node) != nil {
		links = r.g.support(r.origin, node)
	}
	r.collect(node, links)
	ids := make([]topology.LinkID, 0, len(links))
	for link := range links {
		ids = append(ids, r.g.line(link).ID)
	}
	slices.Sort(ids)
	return ids
}

// collect notes the links of the ways to a node.
func (r *Row) collect(node int32, links map[int32]bool) {
	for _, w := range []weighing{byMean, byTail} {
		if r.sumTo(w, node) == unreached {
			continue
		}
		for link := range r.way(w, node) {
			links[link] = true
		}
	}
}

// sorted returns the names in order, each once.
func sorted[S ~string](names []S) []S {
	out := slices.Sorted(slices.Values(names))
	return slices.Compact(out)
}
