package execute

import (
	"math"
	"slices"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/topology"
)

// attempt is one try to make a move.
type attempt struct {
	move     migrate.Move
	state    state
	step     int             // its index in the plan that is followed, -1 where that plan does not know it
	began    topology.Micros // when it was commanded, or acknowledged
	due      topology.Micros // when something has to have been heard
	ask      int             // the last question
	looks    int             // questions since it was last heard of, and extensions
	found    []topology.SiteID
	recorded bool // it stands among the moves that were made
}

// state is what is known about an attempt.
type state int

const (
	sent    state = iota // commanded, not acknowledged
	running              // under way
	asked                // nobody knows; the executor has been asked
	made                 // the workload runs at the new site
	failed               // it was not made
	doubted              // the workload is unknown, lost, or in two places
)

// never is later than anything.
const never = topology.Micros(math.MaxInt64)

// limit is how long it may take until the end of a move is heard of.
func (e *Execution) limit(m *migrate.Move) topology.Micros {
	likely := max(m.Safe, m.End-m.Start, 1)
	if likely > longest {
		likely = longest
	}
	return likely/1000*topology.Micros(e.opts.Patience) + likely%1000*topology.Micros(e.opts.Patience)/1000 + e.opts.Acknowledge
}

// launch begins an attempt at a move of the plan.
func (e *Execution) launch(step int) {
	m := e.plan.Moves[step]
	e.attempts = append(e.attempts, &attempt{move: m, step: step, began: e.now, due: e.now + e.opts.Acknowledge})
	id := len(e.attempts)
	e.newest[m.Workload] = id
	e.live[id] = true
	e.steps[step] = stepLive
	e.command(Command{Do: Start, Attempt: id, Move: m})
}

func (e *Execution) command(c Command) { e.queue = append(e.queue, c) }

// doubt asks where the workload of an attempt runs, after calling the move off where that can be done.
func (e *Execution) doubt(id int, cancel bool) {
	a := e.attempts[id-1]
	if cancel {
		e.command(Command{Do: Cancel, Attempt: id, Move: a.move})
	}
	e.asks++
	a.state, a.ask, a.due = asked, e.asks, e.now+e.opts.Acknowledge
	e.live[id] = true
	e.command(Command{Do: Look, Attempt: id, Move: a.move, Ask: a.ask})
}

// overdue deals with attempts of which nothing was heard in time, in order.
func (e *Execution) overdue() {
	var late []int
	for id := range e.live {
		if e.attempts[id-1].due <= e.now {
			late = append(late, id)
		}
	}
	slices.Sort(late)
	for _, id := range late {
		a := e.attempts[id-1]
		switch {
		case a.state == sent:
			e.note(id, "its start was not acknowledged")
			e.doubt(id, true)
		case a.state == running:
			e.note(id, "it is overdue")
			e.doubt(id, a.move.Method.Cancellable())
		case a.looks+1 < e.opts.Looks:
			a.looks++
			e.doubt(id, a.move.Method.Cancellable())
		default:
			e.giveUp(id, true, "nobody says where it runs")
		}
	}
}

// giveUp leaves the workload of an attempt in doubt.
func (e *Execution) giveUp(id int, unknown bool, message string) {
	a := e.attempts[id-1]
	a.state, a.due = doubted, never
	if unknown {
		a.found = []topology.SiteID{a.move.From, a.move.To}
		slices.Sort(a.found)
	}
	delete(e.live, id)
	e.doubts[a.move.Workload] = Doubt{Workload: a.move.Workload, Sites: a.found, Unknown: unknown, Message: message}
	e.note(id, message)
	e.close(a)
}

// close takes an attempt out of the plan that is followed: what waits for it there will be planned anew.
func (e *Execution) close(a *attempt) {
	if a.step >= 0 {
		e.steps[a.step] = stepGone
	}
	a.step, e.stale = -1, true
}
