package latency

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// RouteOptions of [Graph.Routes]. The zero value asks for nothing in particular.
type RouteOptions struct {
	// Bandwidth is what every link must have at least, in bit/s. A link whose bandwidth is unknown has none.
	Bandwidth int64
}

// Routes returns up to k ways from one node to another under t that pass no node twice, the least mean first. The first one
// is that of [Graph.Route]. Of several with one mean the one counts whose last node before the end is nearest, then that of
// the least node ID, then of the least link ID, and where these are the same, the one whose way up to there counts; so
// there is one order of all ways, and more of them only add to it. Links beside each other make different ways. Of each,
// [Graph.Percentile] and [Graph.Budget] tell more; observations have no way and play no part.
//
// There are none where a node is unknown, nothing leads there or k is not positive, and one without hops from a node to
// itself. The method is Yen's (1971) with Lawler's partition (1972); each search is guided by the exact rest of the way.
// O(links + nodes x log nodes) once, then at most hops of the way found for each search, which seldom sees more than the
// ways it returns.
func (g *Graph) Routes(from, to topology.NodeID, t Transit, k int, opts *RouteOptions) []Route {
	if opts == nil {
		opts = &RouteOptions{}
	}
	a, okA := g.index[from]
	b, okB := g.index[to]
	if !okA || !okB || k <= 0 {
		return nil
	}
	if a == b {
		return []Route{g.spell(a, nil)}
	}
	w := g.newWays(t, opts.Bandwidth)
	w.aim(b)
	var out []Route
	for _, arcs := range w.alternatives(a, b, k) {
		out = append(out, w.spell(a, arcs))
	}
	return out
}

// Widest returns the way under t with the greatest bandwidth, of several the one of the least mean, and whether there is a
// way. A link whose bandwidth is unknown counts as one that has none: where no other way is left, the Bandwidth is 0.
// O((links + nodes x log nodes) x log bandwidths).
func (g *Graph) Widest(from, to topology.NodeID, t Transit) (Route, bool) {
	var widths []int64
	for _, l := range g.all() {
		widths = append(widths, l.Bandwidth)
	}
	slices.Sort(widths)
	widths = slices.Compact(widths)
	var best []Route
	for lo, hi := 0, len(widths)-1; lo <= hi; {
		mid := (lo + hi) / 2
		if found := g.Routes(from, to, t, 1, &RouteOptions{Bandwidth: widths[mid]}); len(found) > 0 {
			best, lo = found, mid+1
		} else {
			hi = mid - 1
		}
	}
	if len(best) == 0 { // no links, or none that lead there
		best = g.Routes(from, to, t, 1, nil)
	}
	if len(best) == 0 {
		return Route{}, false
	}
	return best[0], true
}

// wayFound is the best of the ways that begin with its first arcs (so many are fixed) and do not go on with a barred one.
type wayFound struct {
	arcs   []int32
	sum    uint32
	fixed  int
	barred []int32
}

// alternatives returns the arcs of the k best ways, in order. Each way found parts the others that its search stood for by
// where they leave it, so that every way belongs to one search and is found once.
func (w *mesh) alternatives(from, to int32, k int) (out [][]int32) {
	var pool []*wayFound // in order, as many as may be needed
	add := func(root []int32, base uint32, barred []int32) {
		most := uint32(unreached - 1)
		if room := k - len(out); len(pool) >= room {
			pool = pool[:room]
			most = pool[room-1].sum
		}
		at := from
		if len(root) > 0 {
			at = w.arcs[root[len(root)-1]].to
		}
		rest, sum, ok := w.seek(at, to, base, barred, most)
		if !ok {
			return
		}
		f := &wayFound{slices.Concat(root, rest), sum, len(root), barred}
		i, _ := slices.BinarySearchFunc(pool, f, w.compare)
		pool = slices.Insert(pool, i, f)
	}
	add(nil, 0, nil)
	for len(pool) > 0 {
		f := pool[0]
		pool = pool[1:]
		if out = append(out, f.arcs); len(out) == k {
			break
		}
		base, at := uint32(0), from
		for i, arc := range f.arcs {
			if i >= f.fixed {
				barred := []int32{arc}
				if i == f.fixed {
					barred = append(barred, f.barred...)
				}
				add(f.arcs[:i:i], base, barred)
			}
			w.closed[at] = true
			at = w.arcs[arc].to
			base += w.arcs[arc].weight
		}
		at = from
		for _, arc := range f.arcs {
			w.closed[at] = false
			at = w.arcs[arc].to
		}
	}
	return out
}

// compare orders ways between two nodes as [Graph.Routes] says: by their sums, and from the end back by the sum up to the
// node before, by that node and by the link.
func (w *mesh) compare(a, b *wayFound) int {
	if a.sum != b.sum {
		return cmp.Compare(a.sum, b.sum)
	}
	x, y := a.sum, b.sum
	for i, j := len(a.arcs)-1, len(b.arcs)-1; i >= 0 && j >= 0; i, j = i-1, j-1 {
		p, q := &w.arcs[a.arcs[i]], &w.arcs[b.arcs[j]]
		x, y = x-p.weight, y-q.weight
		if c := cmp.Or(cmp.Compare(x, y), cmp.Compare(w.before(a.arcs[i]), w.before(b.arcs[j])), w.g.byID(p.link, q.link)); c != 0 {
			return c
		}
	}
	return 0
}

// byID orders links by ID, as the indices of those that came with a later version do not.
func (g *Graph) byID(a, b int32) int {
	switch {
	case a == b:
		return 0
	case g.earlier(a, b):
		return -1
	}
	return 1
}
