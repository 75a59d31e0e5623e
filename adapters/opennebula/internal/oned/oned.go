// Package oned executes plans the way OpenNebula 7's plan manager does, on paper: strictly in the order of the document, one
// blocked action holding up all behind it; looked at again only when the timer ticks; capped by the destination alone, never
// by the source; with a time limit for each action, without dependencies and without a way back. It tells how long a plan
// takes there and how far it overfills hosts meanwhile, which oned itself does not look at when it migrates.
//
// Source: SchedulerManager.cc and PlanManager.cc of release 7.4.0, as described in the project's design notes; the order of
// events within one instant is this package's own: ends, then the timer.
package oned

import (
	"cmp"
	"slices"
	"time"
)

// Config is what oned.conf says; the zero value is what is shipped.
type Config struct {
	PerHost    int           // MAX_ACTIONS_PER_HOST; zero: 1
	PerCluster int           // MAX_ACTIONS_PER_CLUSTER; zero: 30
	Timeout    time.Duration // ACTION_TIMEOUT; zero: 300 s
	Tick       time.Duration // MANAGER_TIMER; zero: 15 s
}

func (c Config) settled() Config {
	return Config{cmp.Or(c.PerHost, 1), cmp.Or(c.PerCluster, 30), cmp.Or(c.Timeout, 300*time.Second), cmp.Or(c.Tick, 15*time.Second)}
}

// Load is what a virtual machine takes of a host: hundredths of a core and KiB.
type Load struct{ CPU, Memory int64 }

// Host is a host's room and what is on it when the plan starts.
type Host struct{ Max, Used Load }

// Action is one action of a plan as the executor sees it.
type Action struct {
	VM       int
	From, To int           // host IDs; From is -1 for a deploy
	Load     Load          // of the VM
	Takes    time.Duration // until it ends
	Fails    bool          // at its end: then the VM is still where it was
	Refused  bool          // at its start, such as a deploy that does not fit: it is over at once
}

// State is how an action ended.
type State string

// The states.
const (
	Done    State = "DONE"
	Failed  State = "ERROR"
	Timeout State = "TIMEOUT"
)

// Step is what became of an action.
type Step struct {
	VM         int
	Start, End time.Duration // End of one that timed out is when oned gave up on it
	State      State
}

// Run is what became of a plan.
type Run struct {
	Steps    []Step // in the order of the plan
	State    State
	Makespan time.Duration
	// Overfull is the most that any host held beyond its room and beyond what it held so at the start, at any time and per
	// dimension; Hosts are those that were, in order.
	Overfull Load
	Hosts    []int
	// Waited is how long the plan stood still because of the head of the line, while an action behind it could have started.
	Waited time.Duration
}

type running struct {
	action    int
	end, real time.Duration // when oned is done with it, and when it ends
}

type executor struct {
	Config
	actions []Action
	hosts   map[int]*Host
	start   map[int]Load // beyond the room when the plan starts, per host
	next    int
	now     time.Duration
	flight  []running // what oned counts
	ghosts  []running // what it gave up on but goes on
	run     Run
}

// Execute runs a plan. A VM that is on its way takes room at both ends, as it does in oned's books.
func Execute(actions []Action, hosts map[int]Host, c Config) Run {
	e := &executor{Config: c.settled(), actions: actions, hosts: make(map[int]*Host), start: make(map[int]Load)}
	for id, h := range hosts {
		e.hosts[id] = &h
		e.start[id] = h.over()
	}
	e.run.Steps = make([]Step, len(actions))
	e.dispatch()
	tick := e.Tick
	for len(e.flight)+len(e.ghosts) > 0 || e.next < len(actions) {
		at := tick
		for _, r := range slices.Concat(e.flight, e.ghosts) {
			at = min(at, max(e.now, min(r.end, r.real)))
		}
		e.now = at
		e.finish()
		if e.now == tick {
			e.dispatch()
			tick += e.Tick
		}
	}
	e.run.State = Done
	for _, s := range e.run.Steps {
		e.run.Makespan = max(e.run.Makespan, s.End)
		switch {
		case s.State == Failed:
			e.run.State = Failed
		case s.State == Timeout && e.run.State == Done:
			e.run.State = Timeout
		}
	}
	slices.Sort(e.run.Hosts)
	return e.run
}

// dispatch starts what it may, in order; the first that may not start ends it.
func (e *executor) dispatch() {
	for ; e.next < len(e.actions); e.next++ {
		if e.blocked(e.next) {
			if slices.ContainsFunc(e.rest(), func(i int) bool { return !e.blocked(i) }) {
				e.run.Waited += e.Tick
			}
			return
		}
		a := &e.actions[e.next]
		s := &e.run.Steps[e.next]
		*s = Step{VM: a.VM, Start: e.now}
		if a.Refused {
			s.End, s.State = e.now, Failed
			continue
		}
		e.add(a.To, a.Load)
		e.flight = append(e.flight, running{e.next, e.now + min(a.Takes, e.Timeout), e.now + a.Takes})
	}
}

// rest are the actions behind the head of the line.
func (e *executor) rest() []int {
	var out []int
	for i := e.next + 1; i < len(e.actions); i++ {
		out = append(out, i)
	}
	return out
}

func (e *executor) blocked(action int) bool {
	if len(e.flight) >= e.PerCluster {
		return true
	}
	n := 0
	for _, r := range e.flight {
		if e.actions[r.action].To == e.actions[action].To {
			n++
		}
	}
	return n >= e.PerHost
}

// finish ends what ends now.
func (e *executor) finish() {
	e.flight = slices.DeleteFunc(e.flight, func(r running) bool {
		if r.end > e.now {
			return false
		}
		s := &e.run.Steps[r.action]
		s.End = e.now
		switch {
		case r.real > r.end:
			s.State = Timeout
			e.ghosts = append(e.ghosts, running{r.action, r.real, r.real})
			return true
		case e.actions[r.action].Fails:
			s.State = Failed
		default:
			s.State = Done
		}
		e.settle(r.action)
		return true
	})
	e.ghosts = slices.DeleteFunc(e.ghosts, func(r running) bool {
		if r.end > e.now {
			return false
		}
		e.settle(r.action)
		return true
	})
}

// settle gives the room of the other end back.
func (e *executor) settle(action int) {
	a := &e.actions[action]
	left := a.From
	if a.Fails {
		left = a.To
	}
	e.add(left, Load{-a.Load.CPU, -a.Load.Memory})
}

func (e *executor) add(host int, l Load) {
	h, ok := e.hosts[host]
	if !ok {
		return
	}
	h.Used.CPU, h.Used.Memory = h.Used.CPU+l.CPU, h.Used.Memory+l.Memory
	over, before := h.over(), e.start[host]
	cpu, memory := max(0, over.CPU-before.CPU), max(0, over.Memory-before.Memory)
	if cpu == 0 && memory == 0 {
		return
	}
	e.run.Overfull = Load{max(e.run.Overfull.CPU, cpu), max(e.run.Overfull.Memory, memory)}
	if !slices.Contains(e.run.Hosts, host) {
		e.run.Hosts = append(e.run.Hosts, host)
	}
}

// over is what is held beyond the room.
func (h *Host) over() Load {
	return Load{max(0, h.Used.CPU-h.Max.CPU), max(0, h.Used.Memory-h.Max.Memory)}
}
