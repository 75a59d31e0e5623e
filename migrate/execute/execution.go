package execute

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Execution follows a plan from one assignment to another. It is not safe for concurrent use.
type Execution struct {
	problem *placement.Problem
	opts    Options
	start   placement.Assignment // where everything ran
	goal    placement.Assignment // where it is to be; after Abort, start
	at      placement.Assignment // where everything runs, of those on the way: where they come from
	back    bool                 // the goal is the start
	aborts  bool                 // nothing new begins until nothing is under way

	plan    *migrate.Plan
	zero    topology.Micros   // when that plan began
	planned *migrate.Options  // what it was made with
	next    nextStart         // by the calendars of that plan; nil: nobody has asked yet
	opens   []topology.Micros // per move: when it may begin, where that is later than it could
	steps   []step            // per move of the plan
	waits   []int             // of those it waits for, how many have not ended
	then    [][]int32         // who waits for it
	ready   []int             // moves that wait for nothing more, in order
	stale   bool              // something was not as the plan says

	now      topology.Micros
	attempts []*attempt
	live     map[int]bool // attempts
	newest   map[placement.WorkloadID]int
	failures map[placement.WorkloadID]int
	closed   map[placement.WorkloadID]string // those whose time is over, and why
	doubts   map[placement.WorkloadID]Doubt
	asks     int
	queue    []Command

	made   []migrate.Move
	madeBy []int // the attempt of each
	notes  []Note
	plans  int
}

// nextStart says when a move of a plan may begin, from an instant of that plan on.
type nextStart func(m *migrate.Move, at topology.Micros) (topology.Micros, bool, error)

// step is how far a move of the plan is.
type step int8

const (
	stepWaits step = iota
	stepLive
	stepEnded
	stepGone // will not end in this plan
)

// New plans the moves from one assignment to another, as [migrate.Order] does, and prepares to carry them out.
//
// Every plan, this one and those made on the way, has to pass [migrate.Replay] before any of it is begun; one that does
// not is an error, which wraps [ErrUnsound]. Other errors are those of migrate.Order.
func New(ctx context.Context, p *placement.Problem, from, to placement.Assignment, opts *Options) (*Execution, error) {
	o, err := opts.settled()
	if p == nil || p.Continuum == nil {
		err = errors.Join(fmt.Errorf("%w: no problem or no continuum", migrate.ErrInvalid), err)
	}
	if err != nil {
		return nil, err
	}
	e := &Execution{
		problem: p, opts: o, start: maps.Clone(from), goal: maps.Clone(to), at: maps.Clone(from),
		live: make(map[int]bool), newest: make(map[placement.WorkloadID]int),
		failures: make(map[placement.WorkloadID]int), closed: make(map[placement.WorkloadID]string),
		doubts: make(map[placement.WorkloadID]Doubt),
	}
	return e, e.replan(ctx)
}

// Handle takes a report and returns what is to be done now. A report that says nothing new, such as one that comes twice or
// from an attempt that is settled, changes nothing. The first call, before anything has happened, is one with Passed.
//
// It costs O(moves under way), and where the plan has to be made anew what migrate.Order and migrate.Replay cost.
func (e *Execution) Handle(ctx context.Context, r Report) ([]Command, error) {
	if r.At > mostTime {
		return nil, fmt.Errorf("%w: a report of kind %q is of %d us, more than a century after the beginning", migrate.ErrInvalid, r.Kind, r.At)
	}
	e.now = max(e.now, r.At)
	if r.Kind != Passed {
		if r.Attempt < 1 || r.Attempt > len(e.attempts) {
			return nil, fmt.Errorf("%w: a report of kind %q is about attempt %d; %d were begun", migrate.ErrInvalid, r.Kind, r.Attempt, len(e.attempts))
		}
		if err := e.hear(r); err != nil {
			return nil, err
		}
	}
	e.overdue()
	if err := e.proceed(ctx); err != nil {
		return nil, err
	}
	out := e.queue
	e.queue = nil
	return out, nil
}

// proceed plans anew where that is needed and begins what can begin.
func (e *Execution) proceed(ctx context.Context) error {
	if e.aborts {
		if len(e.live) > 0 {
			return nil
		}
		e.aborts, e.stale = false, true
	}
	if e.stale {
		if err := e.replan(ctx); err != nil {
			return err
		}
	}
	if err := e.begin(); err != nil || !e.stale {
		return err
	}
	return e.proceed(ctx)
}

// begin begins all moves that wait for nothing more and that calendars let begin now.
func (e *Execution) begin() error {
	slices.Sort(e.ready)
	later := e.ready[:0]
	for _, i := range e.ready {
		at, ok, err := e.opening(i)
		switch {
		case err != nil:
			return err
		case !ok:
			e.closed[e.plan.Moves[i].Workload] = "its turn came too late: its calendars do not open any more"
			e.steps[i], e.stale = stepGone, true
		case at > e.now:
			e.opens[i] = at
			later = append(later, i)
		default:
			e.launch(i)
		}
	}
	e.ready = later
	return nil
}

// opening returns the first instant from now on at which a move may begin as far as time alone is concerned.
func (e *Execution) opening(i int) (topology.Micros, bool, error) {
	m, o := &e.plan.Moves[i], e.planned
	if e.opens[i] > e.now {
		return e.opens[i], true, nil
	}
	at := max(e.now, e.zero+m.NotBefore)
	if len(o.Calendars) == 0 && len(o.Ready) == 0 {
		return at, true, nil
	}
	if e.next == nil {
		var err error
		if e.next, err = migrate.NextStarts(e.problem, o); err != nil {
			return 0, false, err
		}
	}
	at, ok, err := e.next(m, at-e.zero)
	return e.zero + at, ok, err
}

// Wake returns the time at which the execution wants to hear that time has passed, if nothing else comes before: when a
// move is overdue, an answer has not come, or a move may begin. It is math.MaxInt64 where it waits for nothing.
func (e *Execution) Wake() topology.Micros {
	at := never
	for id := range e.live {
		at = min(at, e.attempts[id-1].due)
	}
	for _, i := range e.ready {
		at = min(at, e.opens[i])
	}
	return at
}

// Done says whether nothing is under way and nothing more can be begun. Reports that come afterwards, such as one from a
// workload in doubt, are heard, and may give more to do.
func (e *Execution) Done() bool {
	return len(e.live) == 0 && len(e.ready) == 0 && len(e.queue) == 0 && !e.stale && !e.aborts
}

// Plan returns the plan that is followed, whose time 0 is at the returned time. It must not be changed.
func (e *Execution) Plan() (*migrate.Plan, topology.Micros) { return e.plan, e.zero }

// Abort ends the execution and goes back: nothing new is begun, what is under way is called off where its method allows
// that, and what was made is then taken back in reverse, as [migrate.Reverse] plans it. Where that leads onto a site that
// is closed or refuses the workload by now, the way back ends, and the workload stands in Outcome.Staying. A second Abort
// changes nothing. The commands come with the next call of Handle.
func (e *Execution) Abort() {
	if e.back {
		return
	}
	e.back, e.aborts = true, true
	e.goal = e.start
	e.ready = nil
	clear(e.failures)
	clear(e.closed)
	for _, id := range slices.Sorted(maps.Keys(e.live)) {
		if a := e.attempts[id-1]; a.state != asked && a.move.Method.Cancellable() {
			e.doubt(id, true)
		}
	}
}

// Change goes on with another picture of the world: a site that is down, a link that is slower, a policy that is new. What
// is left to do is planned anew with the next call of Handle. All that the moves under way need must be known to it. The
// error wraps [migrate.ErrInvalid] where there is no problem or no continuum, and nothing changes then.
func (e *Execution) Change(p *placement.Problem) error {
	if p == nil || p.Continuum == nil {
		return fmt.Errorf("%w: no problem or no continuum", migrate.ErrInvalid)
	}
	e.problem, e.stale = p, true
	clear(e.failures)
	return nil
}
