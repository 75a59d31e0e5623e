package search

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// ranked is how many of a class's positions are kept in order. A move to a site beyond the best few dozen hardly ever
// pays, and a uniform choice covers the rest.
const ranked = 32

// rank orders the positions of each class by cost and shadow prices.
func (x *Searcher) rank() {
	p := x.p
	x.order = make([][]int32, len(p.Classes))
	x.first = make([][2]float64, len(p.Classes))
	x.last = make([]float64, len(p.Classes))
	x.choosy = make([]bool, len(p.Classes))
	var scratch [parallel.Workers]struct {
		keys []float64
		all  []int32
	}
	_ = parallel.Each(len(p.Classes), func(w, c int) error { // never fails
		class := &p.Classes[c]
		keys, all := scratch[w].keys[:0], scratch[w].all[:0]
		for pos := range class.Sites {
			keys = append(keys, x.priced(class, int32(pos)))
			all = append(all, int32(pos))
		}
		slices.SortFunc(all, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
		x.order[c] = slices.Clone(all[:min(len(all), ranked)])
		if len(all) > 0 {
			x.last[c] = keys[all[len(x.order[c])-1]]
		}
		x.choosy[c] = class.Cost != nil && len(all) > 1 && keys[all[0]] != keys[all[len(all)-1]]
		for k := range x.order[c][:min(2, len(all))] {
			x.first[c][k] = keys[all[k]]
		}
		scratch[w].keys, scratch[w].all = keys, all
		return nil
	})
}

// priced returns the cost of a position in the deciding tier, shadow prices included.
func (x *Searcher) priced(class *problem.Class, pos int32) float64 {
	p, y := x.p, x.toll(class, class.Sites[pos])
	if class.Cost != nil {
		for j, t := range p.Unary {
			if t == x.tier {
				y += float64(class.Cost[int(pos)*len(p.Unary)+j])
			}
		}
	}
	return y
}

// toll returns the shadow price of what a class takes at a site.
func (x *Searcher) toll(class *problem.Class, site int32) float64 {
	y, base := 0.0, int(site)*x.p.Dims
	for d, demand := range class.Demand {
		y += x.prices[base+d] * float64(demand)
	}
	return y
}

// mostBundled is how many items one bundle joins for the sake of affinity. What hangs together in larger groups moves one
// by one: a bundle that is a large part of the problem cannot be put anywhere.
const mostBundled = 12

// gather finds the bundles: items joined by groups that a single shift would break.
func (x *Searcher) gather() {
	p := x.p
	parent, size := make([]int32, p.Items), make([]int32, p.Items)
	for i := range parent {
		parent[i], size[i] = int32(i), 1
	}
	find := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for k := range p.Groups {
		g := &p.Groups[k]
		if g.Kind == problem.Spread || g.Kind == problem.Conflict {
			continue
		}
		for _, members := range [][]int32{g.Members, g.With} {
			for _, i := range members {
				a, b := find(g.Members[0]), find(i)
				if a == b || g.Kind != problem.Gang && size[a]+size[b] > mostBundled {
					continue
				}
				a, b = min(a, b), max(a, b)
				parent[b] = a
				size[a] += size[b]
			}
		}
	}
	x.bundle = make([]int32, p.Items)
	for i := range int32(p.Items) {
		root := find(i)
		if root == i {
			x.bundle[i] = int32(len(x.bundles))
			x.bundles = append(x.bundles, nil)
		}
		b := x.bundle[root]
		x.bundle[i] = b
		x.bundles[b] = append(x.bundles[b], i)
	}
	x.attendedFirst()
}

// attendedFirst puts the items that others have to be with to the front of their bundle, so that an insertion in order
// finds them placed.
func (x *Searcher) attendedFirst() {
	wanted := make(map[int32]int)
	for k := range x.p.Groups {
		for _, i := range x.p.Groups[k].With {
			wanted[i]++
		}
	}
	if len(wanted) == 0 {
		return
	}
	for _, b := range x.bundles {
		slices.SortStableFunc(b, func(i, j int32) int { return wanted[j] - wanted[i] })
	}
}
