package search

import (
	"context"
	"math"
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
	State     *problem.State
	Steps     int64
	Exhausted bool // every assignment was looked at: there is no better one
}

// Solve builds an assignment and improves it until the budget is used up, the goal is reached, every assignment of a small
// problem has been looked at, or the context ends. Workers search side by side from the same assignment with random
// numbers of their own, meet after rounds of so many steps each, and there the one that has fallen behind goes on from
// where the best one stands; so timing does not show in the outcome.
func Solve(ctx context.Context, p *problem.Problem, o Options, b Budget) Outcome {
	t := &team{budget: b, workers: []*Searcher{New(p, o)}}
	first := t.workers[0]
	first.lookAtAll()
	if !first.exhausted && len(first.movable) > 0 && b.Goal.Less(&first.best) && ctx.Err() == nil {
		for k := 1; k < o.Workers; k++ {
			t.workers = append(t.workers, first.fork(uint64(k)))
		}
		t.run(ctx)
	}
	best := t.best()
	if !best.exhausted && b.Goal.Less(&best.best) {
		best.descend(ctx, best.steps+t.left())
	}
	return Outcome{State: best.Result(), Steps: t.steps(), Exhausted: best.exhausted}
}

// The rounds: quantum is their length in steps of each worker, of which there are some hundreds in a search. Before a
// share of firstShare is used up nothing is accepted that does not improve, and it is found out how many steps there will
// be; where these are fewer than fullHeat per item, the search starts colder.
const (
	shortRound = 1_000
	longRound  = 40_000
	firstShare = 0.02
	fullHeat   = 1_000
	leastHeat  = 0.01
)

type team struct {
	budget  Budget
	workers []*Searcher
	scales  scales
	heat    float64
}

func (t *team) run(ctx context.Context) {
	t.scales = t.workers[0].measure()
	quantum := max(shortRound, min(longRound, t.budget.Steps/int64(400*len(t.workers))))
	spent, heated := 0.0, false
	for ctx.Err() == nil {
		if spent = t.spent(); spent >= 1 {
			break
		}
		if !heated && spent >= firstShare {
			t.heat, heated = t.heatFor(spent), true
		}
		for _, x := range t.workers {
			x.cool(&t.scales, t.heat, spent)
		}
		t.round(min(quantum, 1+t.left()/int64(len(t.workers))))
		best := t.best()
		if t.budget.Report != nil {
			t.budget.Report(t.steps(), spent, &best.best)
		}
		if !t.budget.Goal.Less(&best.best) || t.heat == 0 && heated && best.Idle() > t.patience() {
			break
		}
		t.share()
	}
}

// patience is how many steps of one worker without a better assignment end a search that accepts nothing worse.
func (t *team) patience() int64 { return 200_000 + 200*int64(len(t.workers[0].movable)) }

// heatFor returns by how much the search may start colder, as a share of the measured scales.
func (t *team) heatFor(spent float64) float64 {
	perItem := float64(t.steps()) / spent / float64(len(t.workers[0].movable))
	heat := math.Min(1, perItem/fullHeat)
	if heat *= heat; heat < leastHeat {
		return 0
	}
	return heat
}

func (t *team) spent() float64 {
	if t.budget.Spent != nil {
		return t.budget.Spent()
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

// left returns how many moves may still be evaluated.
func (t *team) left() int64 {
	if t.budget.Spent != nil {
		return math.MaxInt32
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

// share lets workers that have fallen behind go on from the best state: behind by more than the temperature explains.
func (t *team) share() {
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
