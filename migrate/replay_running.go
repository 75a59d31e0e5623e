package migrate

import (
	"reflect"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// takeRunning notes the moves that are on their way when the plan starts.
func (r *replay) takeRunning() {
	r.running = make(map[placement.WorkloadID]*Running)
	for i := range r.opts.Running {
		r.running[r.opts.Running[i].Move.Workload] = &r.opts.Running[i]
	}
}

// left returns how long a move of the plan that runs already still takes, 0 where it does not run yet. The first move of
// a workload that is on its way must be that one.
func (r *replay) left(i int) topology.Micros {
	m := &r.plan.Moves[i]
	run := r.running[m.Workload]
	if run == nil || m.From != run.Move.From || m.To != run.Move.To || m.Start > 0 || len(m.After) > 0 {
		return 0
	}
	return run.Left
}

// judgeRunning makes sure that the plan holds every move that runs already, as it is.
func (r *replay) judgeRunning() bool {
	for i := range r.opts.Running {
		run, found := &r.opts.Running[i], false
		for k := range r.plan.Moves {
			m := &r.plan.Moves[k]
			if m.Workload != run.Move.Workload {
				continue
			}
			found = r.left(k) == run.Left && m.Rate == run.Move.Rate && m.Method == run.Move.Method &&
				reflect.DeepEqual(m.Route, run.Move.Route)
			break
		}
		if !found {
			r.note(0, "%s is on its way to %s, which the plan does not say", run.Move.Workload, run.Move.To)
		}
	}
	return len(r.faults) == 0
}
