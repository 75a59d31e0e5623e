package search

import "github.com/domicile-eu/domicile/placement/internal/problem"

// longestChain is how many items one chain moves at most. Longer ones hardly ever end well.
const longestChain = 6

// chain moves an item to a site that has no room for it, puts out another one there, which in turn looks for a place,
// and so on, until one finds room (ejection chains: Yagiura, Ibaraki and Glover, An ejection chain approach for the
// generalized assignment problem, 2004). Shadow prices choose who has to go.
func (x *Searcher) chain(i int32) {
	if len(x.bundles[x.bundle[i]]) > 1 {
		return
	}
	before := x.s.Value
	trail := x.trail[:0]
	avoid := x.s.Site[i]
	trail = append(trail, step{i, x.s.Pos(i)})
	x.put(i, -1)
	for len(trail) < longestChain {
		class := x.p.Class[i]
		site := x.p.Classes[class].Sites[x.pick(i)]
		if x.steps++; site == avoid {
			break
		}
		j := x.evict(i, site, trail)
		if j < 0 {
			break
		}
		trail = append(trail, step{j, x.s.Pos(j)})
		x.put(j, -1)
		pos := x.p.Classes[class].Index.Find(site)
		x.steps++
		if !x.s.Fits(i, pos) {
			break
		}
		x.put(i, pos)
		i, avoid = j, site
		if at := x.room(i, site); at >= 0 {
			d := x.s.Value
			x.s.Cost(i, at, &d)
			d.Sub(&before)
			if x.s.Broken+x.s.Loose(i, at) == 0 && x.accept(&d) {
				x.put(i, at)
				x.trail = trail
				x.note()
				return
			}
		}
	}
	for k := len(trail) - 1; k >= 0; k-- {
		x.put(trail[k].item, -1)
	}
	for _, s := range trail {
		x.put(s.item, s.pos)
	}
	x.trail = trail
}

// evict returns the item on a site whose leaving makes room for item i and costs least, shadow prices included; -1
// where there is none.
func (x *Searcher) evict(i, site int32, trail []step) int32 {
	class := &x.p.Classes[x.p.Class[i]]
	best, least := int32(-1), 0.0
	j := x.s.First(site)
	for n := 0; j >= 0 && n < 24; j, n = x.s.Next(j), n+1 {
		x.steps++
		c := x.p.Class[j]
		if len(x.bundles[x.bundle[j]]) > 1 || !x.makesRoom(class, &x.p.Classes[c], site) {
			continue
		}
		pos := x.s.Pos(j)
		alternative := x.first[c][0]
		if x.order[c][0] == pos {
			if len(x.order[c]) < 2 {
				continue
			}
			alternative = x.first[c][1]
		}
		loss := alternative - x.priced(&x.p.Classes[c], pos)
		if (best >= 0 && loss >= least) || x.r.IntN(4) == 0 || moved(trail, j) {
			continue
		}
		best, least = j, loss
	}
	return best
}

// makesRoom says whether an item of class in fits on a site once one of class out has left.
func (x *Searcher) makesRoom(in, out *problem.Class, site int32) bool {
	base := int(site) * x.p.Dims
	for d, demand := range in.Demand {
		if demand > out.Demand[d] && demand-out.Demand[d] > x.p.Capacity[base+d]-x.s.Use[base+d] {
			return false
		}
	}
	return true
}

// room returns the position where an item fits and costs least, other than on a site; -1 where there is none.
func (x *Searcher) room(i, avoid int32) int32 {
	c := x.p.Class[i]
	class := &x.p.Classes[c]
	best, at := problem.Value{}, int32(-1)
	for _, pos := range x.order[c] {
		x.steps++
		if class.Sites[pos] == avoid || !x.s.Fits(i, pos) {
			continue
		}
		var d problem.Value
		x.s.Cost(i, pos, &d)
		if at < 0 || d.Less(&best) {
			best, at = d, pos
		}
	}
	return at
}

func moved(trail []step, i int32) bool {
	for k := range trail {
		if trail[k].item == i {
			return true
		}
	}
	return false
}
