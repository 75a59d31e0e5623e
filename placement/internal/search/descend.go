package search

import "context"

// descend tries every shift of every item from the best assignment, until none makes it better: what a look at a single
// workload shows to be better must not be left undone. It takes O(items x positions) steps a round.
func (x *Searcher) descend(ctx context.Context, until int64) {
	x.restore(x.bestPos)
	x.dirty.clear()
	for again := true; again; {
		again = false
		for _, i := range x.movable {
			if ctx.Err() != nil {
				return
			}
			for pos := range int32(len(x.p.Classes[x.p.Class[i]].Sites)) {
				if x.steps >= until {
					return
				}
				x.steps++
				again = x.better(i, pos) || again
			}
		}
	}
}

// better shifts an item if that makes a new best assignment.
func (x *Searcher) better(i, pos int32) bool {
	was, value := x.s.Pos(i), x.s.Value
	if pos == was || !x.s.Try(i, pos, &value) || !value.Less(&x.best) {
		return false
	}
	x.put(i, pos)
	if x.s.Broken != 0 {
		x.put(i, was)
		return false
	}
	x.note()
	return true
}
