package migrate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Fault is something a replay found wrong.
type Fault struct {
	At        topology.Micros      `json:"atMicros"`
	Move      int                  `json:"move"` // ID, -1 where none is to blame
	Message   string               `json:"message"`
	Violation *placement.Violation `json:"violation,omitempty"`
}

// Replay carries a plan out on paper and returns what is wrong with it; none: the plan is sound. It takes nothing from
// the planner's word and shares no code with it. It judges
//
//   - each move by itself: sites, states, runtimes, pins, tiers, labels, rules and admission where it leads; every hop of
//     its route against the continuum and the transit of the workload's data; that the method is allowed, and that duration,
//     downtime and bytes are not below what the model of [Predict] says, recomputed with exact fractions;
//   - the chain of moves of each workload, from where it starts to where it is to end, that none is missing, and that exactly
//     those are named that only the start or only the target places;
//   - every state of the predicted timetable: capacities, link rates, SiteMoves, conflicts and spreads, none worse than it
//     was at the start, and affinities outside the time in which their group is on its way;
//   - company and time: windows and blackouts, read from the clock on the wall at each instant at which something may
//     change, for Move.Safe or the predicted duration; NotBefore; precedence; disruption budgets; that exactly those who miss
//     a deadline are named, with by how much;
//   - the edges: executions in which every move starts as soon as those it waits for have ended, with all durations
//     multiplied by seeded factors from 0.5 to 3, and for plans of at most 64 moves one for each move in which all that
//     it waits for takes half the time and everything else three times as long, itself or not; a move whose calendars are
//     closed waits for the next opening that is long enough;
//   - the sums: makespan, bytes, costs, peak, points of no return, and that the bound follows from its certificate.
//
// At most 100 faults are listed. The error wraps [ErrInvalid] where the input is malformed. O(n log n) for n moves.
func Replay(ctx context.Context, p *placement.Problem, from, to placement.Assignment, plan *Plan, opts *Options) ([]Fault, error) {
	r, err := newReplay(ctx, p, from, to, plan, opts)
	if err != nil {
		return nil, err
	}
	if r.judgeIDs() && r.judgeRunning() {
		if err := r.judgeMoves(); err != nil {
			return nil, err
		}
		r.judgeChains()
		r.judgeLeftOut()
		r.judgeEdges()
		r.judgeReady()
		r.judgeBound()
		r.judgeCalendars()
		r.judgeLate()
		predicted := make([]replaySpan, len(plan.Moves))
		for i := range plan.Moves {
			predicted[i] = replaySpan{plan.Moves[i].Start, plan.Moves[i].End}
		}
		r.sweep(predicted, "")
		r.judgePrecedence(predicted, "")
		r.judgeAffinities()
		if len(r.faults) == 0 {
			r.shake()
		}
		if err := r.judgeSums(); err != nil {
			return nil, err
		}
	}
	if len(r.faults) > replayMostFaults {
		more := len(r.faults) - replayMostFaults
		r.faults = append(r.faults[:replayMostFaults:replayMostFaults], Fault{Move: -1, Message: fmt.Sprintf("and %d more", more)})
	}
	return r.faults, ctx.Err()
}

const replayMostFaults = 100

// replay is the state of one replay.
type replay struct {
	ctx       context.Context
	problem   *placement.Problem
	scope     placement.Scope
	from, to  placement.Assignment
	plan      *Plan
	siteMoves int
	setup     topology.Micros
	works     map[placement.WorkloadID]*placement.Workload
	byMove    []*placement.Workload // per index in plan.Moves
	fromSite  []*topology.Site
	toSite    []*topology.Site
	index     map[int]int // ID -> index in plan.Moves
	opts      Options
	running   map[placement.WorkloadID]*Running
	times     *replayTimes
	faults    []Fault
}

// replaySpan is when a move runs in one execution.
type replaySpan struct{ start, end topology.Micros }

func newReplay(ctx context.Context, p *placement.Problem, from, to placement.Assignment, plan *Plan, opts *Options) (*replay, error) {
	if p == nil || p.Continuum == nil || plan == nil {
		return nil, fmt.Errorf("%w: no problem, no continuum or no plan", ErrInvalid)
	}
	r := &replay{
		ctx: ctx, problem: p, from: from, to: to, plan: plan, siteMoves: 4, setup: 5_000_000,
		scope: placement.Scope{Continuum: p.Continuum, AsOf: p.AsOf},
		works: make(map[placement.WorkloadID]*placement.Workload), index: make(map[int]int),
	}
	if r.scope.AsOf.IsZero() {
		r.scope.AsOf = p.Continuum.AsOf()
	}
	if opts != nil {
		r.opts = *opts
	}
	r.takeRunning()
	if opts != nil && opts.SiteMoves > 0 {
		r.siteMoves = opts.SiteMoves
	}
	if opts != nil && opts.Setup != 0 {
		r.setup = max(0, opts.Setup)
	}
	for i := range p.Applications {
		for k := range p.Applications[i].Workloads {
			w := &p.Applications[i].Workloads[k]
			r.works[w.ID] = w
		}
	}
	var errs []error
	for name, a := range map[string]placement.Assignment{"from": from, "to": to} {
		for id, site := range a {
			if r.works[id] == nil {
				errs = append(errs, fmt.Errorf("%w: %s: there is no workload %q", ErrInvalid, name, id))
			}
			if _, ok := p.Continuum.Site(site); !ok {
				errs = append(errs, fmt.Errorf("%w: %s: %s: there is no site %q", ErrInvalid, name, id, site))
			}
		}
	}
	slices.SortFunc(errs, func(a, b error) int {
		if a.Error() < b.Error() {
			return -1
		}
		return 1
	})
	return r, errors.Join(errs...)
}

// blame notes a fault of a move, given by its index.
func (r *replay) blame(at topology.Micros, move int, format string, args ...any) {
	r.faults = append(r.faults, Fault{At: at, Move: r.plan.Moves[move].ID, Message: fmt.Sprintf(format, args...)})
}

// note notes a fault that no single move is to blame for.
func (r *replay) note(at topology.Micros, format string, args ...any) {
	r.faults = append(r.faults, Fault{At: at, Move: -1, Message: fmt.Sprintf(format, args...)})
}

// judgeIDs makes sure that moves can be told apart and name what exists; without that nothing else can be judged.
func (r *replay) judgeIDs() bool {
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		if _, twice := r.index[m.ID]; twice {
			r.blame(m.Start, i, "two moves have the ID %d", m.ID)
		}
		r.index[m.ID] = i
		w := r.works[m.Workload]
		a, okA := r.problem.Continuum.Site(m.From)
		b, okB := r.problem.Continuum.Site(m.To)
		if w == nil || !okA || !okB || m.From == m.To {
			r.blame(m.Start, i, "moves %q from %q to %q: unknown, or no move", m.Workload, m.From, m.To)
		}
		if left := r.left(i); left > 0 && m.End != left || left == 0 && m.Start < 0 || m.End <= m.Start {
			r.blame(m.Start, i, "lasts from %d to %d", m.Start, m.End)
		}
		if k := i - 1; k >= 0 {
			if before := &r.plan.Moves[k]; before.Start > m.Start || before.Start == m.Start && before.ID > m.ID {
				r.blame(m.Start, i, "is out of order: moves stand by start, then ID")
			}
		}
		r.byMove, r.fromSite, r.toSite = append(r.byMove, w), append(r.fromSite, a), append(r.toSite, b)
	}
	return len(r.faults) == 0
}

// judgeChains follows each workload through its moves and looks for those that are missing.
func (r *replay) judgeChains() {
	at := maps.Clone(r.from)
	busy := make(map[placement.WorkloadID]topology.Micros)
	last := make(map[placement.WorkloadID]int)
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		if at[m.Workload] != m.From {
			r.blame(m.Start, i, "%s is on %q, not on %s", m.Workload, at[m.Workload], m.From)
		}
		if until, moved := busy[m.Workload]; moved && m.Start < until {
			r.blame(m.Start, i, "%s is still on the way", m.Workload)
		}
		if previous, ok := last[m.Workload]; ok != (ok && r.plan.Moves[previous].Stage) {
			r.blame(m.Start, previous, "is not marked as a stage, but %s moves on", m.Workload)
		}
		if _, placed := r.to[m.Workload]; !placed {
			r.blame(m.Start, i, "%s has no place in the target", m.Workload)
		}
		at[m.Workload], busy[m.Workload], last[m.Workload] = m.To, m.End, i
	}
	for _, i := range slices.Sorted(maps.Values(last)) {
		if m := &r.plan.Moves[i]; m.Stage {
			r.blame(m.End, i, "%s is left on a stage", m.Workload)
		}
	}
	stuck := make(map[placement.WorkloadID]bool)
	for _, s := range r.plan.Stuck {
		stuck[s.Workload] = true
		if i, moved := last[s.Workload]; moved && r.left(i) == 0 { // what runs already may have to end there
			r.note(0, "%s is both moved and stuck", s.Workload)
		}
		if s.Message == "" {
			r.note(0, "%s is stuck without a reason", s.Workload)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.from)) {
		want, placed := r.to[id]
		if placed && at[id] != want && !stuck[id] {
			r.note(r.plan.Makespan, "%s ends on %s, not on %s", id, at[id], want)
		}
		origin := r.from[id]
		if run := r.running[id]; run != nil {
			origin = run.Move.To
		}
		if placed && stuck[id] && want == origin {
			r.note(0, "%s is stuck where it is to be", id)
		}
	}
}

// judgeLeftOut compares who only the target places, and who only the start does, with whom the plan names.
func (r *replay) judgeLeftOut() {
	for _, side := range []struct {
		what    string
		in, out placement.Assignment
		named   []placement.WorkloadID
	}{{"placed for the first time", r.to, r.from, r.plan.Initial}, {"removed", r.from, r.to, r.plan.Removed}} {
		var want []placement.WorkloadID
		for _, id := range slices.Sorted(maps.Keys(side.in)) {
			if _, both := side.out[id]; !both {
				want = append(want, id)
			}
		}
		if !slices.Equal(want, side.named) {
			r.note(0, "%v are to be %s, the plan says %v", want, side.what, side.named)
		}
	}
}
