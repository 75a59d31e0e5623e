package search

import (
	"context"
	"sync"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Budget says how long to search.
type Budget struct {
	// Steps is the number of moves that all workers together may evaluate after the first assignment is built.
	Steps int64
	// Spent, where there is one, says which share of the budget is used up, in place of Steps.
	Spent func() float64
	// Goal ends the search: a value that no assignment beats.
	Goal problem.Value
	// Report, where there is one, is told after each round how far the search is.
	Report func(steps int64, spent float64, best *problem.Value)
}

// Outcome is what a search found.
type Outcome struct {
	State *problem.State
	Steps int64
}

// Solve builds an assignment and improves it until the budget is used up, the goal is reached, every assignment of a small
// problem has been looked at, or the context ends. Workers search side by side from the same assignment with random
// numbers of their own, meet after rounds of so many steps each, and there the one that has fallen behind goes on from
// where the best one stands; so timing does not show in the outcome.
func Solve(ctx context.Context, p *problem.Problem, o Options, b Budget) Outcome {
	t := &team{budget: b, workers: []*Searcher{New(p, o)}}
	first := t.workers[0]
	first.lookAtAll()
	if !first.exhausted && len(first.movable) > 0 && b.Goal.Less(&first.best) && ctx.Err() == nil && (b.Steps > 0 || b.Spent != nil) {
		for k := 1; k < o.Workers; k++ {
			t.workers = append(t.workers, first.fork(uint64(k)))
		}
		t.run(ctx)
	}
	best := t.best()
	if !best.exhausted && b.Goal.Less(&best.best) {
		best.descend(ctx, best.steps+t.left())
	}
	return Outcome{State: best.Result(), Steps: t.steps()}
}

// The lengths of a round in steps of each worker, of which there are some hundreds in a search.
const (
	shortRound = 1_000
	longRound  = 40_000
)

type team struct {
	budget   Budget
	workers  []*Searcher
	schedule *schedule
	before   float64 // share of Budget.Spent that was used up when the search began
}

func (t *team) run(ctx context.Context) {
	if t.budget.Spent != nil {
		t.before = max(0, t.budget.Spent())
	}
	t.schedule = t.workers[0].measure()
	quantum := max(shortRound, min(longRound, t.budget.Steps/int64(500*len(t.workers))))
	for ctx.Err() == nil {
		spent := t.spent()
		if spent >= 1 {
			break
		}
		for _, x := range t.workers {
			t.schedule.cool(x, spent)
		}
		steps := quantum
		if t.budget.Spent == nil {
			steps = min(steps, 1+t.left()/int64(len(t.workers)))
		}
		t.round(steps)
		for _, x := range t.workers {
			t.schedule.note(spent, &x.s.Value)
		}
		t.schedule.perItem = float64(t.steps()) / max(spent, 1e-9) / float64(len(t.workers[0].movable))
		best := t.best()
		if t.budget.Report != nil {
			t.budget.Report(t.steps(), t.before+spent*(1-t.before), &best.best)
		}
		if !t.budget.Goal.Less(&best.best) || t.settled(best) {
			break
		}
		t.share(spent)
	}
}

// settled says whether a search that accepts nothing worse has found nothing better for long.
func (t *team) settled(best *Searcher) bool {
	patience := 200_000 + 200*int64(len(best.movable))
	return t.schedule.planned && t.schedule.first == stages && best.Idle() > patience
}

// spent returns which share of the search's own budget is used up: of what was left when it began.
func (t *team) spent() float64 {
	if t.budget.Spent != nil {
		spent := t.budget.Spent()
		if !(spent < 1) || t.before >= 1 { // also what is no number ends the search
			return 1
		}
		return max(0, (spent-t.before)/(1-t.before))
	}
	return float64(t.steps()) / float64(max(1, t.budget.Steps))
}

// steps returns how many moves were evaluated by all after the first assignment.
func (t *team) steps() (n int64) {
	for _, x := range t.workers {
		n += x.Steps()
	}
	return n
}

// left returns how many moves may still be evaluated; where a share of something else is spent, as many as come to a
// twentieth of those so far.
func (t *team) left() int64 {
	if t.budget.Spent != nil {
		return t.steps()/20 + shortRound
	}
	return max(0, t.budget.Steps-t.steps())
}

// round lets every worker take so many steps.
func (t *team) round(steps int64) {
	var wait sync.WaitGroup
	for _, x := range t.workers[1:] {
		wait.Go(func() { x.work(steps) })
	}
	t.workers[0].work(steps)
	wait.Wait()
}

// share lets workers that have fallen behind go on from the best state: behind by more than the temperature explains. When
// the search is cold for good, all go on from the best assignment of all.
func (t *team) share(spent float64) {
	if spent < firstShare || spent >= 1-lastShare || t.schedule.planned && t.schedule.first == stages {
		best := t.best()
		for _, x := range t.workers {
			if best.best.Less(&x.s.Value) {
				x.backTo(best)
			}
		}
		return
	}
	ahead := t.workers[0]
	for _, x := range t.workers[1:] {
		if x.s.Value.Less(&ahead.s.Value) {
			ahead = x
		}
	}
	for _, x := range t.workers {
		if x != ahead && x.behind(ahead) {
			x.adopt(ahead)
		}
	}
}

// best returns the worker that has found the best assignment, the first of several.
func (t *team) best() *Searcher {
	best := t.workers[0]
	for _, x := range t.workers[1:] {
		if x.best.Less(&best.best) {
			best = x
		}
	}
	return best
}
