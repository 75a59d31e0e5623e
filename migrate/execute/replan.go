package execute

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// ErrUnsound is wrapped where a plan does not pass its replay. It is a defect of package migrate.
var ErrUnsound = errors.New("plan does not pass its replay")

// replan plans from where everything is to the goal, around the moves under way, and follows that plan from now on.
func (e *Execution) replan(ctx context.Context) error {
	p, err := e.reserved()
	if err != nil {
		return err
	}
	to, from := e.targets(), e.sure()
	opts := e.planOptions()
	plan, err := e.order(ctx, p, from, to, opts)
	if err != nil {
		return err
	}
	faults, err := migrate.Replay(ctx, p, from, to, plan, opts)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: %s (and %d more)", ErrUnsound, faults[0].Message, len(faults)-1)
	}
	e.planned, e.next = opts, nil
	e.follow(plan)
	return nil
}

// order plans; the first plan of the way back is that of the way there reversed, which needs no room that was not there.
func (e *Execution) order(ctx context.Context, p *placement.Problem, from, to placement.Assignment, opts *migrate.Options) (*migrate.Plan, error) {
	if e.back && len(e.live) == 0 && len(e.doubts) == 0 && len(e.made) > 0 {
		past := &migrate.Plan{Moves: slices.Clone(e.made)}
		if end := e.reached(past.Moves); maps.Equal(end, from) && maps.Equal(e.start, to) {
			return migrate.Reverse(ctx, p, e.start, past, opts.Back()) // which turns them round, that is to opts
		}
	}
	return migrate.Order(ctx, p, from, to, opts)
}

// reached says where moves lead from the start.
func (e *Execution) reached(moves []migrate.Move) placement.Assignment {
	end := maps.Clone(e.start)
	for i := range moves {
		if end[moves[i].Workload] != moves[i].From {
			return nil // somebody was found elsewhere in between
		}
		end[moves[i].Workload] = moves[i].To
	}
	return end
}

// sure is where everything runs that is known to run somewhere.
func (e *Execution) sure() placement.Assignment {
	out := maps.Clone(e.at)
	for w := range e.doubts {
		delete(out, w)
	}
	return out
}

// targets is the goal of the next plan: those in doubt have none, and those that have failed too often, or that share a
// promise with somebody in doubt, are to stay where they are.
func (e *Execution) targets() placement.Assignment {
	out := maps.Clone(e.goal)
	for w := range e.doubts {
		delete(out, w)
	}
	for w := range e.held() {
		if out[w] == "" || e.at[w] == "" {
			continue
		}
		out[w] = e.at[w]
		if id := e.newest[w]; e.live[id] {
			out[w] = e.attempts[id-1].move.To
		}
	}
	return out
}

// planOptions are those that the next plan, whose time 0 is now, is judged by.
func (e *Execution) planOptions() *migrate.Options {
	o := migrate.Options{}
	if e.opts.Plan != nil {
		o = *e.opts.Plan
	}
	o.Running = nil
	if o.Start.IsZero() {
		o.Start = e.problem.AsOf
	}
	if o.Start.IsZero() {
		o.Start = e.problem.Continuum.AsOf()
	}
	o.Start = o.Start.Add(time.Duration(e.now) * time.Microsecond)
	for _, id := range slices.Sorted(maps.Keys(e.live)) {
		a := e.attempts[id-1]
		m := a.move
		m.Start, m.End, m.After = a.began, a.began+max(1, a.move.End-a.move.Start), nil
		o.Running = append(o.Running, migrate.Running{Move: m, Left: max(1, m.End-e.now)})
	}
	if e.now > 0 && len(o.Ready) > 0 {
		ready := make(map[topology.SiteID]topology.Micros, len(o.Ready))
		for site, at := range o.Ready {
			ready[site] = max(0, at-e.now)
		}
		o.Ready = ready
	}
	if e.back {
		return o.Back()
	}
	return &o
}

// follow takes up a plan.
func (e *Execution) follow(plan *migrate.Plan) {
	e.plan, e.zero, e.stale = plan, e.now, false
	e.plans++
	n := len(plan.Moves)
	e.steps, e.waits, e.then, e.ready = make([]step, n), make([]int, n), make([][]int32, n), nil
	e.opens = make([]topology.Micros, n)
	index := make(map[int]int, n)
	for i := range plan.Moves {
		index[plan.Moves[i].ID] = i
	}
	for _, id := range slices.Sorted(maps.Keys(e.live)) {
		e.attempts[id-1].step = -1
	}
	taken := make(map[placement.WorkloadID]bool)
	for i := range plan.Moves {
		m := &plan.Moves[i]
		if id := e.newest[m.Workload]; e.live[id] && !taken[m.Workload] { // the first move of a workload on its way is that one
			taken[m.Workload] = true
			e.steps[i] = stepLive
			e.attempts[id-1].step = i
			continue
		}
		for _, first := range m.After {
			k := index[first]
			e.then[k] = append(e.then[k], int32(i))
			e.waits[i]++
		}
		if e.waits[i] == 0 {
			e.ready = append(e.ready, i)
		}
	}
}
