package execute

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/topology"
)

// hear takes a report about an attempt.
func (e *Execution) hear(r Report) error {
	id, a := r.Attempt, e.attempts[r.Attempt-1]
	switch r.Kind {
	case Started:
		if a.state == sent {
			a.state, a.began, a.due = running, e.now, e.now+e.limit(&a.move)
		}
	case Ended:
		e.hearEnded(id)
	case Failed:
		e.hearFailed(id, r.Message)
	case Found:
		if a.state == asked && r.Ask == a.ask || a.state == doubted && r.Ask > 0 && r.Ask == a.ask {
			e.hearFound(id, r)
		}
	default:
		return fmt.Errorf("%w: a report of kind %q", migrate.ErrInvalid, r.Kind)
	}
	return nil
}

// hearEnded settles an attempt as made. After a failure it contradicts what is known, unless somebody else moves the
// workload by now.
func (e *Execution) hearEnded(id int) {
	switch a := e.attempts[id-1]; a.state {
	case failed:
		e.contradict(id, "it says that it has ended, but was found to have failed")
	case made:
	default:
		e.settle(id, a.move.To)
	}
}

func (e *Execution) hearFailed(id int, message string) {
	switch a := e.attempts[id-1]; a.state {
	case sent, running:
		if message == "" {
			message = "for no stated reason"
		}
		e.note(id, "it failed: "+message)
		a.looks = 0
		e.doubt(id, false)
	case made:
		e.contradict(id, "it says that it has failed, but has ended before")
	}
}

// contradict has a workload looked for anew, unless a newer attempt will tell where it is.
func (e *Execution) contradict(id int, message string) {
	a := e.attempts[id-1]
	if e.newest[a.move.Workload] != id {
		return
	}
	e.note(id, message)
	a.looks, a.step = 0, -1
	e.at[a.move.Workload] = a.move.From // both ends are held until it is known
	e.doubt(id, true)
	e.stale = true
}

// hearFound takes the answer to the last question about an attempt.
func (e *Execution) hearFound(id int, r Report) {
	a := e.attempts[id-1]
	sites := slices.Clone(r.Sites)
	slices.Sort(sites)
	sites = slices.Compact(sites)
	switch {
	case r.Moving && a.state == doubted:
		return
	case r.Moving && a.looks+1 < e.opts.Looks:
		a.looks++
		a.state, a.due = running, e.now+e.limit(&a.move)
		if a.move.Method.Cancellable() {
			a.due = e.now + e.opts.Acknowledge // it was called off, and that takes a moment
		}
	case r.Moving:
		e.giveUp(id, true, "its move does not end and cannot be called off")
	case len(sites) == 1 && e.known(sites[0]):
		e.settle(id, sites[0])
	default:
		a.found = sites
		e.giveUp(id, false, whereabouts(sites))
	}
}

func whereabouts(sites []topology.SiteID) string {
	switch len(sites) {
	case 0:
		return "it runs nowhere any more: lost on the way"
	case 1:
		return fmt.Sprintf("it runs on %s, which the problem does not know", sites[0])
	default:
		return fmt.Sprintf("it runs in %d places: %v", len(sites), sites)
	}
}

func (e *Execution) known(site topology.SiteID) bool {
	_, ok := e.problem.Continuum.Site(site)
	return ok
}

// settle ends an attempt with the workload on a site.
func (e *Execution) settle(id int, site topology.SiteID) {
	a := e.attempts[id-1]
	w := a.move.Workload
	delete(e.live, id)
	delete(e.doubts, w)
	a.due = never
	e.at[w] = site
	if site == a.move.To {
		a.state = made
		e.record(id)
		if a.step >= 0 {
			e.finish(a.step)
		} else {
			e.stale = true // the plan did not expect that
		}
		return
	}
	a.state = failed
	e.strike(id)
	if site != a.move.From {
		e.note(id, fmt.Sprintf("it was found on %s", site))
	}
	if !e.aborts {
		e.failures[w]++
	}
	e.close(a)
}

// record puts an attempt among the moves that were made, once.
func (e *Execution) record(id int) {
	a := e.attempts[id-1]
	if a.recorded {
		return
	}
	a.recorded = true
	done := a.move
	done.Start, done.End, done.After = a.began, max(e.now, a.began+1), nil
	e.made, e.madeBy = append(e.made, done), append(e.madeBy, id)
}

// strike takes an attempt out again that was believed to be made and was not.
func (e *Execution) strike(id int) {
	if a := e.attempts[id-1]; a.recorded {
		a.recorded = false
		i := slices.Index(e.madeBy, id)
		e.made, e.madeBy = slices.Delete(e.made, i, i+1), slices.Delete(e.madeBy, i, i+1)
	}
}

// finish ends a move of the plan and makes those ready that waited for it alone.
func (e *Execution) finish(step int) {
	e.steps[step] = stepEnded
	for _, next := range e.then[step] {
		if e.waits[next]--; e.waits[next] == 0 && e.steps[next] == stepWaits && !e.aborts {
			e.ready = append(e.ready, int(next))
		}
	}
}

func (e *Execution) note(id int, message string) {
	e.notes = append(e.notes, Note{At: e.now, Workload: e.attempts[id-1].move.Workload, Attempt: id, Message: message})
}
