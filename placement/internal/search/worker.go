package search

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// work takes so many steps, and the few more that the last move needs.
func (x *Searcher) work(steps int64) {
	for until := x.steps + steps; x.steps < until; {
		x.move()
	}
}

// fork returns another search from the best assignment so far, with random numbers of its own.
func (x *Searcher) fork(number uint64) *Searcher {
	y := *x
	y.r = rand.New(rand.NewPCG(x.seed, stream+number))
	y.s = problem.NewState(x.p)
	y.bestPos = slices.Clone(x.bestPos)
	y.out, y.dirty = newList(x.p.Items), newList(x.p.Items)
	y.scratch, y.trail, y.victims, y.obstacle = nil, nil, nil, problem.Obstacle{}
	y.insert = inserter{least: x.insert.least}
	y.steps, y.built, y.improved, y.displacing = 0, 0, 0, 0
	for i := range int32(x.p.Items) {
		y.out.add(i)
	}
	for i, pos := range x.bestPos {
		y.put(int32(i), pos)
	}
	y.dirty.clear()
	return &y
}

// behind says whether another search stands so much better that it is worth to go on from there: by more than a few
// accepted moves make up for.
func (x *Searcher) behind(ahead *Searcher) bool {
	const moves = 30
	for t := range x.p.Tiers {
		if gap := float64(x.s.Value[t]) - float64(ahead.s.Value[t]); gap != 0 {
			return gap > moves*x.temp[t]
		}
	}
	return false
}

// adopt goes on from where another search stands.
func (x *Searcher) adopt(ahead *Searcher) { x.goTo(func(i int32) int32 { return ahead.s.Pos(i) }) }

// backTo goes back to a best assignment, its own or that of another search.
func (x *Searcher) backTo(best *Searcher) { x.goTo(func(i int32) int32 { return best.bestPos[i] }) }

// goTo takes out what stands elsewhere than in a valid assignment, and puts it where it stands there.
func (x *Searcher) goTo(pos func(i int32) int32) {
	x.scratch = x.scratch[:0]
	for i := range int32(x.p.Items) {
		if x.s.Pos(i) != pos(i) {
			x.scratch = append(x.scratch, i)
			x.put(i, -1)
		}
	}
	for _, i := range x.scratch {
		x.put(i, pos(i))
	}
	x.note()
}

// lookAtAll tries every assignment where there are few.
func (x *Searcher) lookAtAll() {
	ways := 1.0
	for _, i := range x.movable {
		ways *= float64(len(x.p.Classes[x.p.Class[i]].Sites) + 1)
		if ways > x.small {
			return
		}
	}
	x.insert.all = true
	x.insert.run(x, x.movable, math.MaxInt, nil)
	x.insert.all = false
	x.note()
	x.exhausted = true
}
