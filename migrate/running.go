package migrate

import (
	"errors"
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// Running is a move that is on its way when a plan starts. It holds both ends, its route and its place in every cap until
// it ends, Left from the start of the plan. The plan returns it first, with its start before or at time 0.
type Running struct {
	Move Move            `json:"move"`
	Left topology.Micros `json:"leftMicros"`
}

// readRunning turns the running moves into hops, one per workload, that begin at once.
func (w *world) readRunning() error {
	var errs []error
	w.running = make(map[int32]*hop)
	for i := range w.opts.Running {
		r := &w.opts.Running[i]
		m := &r.Move
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%w: options: running[%d]: %s", ErrInvalid, i, fmt.Sprintf(format, args...)))
		}
		work, known := w.workIndex[m.Workload]
		from, okFrom := w.siteIndex[m.From]
		to, okTo := w.siteIndex[m.To]
		switch {
		case !known:
			bad("there is no workload %q", m.Workload)
		case !okFrom || !okTo || from == to:
			bad("%s does not move from %q to %q", m.Workload, m.From, m.To)
		case w.from[work] != from:
			bad("%s is not on %s", m.Workload, m.From)
		case w.running[work] != nil:
			bad("%s is on the way twice", m.Workload)
		case r.Left <= 0 || r.Left > longest || m.Rate < 0 || m.Bytes < 0 || m.Downtime < 0 || m.End-m.Start > longest:
			bad("%s: left, rate, bytes, downtime and duration may not be negative or longer than a year", m.Workload)
		default:
			w.running[work] = &hop{
				work: work, from: from, to: to, method: m.Method, route: m.Route, rate: m.Rate, left: r.Left,
				estimate: Estimate{Duration: max(r.Left, m.End-m.Start), Downtime: m.Downtime, Bytes: m.Bytes, Safe: m.Safe},
			}
		}
	}
	return errors.Join(errs...)
}

// rest is how long a hop takes from its start in the plan on: of one that runs already, what is left.
func (h *hop) rest() topology.Micros {
	if h.left > 0 {
		return h.left
	}
	return h.estimate.Duration
}

// origin returns the site from which a workload can be moved: where it is, or where it is just going.
func (w *world) origin(work int32) int32 {
	if h := w.running[work]; h != nil {
		return h.to
	}
	return w.from[work]
}

// begun returns the hops that run already, by workload. Those that go on elsewhere afterwards are stages.
func (q *sequencer) begun() []*hop {
	var out []*hop
	for _, work := range sortedIndices(q.world.running) {
		h := *q.world.running[work]
		_, stuck := q.stuck[work]
		h.stage = q.world.moves(work) && !stuck
		q.stocks.fill(&h)
		out = append(out, &h)
	}
	return out
}
