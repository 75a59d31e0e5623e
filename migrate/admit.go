package migrate

import (
	"context"
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// open says of each site whether a workload may enter it: state, runtime, pin, tiers, labels, rules and admission; what
// depends on other workloads is not judged. The answers are kept.
func (w *world) open(ctx context.Context, work int32, sites []int32) ([]bool, error) {
	answers := make([]bool, len(sites))
	var ask []int32
	for i, s := range sites {
		known, ok := w.admitted[pair{work, s}]
		if ok {
			answers[i] = known
		} else if len(w.closed(work, s)) == 0 && w.ruledOut(work, s) == "" {
			ask = append(ask, s)
		} else {
			w.admitted[pair{work, s}] = false
		}
	}
	if err := w.admit(ctx, work, ask); err != nil {
		return nil, err
	}
	for i, s := range sites {
		answers[i] = w.admitted[pair{work, s}]
	}
	return answers, nil
}

// admit asks the policies and keeps their answers.
func (w *world) admit(ctx context.Context, work int32, ask []int32) error {
	if len(ask) == 0 {
		return nil
	}
	if w.problem.Admission == nil {
		for _, s := range ask {
			w.admitted[pair{work, s}] = true
		}
		return nil
	}
	sites := make([]*topology.Site, len(ask))
	for i, s := range ask {
		sites[i] = w.sites[s]
	}
	verdicts, err := w.problem.Admission.Admit(ctx, w.scope, w.works[work], sites)
	if err != nil {
		return err
	}
	if len(verdicts) != len(ask) {
		return fmt.Errorf("migrate: admission gave %d verdicts on %d sites", len(verdicts), len(ask))
	}
	for i, s := range ask {
		w.admitted[pair{work, s}] = !verdicts[i].Denied
	}
	return nil
}

// closed returns what the site itself and the workload's own wishes have against the workload entering it.
func (w *world) closed(work, site int32) []placement.Violation {
	var out []placement.Violation
	k, s := w.works[work], w.sites[site]
	note := func(kind placement.ConstraintKind, format string, args ...any) {
		out = append(out, placement.Violation{
			Kind: kind, Workloads: []placement.WorkloadID{k.ID}, Site: s.ID, Message: fmt.Sprintf(format, args...),
		})
	}
	switch s.State {
	case topology.Cordoned:
		note(placement.ByState, "%s is cordoned: it takes nothing new", s.ID)
	case topology.Down:
		note(placement.ByState, "%s is down", s.ID)
	}
	return append(out, w.unfit(work, site)...)
}

// unfit returns what a site lacks for a workload whatever its state.
func (w *world) unfit(work, site int32) []placement.Violation {
	var out []placement.Violation
	k, s := w.works[work], w.sites[site]
	note := func(kind placement.ConstraintKind, format string, args ...any) {
		out = append(out, placement.Violation{
			Kind: kind, Workloads: []placement.WorkloadID{k.ID}, Site: s.ID, Message: fmt.Sprintf(format, args...),
		})
	}
	if need := runtimeOf(k.Kind); !slices.Contains(s.Runtimes, need) {
		note(placement.ByRuntime, "%s does not run %s, which a %s needs", s.ID, need, k.Kind)
	}
	if k.Site != "" && k.Site != s.ID {
		note(placement.BySelector, "%s is pinned to %s", k.ID, k.Site)
	}
	if len(k.Tiers) > 0 && !slices.Contains(k.Tiers, s.Tier) {
		note(placement.BySelector, "%s is of another tier than %s asks for", s.ID, k.ID)
	}
	for _, key := range sortedKeys(k.Labels) {
		if have, ok := s.Labels[key]; !ok || have != k.Labels[key] {
			note(placement.BySelector, "%s asks for the label %s=%s, which %s does not have", k.ID, key, k.Labels[key], s.ID)
		}
	}
	return out
}

// ruledOut returns why a rule of the importing program refuses a pair; empty where none does.
func (w *world) ruledOut(work, site int32) string {
	for _, r := range w.problem.Rules {
		if ok, why, _ := r.Judge(w.works[work], w.sites[site]); !ok {
			if why == "" {
				why = "refused by a rule"
			}
			return why
		}
	}
	return ""
}

// refusals returns all that refuses the entry of a workload to a site, with the reasons of the policies.
func (w *world) refusals(ctx context.Context, work, site int32) ([]placement.Violation, error) {
	ok, err := w.open(ctx, work, []int32{site})
	if err != nil || ok[0] {
		return nil, err
	}
	return w.grounds(ctx, work, site, w.closed(work, site))
}

// grounds adds to out what rules and policies have against a pair.
func (w *world) grounds(ctx context.Context, work, site int32, out []placement.Violation) ([]placement.Violation, error) {
	k, s := w.works[work], w.sites[site]
	v := placement.Violation{Workloads: []placement.WorkloadID{k.ID}, Site: s.ID}
	if why := w.ruledOut(work, site); why != "" {
		v.Kind, v.Message = placement.ByRule, why
		out = append(out, v)
	}
	if w.problem.Admission == nil {
		return out, nil
	}
	verdicts, err := w.problem.Admission.Admit(ctx, w.scope, k, []*topology.Site{s})
	if err != nil {
		return nil, err
	}
	if len(verdicts) != 1 || !verdicts[0].Denied {
		return out, nil
	}
	reasons, err := w.problem.Admission.Reasons(ctx, w.scope, k, s)
	if err != nil {
		return nil, err
	}
	v.Kind, v.Message, v.Reasons = placement.ByAdmission, fmt.Sprintf("policies refuse %s on %s", k.ID, s.ID), reasons
	return append(out, v), nil
}

// runtimeOf returns the runtime that a kind of workload needs.
func runtimeOf(k placement.Kind) topology.Runtime {
	switch k {
	case placement.Container:
		return topology.Kubernetes
	case placement.Machine:
		return topology.BareMetal
	default:
		return topology.VM
	}
}
