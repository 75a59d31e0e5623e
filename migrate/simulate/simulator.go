package simulate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/migrate/execute"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Simulator is an [execute.Executor]. It is not safe for concurrent use.
type Simulator struct {
	opts  Options
	rng   *rand.Rand
	now   topology.Micros
	queue events
	count int // of events, to tell those of one instant apart
	tries map[int]*try
	truth *truth
}

// try is what the simulator knows of an attempt.
type try struct {
	move    migrate.Move
	begun   bool
	over    bool // it does nothing any more
	arrived bool // over, and the workload is at the new site
}

// New makes a simulator in which everything runs as from says. The same problem, options and commands give the same
// reports.
func New(p *placement.Problem, from placement.Assignment, opts *Options) (*Simulator, error) {
	o, err := opts.settled()
	if err != nil {
		return nil, err
	}
	t, err := newTruth(p, from)
	if err != nil {
		return nil, err
	}
	return &Simulator{opts: o, rng: rand.New(rand.NewPCG(o.Seed, 0x73696d)), tries: make(map[int]*try), truth: t}, nil
}

// Where says where everything runs in truth: on one site, on none where it is lost. Those that are being copied run at the
// site they come from or, after a post-copy has switched over, at the new one.
func (s *Simulator) Where() map[placement.WorkloadID][]topology.SiteID {
	out := make(map[placement.WorkloadID][]topology.SiteID)
	for w, site := range s.truth.runs {
		out[w] = nil
		if site != "" {
			out[w] = []topology.SiteID{site}
		}
	}
	return out
}

// Faults lists what was broken in truth so far, at most a hundred.
func (s *Simulator) Faults() []string { return slices.Clone(s.truth.faults) }

// Now is the time that the simulator has reached.
func (s *Simulator) Now() topology.Micros { return s.now }

// Do takes a command. It never fails.
func (s *Simulator) Do(_ context.Context, c execute.Command) error {
	if s.chance(s.opts.Deaf) {
		return nil
	}
	s.after(s.delay(), func() { s.obey(c) })
	if s.chance(s.opts.Duplicate) {
		s.after(s.delay(), func() { s.obey(c) })
	}
	return nil
}

// Next goes on to the next report, or to the time given.
func (s *Simulator) Next(ctx context.Context, until topology.Micros) (execute.Report, error) {
	for {
		if err := ctx.Err(); err != nil {
			return execute.Report{}, err
		}
		if len(s.queue) == 0 || s.queue[0].at > until {
			if until == math.MaxInt64 {
				return execute.Report{}, fmt.Errorf("%w: nothing is under way, and there is no time to wait for", migrate.ErrInvalid)
			}
			s.now = max(s.now, until)
			return execute.Report{Kind: execute.Passed, At: s.now}, nil
		}
		e := s.queue.pop()
		s.now = max(s.now, e.at)
		if e.report != nil {
			r := *e.report
			r.At = s.now
			return r, nil
		}
		e.happen()
	}
}

// obey does what a command asks for, when it arrives.
func (s *Simulator) obey(c execute.Command) {
	t := s.tries[c.Attempt]
	if t == nil {
		t = &try{move: c.Move}
		s.tries[c.Attempt] = t
	}
	switch c.Do {
	case execute.Start:
		if !t.begun && !t.over {
			s.start(c.Attempt, t)
		}
	case execute.Cancel:
		switch {
		case !t.begun:
			t.over = true
		case !t.over && t.move.Method.Cancellable():
			s.fail(c.Attempt, t, "called off")
		}
	case execute.Look:
		t.over = t.over || !t.begun
		r := execute.Report{Kind: execute.Found, Attempt: c.Attempt, Ask: c.Ask, Moving: t.begun && !t.over}
		if site := s.truth.runs[c.Move.Workload]; site != "" {
			r.Sites = []topology.SiteID{site}
		}
		s.report(r)
	}
}

// start begins a move.
func (s *Simulator) start(id int, t *try) {
	t.begun = true
	m := &t.move
	if why := s.truth.begin(s.now, m); why != "" {
		t.over = true
		s.report(execute.Report{Kind: execute.Failed, Attempt: id, Message: why})
		return
	}
	s.report(execute.Report{Kind: execute.Started, Attempt: id})
	factor := s.opts.Fastest + s.rng.Int64N(s.opts.Slowest-s.opts.Fastest+1)
	predicted := int64(max(1, m.End-m.Start))
	lasts := topology.Micros(predicted/1000*factor+predicted%1000*factor/1000) + 1
	if !m.Method.Cancellable() {
		s.after(min(lasts-1, 1_000_000), func() {
			if !t.over {
				s.truth.runs[m.Workload] = m.To
			}
		})
	}
	switch {
	case s.chance(s.opts.Hang):
	case s.chance(s.opts.Fail):
		s.after(topology.Micros(s.rng.Int64N(int64(lasts))), func() {
			if !t.over {
				s.fail(id, t, "the copy broke off")
			}
		})
	default:
		s.after(lasts, func() {
			if !t.over {
				t.over, t.arrived = true, true
				s.truth.end(s.now, m)
				s.report(execute.Report{Kind: execute.Ended, Attempt: id})
			}
		})
	}
}

// fail ends a move that was not made. Its workload runs where it ran, unless that was stopped before all was copied.
func (s *Simulator) fail(id int, t *try, why string) {
	t.over = true
	s.truth.fail(s.now, &t.move)
	s.report(execute.Report{Kind: execute.Failed, Attempt: id, Message: why})
}

// report sends a report off; it may get lost, or come late, or twice.
func (s *Simulator) report(r execute.Report) {
	for range 2 {
		delay := s.delay()
		if s.chance(s.opts.Late) {
			delay += topology.Micros(s.rng.Int64N(600_000_000))
		}
		if !s.chance(s.opts.Silent) {
			s.push(event{at: s.now + delay, report: &r})
		}
		if !s.chance(s.opts.Duplicate) {
			return
		}
	}
}

func (s *Simulator) chance(thousandths int) bool {
	return thousandths > 0 && s.rng.IntN(1000) < thousandths
}

func (s *Simulator) delay() topology.Micros {
	return topology.Micros(s.rng.Int64N(int64(s.opts.Delay) + 1))
}

func (s *Simulator) after(delay topology.Micros, happen func()) {
	s.push(event{at: s.now + delay, happen: happen})
}

func (s *Simulator) push(e event) {
	s.count++
	e.order = s.count
	s.queue.push(e)
}

// Lost lists the workloads that run nowhere any more, in order.
func (s *Simulator) Lost() []placement.WorkloadID {
	var out []placement.WorkloadID
	for _, w := range slices.Sorted(maps.Keys(s.truth.runs)) {
		if s.truth.runs[w] == "" {
			out = append(out, w)
		}
	}
	return out
}
