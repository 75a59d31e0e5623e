package latency

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// delta is what a version of a graph has beyond its frame. A link that changed is one that is gone and one that came, so
// that an index stands for the same figures in all versions. Deltas are immutable: each version copies them, which is
// why they are kept short, see mostChanges.
type delta struct {
	added []*line  // links that came, by index less the number of lines in the frame
	log   []change // in the order in which they happened
	gone  []int32  // links that are not there any more, sorted
	alive []int32  // links that came and are still there, in order of ID
	near  []nearby // the arcs of those, in order of node
	ahead int      // links that were measured later than what counts as now
}

// change is a link that went or came.
type change struct {
	link int32
	came bool
}

type nearby struct {
	node int32
	arc
}

// mostChanges is how many changes a version may be away from its frame; then it gets a frame of its own. A frame costs
// about as much as repairing a row so often.
func (g *Graph) mostChanges() int { return max(64, len(g.lines)/64) }

func (d *delta) isGone(link int32) bool {
	if len(d.gone) == 0 {
		return false
	}
	_, gone := slices.BinarySearch(d.gone, link)
	return gone
}

// clone copies what the next version will change.
func (d *delta) clone() delta {
	return delta{
		added: slices.Clone(d.added), log: slices.Clone(d.log), gone: slices.Clone(d.gone),
		alive: slices.Clone(d.alive), near: slices.Clone(d.near), ahead: d.ahead,
	}
}

// remove notes that a link is gone.
func (g *Graph) remove(link int32) {
	g.log = append(g.log, change{link, false})
	at, _ := slices.BinarySearch(g.gone, link)
	g.gone = slices.Insert(g.gone, at, link)
	if int(link) < len(g.lines) {
		return
	}
	if at, ok := g.findAdded(g.line(link).ID); ok {
		g.alive = slices.Delete(g.alive, at, at+1)
	}
	for _, node := range g.line(link).ends {
		at, _ := slices.BinarySearchFunc(g.near, nearby{node, arc{link: link}}, compareNear)
		g.near = slices.Delete(g.near, at, at+1)
	}
}

// come adds a link.
func (g *Graph) come(l line) {
	link := int32(len(g.lines) + len(g.added))
	at, _ := g.findAdded(l.ID)
	g.alive = slices.Insert(g.alive, at, link)
	g.added = append(g.added, &l)
	g.log = append(g.log, change{link, true})
	for _, node := range l.ends {
		n := nearby{node, arc{l.other(node), link}}
		at, _ := slices.BinarySearchFunc(g.near, n, compareNear)
		g.near = slices.Insert(g.near, at, n)
	}
}

func compareNear(a, b nearby) int {
	return cmp.Or(cmp.Compare(a.node, b.node), cmp.Compare(a.link, b.link))
}

// findAdded returns where a link stands among those that came and are still there.
func (g *Graph) findAdded(id topology.LinkID) (int, bool) {
	return slices.BinarySearchFunc(g.alive, id, func(link int32, id topology.LinkID) int {
		return cmp.Compare(g.line(link).ID, id)
	})
}

// arcs yields the arcs of a node under the view's Transit, in this version.
func (g *Graph) arcs(v *view, node int32) func(yield func(arc) bool) {
	return func(yield func(arc) bool) {
		for _, a := range v.of(node) {
			if !g.isGone(a.link) && !yield(a) {
				return
			}
		}
		at, _ := slices.BinarySearchFunc(g.near, nearby{node: node}, compareNear)
		for ; at < len(g.near) && g.near[at].node == node; at++ {
			if v.transit.Allows(g.line(g.near[at].link).Link) && !yield(g.near[at].arc) {
				return
			}
		}
	}
}

// stemOf is [view.stem] of this version.
func (g *Graph) stemOf(v *view, node int32) (arc, bool) {
	if len(g.log) == 0 {
		return v.stem(node)
	}
	only, n := arc{}, 0
	for only = range g.arcs(v, node) {
		if n++; n > 1 {
			return arc{}, false
		}
	}
	if n == 0 || !v.passes(only.to, node) {
		return arc{}, false
	}
	others := 0
	for range g.arcs(v, only.to) {
		if others++; others > 1 {
			return only, true
		}
	}
	return arc{}, false
}

// all yields the links that carry routes in this version, with their indices: in order of ID.
func (g *Graph) all() func(yield func(int32, *line) bool) {
	return func(yield func(int32, *line) bool) {
		later := g.alive
		for i := range g.lines {
			for len(later) > 0 && g.line(later[0]).ID < g.lines[i].ID {
				if !yield(later[0], g.line(later[0])) {
					return
				}
				later = later[1:]
			}
			if !g.isGone(int32(i)) && !yield(int32(i), &g.lines[i]) {
				return
			}
		}
		for _, link := range later {
			if !yield(link, g.line(link)) {
				return
			}
		}
	}
}
