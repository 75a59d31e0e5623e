package search

import (
	"context"
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// These shares and lengths were chosen on the generalised assignment problems of types C, D and E, three seeds each.
const (
	// historyLength of the late acceptance: longer is slower to settle.
	historyLength = 500
	// smallProblem is the largest number of assignments that are simply all looked at.
	smallProblem = 100_000
	// Of every round of moves one takes out and puts back, admits items that are left out (where there are any), and
	// chains are long ejections; the others are single shifts and swaps, which cost a small part of those.
	round  = 400
	admits = 8
	chains = 100
	// insertNodes is what one step that takes out and puts back may open.
	insertNodes = 60
	// mostOut is how many items are taken out at once.
	mostOut = 6
	// eager is of how many random ranks a move takes the best.
	eager = 6
)

// Run searches until it has taken so many steps in all after building the first assignment, until nothing better was
// found for patience steps, until the best value is no more than goal, or until the context ends. The last steps are a descent.
func (x *Searcher) Run(ctx context.Context, until, patience int64, goal *problem.Value) {
	x.lookAtAll()
	if x.history == nil {
		x.resetHistory()
	}
	const chunk = 4096
	until += x.built
	end := until // of the moves at random: the last are for the descent, where it can be finished
	if rounds := 2 * x.pairs(); rounds <= (until-x.steps)/4 {
		end -= rounds
	}
	settled := x.steps
	for x.steps < end && x.Idle() < patience && goal.Less(&x.best) && !x.exhausted && len(x.movable) > 0 && ctx.Err() == nil {
		before, stop := x.best, min(end, x.steps+chunk)
		for x.steps < stop {
			x.move()
		}
		if x.best.Less(&before) {
			settled = x.steps
		}
		if x.steps-settled > x.restless() {
			x.shake()
			settled = x.steps
		}
	}
	if goal.Less(&x.best) && !x.exhausted {
		x.descend(ctx, until)
	}
}

// restless is after how many steps without a better assignment the search is sent elsewhere.
func (x *Searcher) restless() int64 { return 160*historyLength + 20*int64(len(x.movable)) }

func (x *Searcher) resetHistory() {
	if x.history == nil {
		x.history = make([]problem.Value, historyLength)
	}
	for k := range x.history {
		x.history[k] = x.s.Value
	}
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

// move makes one move if it is accepted.
func (x *Searcher) move() {
	x.steps++ // so that a budget ends whatever the moves find
	switch k := x.r.IntN(round); {
	case k == 0:
		x.refit()
	case k <= admits && len(x.out.items) > 0:
		x.admit()
	case k <= chains:
		x.chain()
	case k&1 == 0:
		x.shift()
	default:
		x.swap()
	}
}

// pick returns a position of a class: a promising one or any.
func (x *Searcher) pick(class int32) int32 {
	if order := x.order[class]; x.r.IntN(3) > 0 {
		k := x.r.IntN(len(order))
		for range eager - 1 {
			k = min(k, x.r.IntN(len(order)))
		}
		return order[k]
	}
	return int32(x.r.IntN(len(x.p.Classes[class].Sites)))
}

func (x *Searcher) shift() {
	i := x.movable[x.r.IntN(len(x.movable))]
	pos := x.pick(x.p.Class[i])
	x.steps++
	value := x.s.Value
	if pos == x.s.Pos(i) || !x.s.Try(i, pos, &value) || !x.accept(&value) {
		return
	}
	x.put(i, pos)
	x.note()
}

func (x *Searcher) swap() {
	i := x.movable[x.r.IntN(len(x.movable))]
	x.steps++
	if x.s.Pos(i) < 0 {
		return
	}
	class := &x.p.Classes[x.p.Class[i]]
	site := class.Sites[x.pick(x.p.Class[i])]
	j := x.anyOn(site)
	if j < 0 || site == x.s.Site[i] || x.p.Class[j] == x.p.Class[i] && x.p.MoveOf == nil {
		return
	}
	value := x.s.Value
	if !x.s.TrySwap(i, j, &value) || !x.accept(&value) {
		return
	}
	pi, pj := class.Index.Find(site), x.p.Classes[x.p.Class[j]].Index.Find(x.s.Site[i])
	x.put(i, -1)
	x.put(j, pj)
	x.put(i, pi)
	x.note()
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

// accept says whether the state may go to a value: one no worse than now, or than some moves ago.
func (x *Searcher) accept(value *problem.Value) bool { return x.acceptOver(value, &x.s.Value) }

// acceptOver is accept where the value before the move was another than now.
func (x *Searcher) acceptOver(value, now *problem.Value) bool {
	old := &x.history[x.turn]
	if x.turn++; x.turn == len(x.history) {
		x.turn = 0
	}
	ok := !now.Less(value) || !old.Less(value)
	if ok && value.Less(old) {
		*old = *value
	} else if now.Less(old) {
		*old = *now
	}
	return ok
}

// shake sends the search elsewhere: back to the best assignment, and from there over some moves that are accepted
// whatever they cost in the deciding tier and after it.
func (x *Searcher) shake() {
	x.restore(x.bestPos)
	x.dirty.clear()
	for range 4 + len(x.movable)/20 {
		i := x.movable[x.r.IntN(len(x.movable))]
		pos := x.pick(x.p.Class[i])
		x.steps++
		value := x.s.Value
		if x.s.Try(i, pos, &value) && !x.worseBefore(&value) {
			x.put(i, pos)
		}
	}
	x.resetHistory()
}

// worseBefore says whether a value is worse than now in a tier before the deciding one.
func (x *Searcher) worseBefore(value *problem.Value) bool {
	for t := range x.tier {
		if value[t] != x.s.Value[t] {
			return value[t] > x.s.Value[t]
		}
	}
	return false
}
