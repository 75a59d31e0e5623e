package search

import (
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

const (
	// mostDisplaced is how many items one displacement puts out at most. Longer ones hardly ever end well.
	mostDisplaced = 8
	// fills is how many items may follow into the room that a displacement leaves behind, each the best of those on
	// fillSites random sites.
	fills     = 8
	fillSites = 6
	// looks is how many random positions are looked at for an item that has more than manySites.
	looks = 24
)

type step struct{ item, pos int32 }

// displace moves an item to a position whatever is there: who is in the way is put out, the smallest for their help first,
// and put back where that costs least, the largest first; then others may follow into the room left behind. It is a move
// like any other: accepted as a whole, or undone.
//
// Large items, which single shifts and swaps cannot move once sites are full, move by this (Gavranović, Buljubašić and
// Demirović, Variable neighborhood search for Google machine reassignment problem, 2012, call a form of it big process
// rearrangement).
func (x *Searcher) displace(i, pos int32) {
	class := &x.p.Classes[x.p.Class[i]]
	from, to := x.s.Site[i], class.Sites[pos]
	if from == to {
		return
	}
	if !x.choose(i, to) {
		return
	}
	before := x.s.Value
	x.trail = append(x.trail[:0], step{i, x.s.Pos(i)})
	x.put(i, -1)
	for _, j := range x.victims {
		x.trail = append(x.trail, step{j, x.s.Pos(j)})
		x.put(j, -1)
	}
	if x.s.Fits(i, pos) {
		x.put(i, pos)
		if x.settle(to) {
			if from >= 0 {
				x.follow(from)
			}
			d := x.s.Value
			d.Sub(&before)
			if x.s.Broken == 0 && x.accept(&d) {
				x.note()
				return
			}
		}
	}
	x.undo()
}

// choose lists victims: items on a site that have to leave so that item i fits there. It is false where so few smaller
// ones are not enough.
func (x *Searcher) choose(i, site int32) bool {
	x.victims = x.victims[:0]
	x.s.Obstacle(i, site, &x.obstacle)
	for !x.obstacle.Clear() {
		if len(x.victims) == mostDisplaced {
			return false
		}
		j := x.victim(i, site)
		if j < 0 {
			return false
		}
		x.victims = append(x.victims, j)
		x.s.Without(&x.obstacle, j, site)
	}
	return true
}

// victim returns an item on a site that stands in the way of item i: one that takes little and helps much, with some
// chance. It is smaller than i, so that displacements end.
func (x *Searcher) victim(i, site int32) int32 {
	best, most := int32(-1), 0.0
	for j := x.s.First(site); j >= 0; j = x.s.Next(j) {
		if x.size[j] >= x.size[i] || slices.Contains(x.victims, j) {
			continue
		}
		x.steps++
		relief := x.s.Relief(&x.obstacle, j, site)
		if relief == 0 {
			continue
		}
		if worth := relief / (x.size[j] + x.tiny) * (0.2 + x.r.Float64()); worth > most {
			best, most = j, worth
		}
	}
	return best
}

// settle puts back what the trail put out, the largest first, each where it costs least but not on one site.
func (x *Searcher) settle(avoid int32) bool {
	out := x.trail[1:]
	for a := 1; a < len(out); a++ {
		for b := a; b > 0 && x.size[out[b].item] > x.size[out[b-1].item]; b-- {
			out[b], out[b-1] = out[b-1], out[b]
		}
	}
	for _, o := range out {
		at := x.cheapest(o.item, avoid)
		if at < 0 {
			return false
		}
		x.put(o.item, at)
	}
	return true
}

// cheapest returns the position where an item that is out fits and costs least, other than on a site; -1: none.
func (x *Searcher) cheapest(i, avoid int32) int32 {
	c := x.p.Class[i]
	class := &x.p.Classes[c]
	best, at := problem.Value{}, int32(-1)
	look := func(pos int32) {
		x.steps++
		if class.Sites[pos] == avoid || !x.s.Fits(i, pos) || x.s.Loose(i, pos) > 0 {
			return
		}
		var d problem.Value
		x.s.Cost(i, pos, &d)
		if at < 0 || d.Less(&best) {
			best, at = d, pos
		}
	}
	switch {
	case x.reach != nil && len(x.reach[i]) <= manySites:
		for _, pos := range x.reach[i] {
			look(pos)
		}
	case len(class.Sites) <= manySites:
		for pos := range int32(len(class.Sites)) {
			look(pos)
		}
	default:
		if x.choosy[c] {
			for _, pos := range x.order[c] {
				look(pos)
			}
		}
		if x.p.Home != nil && x.p.Home[i] >= 0 {
			if pos := class.Index.Find(x.p.Home[i]); pos >= 0 {
				look(pos)
			}
		}
		for range looks {
			look(x.anywhere(i))
		}
	}
	return at
}

// follow lets items from elsewhere move to a site where that improves.
func (x *Searcher) follow(site int32) {
	for range fills {
		var best problem.Value
		item, at := int32(-1), int32(-1)
		for range fillSites {
			other := int32(x.r.IntN(x.p.Sites))
			if other == site {
				continue
			}
			for j, n := x.s.First(other), 0; j >= 0 && n < 24; j, n = x.s.Next(j), n+1 {
				pos := x.p.Classes[x.p.Class[j]].Index.Find(site)
				var d problem.Value
				if x.steps++; pos >= 0 && x.s.Broken == 0 && x.s.Try(j, pos, &d) && d.Less(&best) {
					best, item, at = d, j, pos
				}
			}
		}
		if item < 0 {
			return
		}
		x.trail = append(x.trail, step{item, x.s.Pos(item)})
		x.put(item, at)
	}
}

// undo takes back a trail.
func (x *Searcher) undo() {
	for k := len(x.trail) - 1; k >= 0; k-- {
		x.put(x.trail[k].item, -1)
	}
	for k := len(x.trail) - 1; k >= 0; k-- {
		x.put(x.trail[k].item, x.trail[k].pos)
	}
}
