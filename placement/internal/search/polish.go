package search

import (
	"context"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// polish goes back to the best assignment and makes every single shift that betters it, to listed sites, until there is
// none left: whoever looks at the answer asks first why this workload is not over there. It ends early with the context
// and at so many steps.
func (x *Searcher) polish(ctx context.Context, until int64) {
	x.restore(x.bestPos)
	x.dirty.clear()
	for better := true; better && ctx.Err() == nil; {
		better = false
		for _, i := range x.movable {
			if x.steps >= until {
				return
			}
			if x.shiftBest(i) {
				x.note()
				better = true
			}
		}
	}
}

// shiftBest makes the best shift of an item that betters the value, and returns whether there was one.
func (x *Searcher) shiftBest(i int32) bool {
	var best problem.Value
	at, was := int32(-1), x.s.Pos(i)
	for pos := range int32(len(x.p.Classes[x.p.Class[i]].Sites)) {
		if pos == was {
			continue
		}
		x.steps++
		var d problem.Value
		if x.s.Try(i, pos, &d) && d.Less(&best) {
			best, at = d, pos
		}
	}
	if at < 0 {
		return false
	}
	x.put(i, at)
	return true
}

// pairs is how many steps a round of polish takes.
func (x *Searcher) pairs() (n int64) {
	for _, i := range x.movable {
		n += int64(len(x.p.Classes[x.p.Class[i]].Sites))
	}
	return n
}
