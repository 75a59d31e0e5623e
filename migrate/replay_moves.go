package migrate

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// judgeMoves judges each move by itself.
func (r *replay) judgeMoves() error {
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		if r.left(i) > 0 { // it is as it was begun
			if err := r.judgeReturn(i); err != nil {
				return err
			}
			continue
		}
		if r.fromSite[i].State == topology.Down {
			r.blame(m.Start, i, "%s is down: nothing can be copied from there", m.From)
		}
		refusal, err := r.refused(r.byMove[i], r.toSite[i])
		if err != nil {
			return err
		}
		if refusal != nil {
			r.faults = append(r.faults, Fault{At: m.Start, Move: m.ID, Message: refusal.Message, Violation: refusal})
		}
		r.judgeModel(i)
		if err := r.judgeRoute(i); err != nil {
			return err
		}
		if err := r.judgeReturn(i); err != nil {
			return err
		}
	}
	return nil
}

// refused returns the first thing that keeps a workload from entering a site.
func (r *replay) refused(w *placement.Workload, s *topology.Site) (*placement.Violation, error) {
	v := &placement.Violation{Workloads: []placement.WorkloadID{w.ID}, Site: s.ID}
	is := func(kind placement.ConstraintKind, format string, args ...any) (*placement.Violation, error) {
		v.Kind, v.Message = kind, fmt.Sprintf(format, args...)
		return v, nil
	}
	if s.State != topology.Up {
		return is(placement.ByState, "%s takes nothing new", s.ID)
	}
	runtime := map[placement.Kind]topology.Runtime{
		placement.Container: topology.Kubernetes, placement.Machine: topology.BareMetal,
		placement.VM: topology.VM, placement.Cluster: topology.VM,
	}[w.Kind]
	if !slices.Contains(s.Runtimes, runtime) {
		return is(placement.ByRuntime, "%s does not run a %s", s.ID, w.Kind)
	}
	if w.Site != "" && w.Site != s.ID {
		return is(placement.BySelector, "%s belongs on %s", w.ID, w.Site)
	}
	if w.Tiers != nil && !slices.Contains(w.Tiers, s.Tier) && len(w.Tiers) > 0 {
		return is(placement.BySelector, "%s is of the wrong tier for %s", s.ID, w.ID)
	}
	for key, value := range w.Labels {
		if s.Labels[key] != value || s.Labels == nil {
			return is(placement.BySelector, "%s lacks a label of %s", s.ID, w.ID)
		}
	}
	for _, rule := range r.problem.Rules {
		if ok, why, _ := rule.Judge(w, s); !ok {
			return is(placement.ByRule, "a rule refuses %s on %s: %s", w.ID, s.ID, why)
		}
	}
	if r.problem.Admission == nil {
		return nil, nil
	}
	verdicts, err := r.problem.Admission.Admit(r.ctx, r.scope, w, []*topology.Site{s})
	if err != nil {
		return nil, err
	}
	if len(verdicts) == 1 && !verdicts[0].Denied {
		return nil, nil
	}
	if v.Reasons, err = r.problem.Admission.Reasons(r.ctx, r.scope, w, s); err != nil {
		return nil, err
	}
	return is(placement.ByAdmission, "policies refuse %s on %s", w.ID, s.ID)
}

// judgeReturn makes sure that a move onto whose old site there is no way back says so.
func (r *replay) judgeReturn(i int) error {
	m := &r.plan.Moves[i]
	refusal, err := r.refused(r.byMove[i], r.fromSite[i])
	if err != nil {
		return err
	}
	if refusal != nil && m.NoReturn == "" {
		r.blame(m.Start, i, "claims that it can be undone, but %s", refusal.Message)
	}
	if (m.Undo == "") == (m.NoReturn == "") {
		r.blame(m.Start, i, "must have either an undo or a reason for none")
	}
	return nil
}
