package search

import (
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// eager is of how many random ranks a move takes the best.
const eager = 6

// pick returns a position for an item: a promising one of its class, or any.
func (x *Searcher) pick(i int32) int32 {
	class := x.p.Class[i]
	if order := x.order[class]; x.choosy[class] && x.r.IntN(3) > 0 {
		k := x.r.IntN(len(order))
		for range eager - 1 {
			k = min(k, x.r.IntN(len(order)))
		}
		return order[k]
	}
	return x.anywhere(i)
}

// anywhere returns any position of an item that it could take if nobody else was on the move.
func (x *Searcher) anywhere(i int32) int32 {
	if x.reach != nil && len(x.reach[i]) > 0 {
		list := x.reach[i]
		return list[x.r.IntN(len(list))]
	}
	return int32(x.r.IntN(len(x.p.Classes[x.p.Class[i]].Sites)))
}

func (x *Searcher) shift(i int32) {
	pos := x.pick(i)
	x.steps++
	var d problem.Value
	if pos == x.s.Pos(i) || !x.s.Try(i, pos, &d) || !x.accept(&d) {
		return
	}
	x.put(i, pos)
	x.note()
}

// swap exchanges an item with one of similar size, or with one on a site that it would like.
func (x *Searcher) swap(i int32) {
	x.steps++
	if x.s.Pos(i) < 0 {
		return
	}
	var j int32
	if class := x.p.Class[i]; x.choosy[class] && x.r.IntN(2) == 0 {
		j = x.anyOn(x.p.Classes[class].Sites[x.pick(i)])
	} else {
		j = x.similar(i)
	}
	if j < 0 || x.s.Pos(j) < 0 || x.s.Site[i] == x.s.Site[j] || x.p.Class[j] == x.p.Class[i] && x.p.Home == nil {
		return
	}
	var d problem.Value
	if !x.s.TrySwap(i, j, &d) || !x.accept(&d) {
		return
	}
	a, b := x.s.Site[i], x.s.Site[j]
	pi, pj := x.p.Classes[x.p.Class[i]].Index.Find(b), x.p.Classes[x.p.Class[j]].Index.Find(a)
	x.put(i, -1)
	x.put(j, pj)
	x.put(i, pi)
	x.note()
}

// similar returns an item that is near in size: at a distance in rank that is drawn evenly over its magnitudes.
func (x *Searcher) similar(i int32) int32 {
	n := len(x.bySize)
	off := int(math.Exp(x.r.Float64() * x.logItems))
	if x.r.IntN(2) == 0 {
		off = -off
	}
	k := int(x.sizeRank[i]) + off
	if k < 0 || k >= n {
		k -= 2 * off
	}
	if k < 0 || k >= n {
		k = x.r.IntN(n)
	}
	return x.bySize[k]
}

// anyOn returns one of the first items on a site, -1 where there is none.
func (x *Searcher) anyOn(site int32) int32 {
	i := x.s.First(site)
	if i < 0 {
		return -1
	}
	for range x.r.IntN(16) {
		if i = x.s.Next(i); i < 0 {
			i = x.s.First(site)
		}
	}
	return i
}

// eject moves an item to where another one is, and that one home or to a place of its own liking.
func (x *Searcher) eject(i int32) {
	x.steps++
	pos := x.pick(i)
	to := x.p.Classes[x.p.Class[i]].Sites[pos]
	if x.s.Site[i] == to {
		return
	}
	j := x.anyOn(to)
	if j < 0 {
		return
	}
	away := int32(-1)
	if x.p.Home != nil && x.p.Home[j] >= 0 && x.r.IntN(2) == 0 {
		away = x.p.Classes[x.p.Class[j]].Index.Find(x.p.Home[j])
	}
	if away < 0 {
		away = x.pick(j)
	}
	if x.p.Classes[x.p.Class[j]].Sites[away] == to {
		return
	}
	was, wasJ, before := x.s.Pos(i), x.s.Pos(j), x.s.Value
	x.put(j, -1)
	if x.s.Fits(i, pos) {
		x.put(i, pos)
		x.steps++
		if x.s.Fits(j, away) {
			x.put(j, away)
			if x.s.Broken == 0 {
				d := x.s.Value
				d.Sub(&before)
				if x.accept(&d) {
					x.note()
					return
				}
			}
			x.put(j, -1)
		}
		x.put(i, was)
	}
	x.put(j, wasJ)
}
