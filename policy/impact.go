package policy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Impact says what a proposed set of policies, as Admission and Transit, would do to a live problem: who must move, who has nowhere
// to go, what it costs. The problem holds the policies in force and, in Current, what runs; both are only read.
//
// The answer under the proposal moves as little as it can: at first only workloads that a constraint refuses where they run may
// move, and those that run nowhere. If some of them find no place like that, everything may move, and that answer counts if it
// places more. Who must move is found by placement.Check, which shares no code with the search.
//
// The error is that of a malformed problem, one without Current, or of ctx, also where it ends a search. It costs two checks and
// one or two solves with these options.
func Impact(ctx context.Context, p *placement.Problem, proposed *Set, opts *placement.Options) (*ImpactReport, error) {
	switch {
	case proposed == nil:
		return nil, errors.New("policy: Impact of no set: Load makes an empty one")
	case len(p.Current) == 0:
		return nil, fmt.Errorf("%w: Impact: Problem.Current is empty: nothing runs", placement.ErrInvalid)
	}
	next := *p
	next.Admission, next.Transit = proposed, proposed
	x := &impact{
		ctx: ctx, opts: opts, before: p, after: &next, proposed: proposed,
		running: running(p), report: &ImpactReport{Proposed: proposed.Digest()},
	}
	for _, step := range []func() error{x.compareRules, x.countPairs, x.judge, x.solve, x.describe} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return x.report, nil
}

// impact is an impact in the making.
type impact struct {
	ctx           context.Context
	opts          *placement.Options
	before, after *placement.Problem
	proposed      *Set
	running       placement.Assignment // what runs, of the workloads and sites that exist
	fresh         map[placement.WorkloadID][]placement.Violation
	stays         map[placement.WorkloadID]bool // nothing refuses it under the proposal
	report        *ImpactReport
}

// running is Current without workloads and sites that do not exist.
func running(p *placement.Problem) placement.Assignment {
	a := placement.Assignment{}
	for _, app := range p.Applications {
		for i := range app.Workloads {
			id := app.Workloads[i].ID
			if site, ok := p.Current[id]; ok {
				if _, ok := p.Continuum.Site(site); ok {
					a[id] = site
				}
			}
		}
	}
	return a
}

// compareRules compares the rules of the two sets by code.
func (x *impact) compareRules() error {
	r := x.report
	if d, ok := x.before.Admission.(interface{ Digest() string }); ok {
		r.InForce = d.Digest()
	}
	old, ok := x.before.Admission.(*Set)
	if !ok {
		return nil
	}
	was := map[string]*rule{}
	for _, a := range old.rules {
		was[a.Code] = a
	}
	for _, b := range x.proposed.rules {
		a, ok := was[b.Code]
		delete(was, b.Code)
		switch {
		case !ok:
			r.Added = append(r.Added, b.Rule)
		case a.Kind != b.Kind || a.Side != b.Side || a.source.String() != b.source.String():
			r.Changed = append(r.Changed, b.Rule)
		}
	}
	for _, a := range old.rules {
		if was[a.Code] == a {
			r.Removed = append(r.Removed, a.Rule)
		}
	}
	r.Tables = changedTables(old, x.proposed)
	return nil
}

// changedTables names the tables that rules of the two sets rest on and that read differently.
func changedTables(was, is *Set) []string {
	names := append(was.tablesRead(), is.tablesRead()...)
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		a, b := was.tables[name], is.tables[name]
		return a != nil && b != nil && a.AsOf == b.AsOf && a.ValidUntil == b.ValidUntil && reflect.DeepEqual(a.values, b.values)
	})
}

// judge finds out who may not stay where it runs, by comparing what is broken before and after.
func (x *impact) judge() error {
	before, err := placement.Check(x.ctx, x.before, x.running)
	if err != nil {
		return err
	}
	after, err := placement.Check(x.ctx, x.after, x.running)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	refused := map[placement.WorkloadID]bool{}
	for _, v := range before {
		known[sameViolation(v)] = true
		for _, w := range v.Workloads {
			refused[w] = true
		}
	}
	x.fresh = map[placement.WorkloadID][]placement.Violation{}
	x.stays = map[placement.WorkloadID]bool{}
	for w := range x.running {
		x.stays[w] = true
	}
	for _, v := range after {
		for _, w := range v.Workloads {
			x.stays[w] = false
			if !known[sameViolation(v)] {
				x.fresh[w] = append(x.fresh[w], v)
			}
		}
	}
	for _, w := range slices.Sorted(maps.Keys(x.running)) {
		switch {
		case refused[w] && x.stays[w]:
			x.report.Lifted = append(x.report.Lifted, w)
		case refused[w] && len(x.fresh[w]) == 0:
			x.report.Refused = append(x.report.Refused, w)
		}
	}
	return nil
}

// sameViolation tells violations apart by whom they concern and what they say. Of policies the rules do not count: who is refused
// already does not become refused by a further rule.
func sameViolation(v placement.Violation) string {
	parts := []string{string(v.Kind), string(v.Site)}
	for _, w := range v.Workloads {
		parts = append(parts, string(w))
	}
	if len(v.Reasons) == 0 {
		return strings.Join(append(parts, "", v.Message), "\x00")
	}
	return strings.Join(parts, "\x00")
}

// solve looks for an answer under the proposal that moves no more than needed.
func (x *impact) solve() error {
	least := *x.after
	least.Applications = x.pinned()
	r, err := x.attempt(&least)
	if err != nil {
		return err
	}
	x.report.Result = r
	if len(r.Unplaced) == 0 {
		return nil
	}
	free, err := x.attempt(x.after)
	if err != nil {
		return err
	}
	if len(free.Tiers) > 0 && free.Tiers[0].Value < r.Tiers[0].Value {
		x.report.Result = free
	}
	return nil
}

// attempt solves a problem to the end of its budget.
func (x *impact) attempt(p *placement.Problem) (*placement.Result, error) {
	r, err := placement.Solve(x.ctx, p, x.opts)
	if err == nil {
		err = x.ctx.Err()
	}
	return r, err
}

// pinned is the applications with all that may stay pinned to where it runs.
func (x *impact) pinned() []placement.Application {
	apps := slices.Clone(x.after.Applications)
	for a := range apps {
		apps[a].Workloads = slices.Clone(apps[a].Workloads)
		for i := range apps[a].Workloads {
			if w := &apps[a].Workloads[i]; x.stays[w.ID] {
				w.Site = x.running[w.ID]
			}
		}
	}
	return apps
}

// describe says what the answer means for each workload.
func (x *impact) describe() error {
	r := x.report
	var err error
	r.Difference, err = placement.Diff(x.ctx,
		placement.Answer{Problem: x.before, Assignment: x.running}, placement.Answer{Problem: x.after, Assignment: r.Result.Assignment})
	if err != nil {
		return err
	}
	left := map[placement.WorkloadID]map[placement.ConstraintKind]int{}
	for _, u := range r.Result.Unplaced {
		left[u.Workload] = u.Refused
	}
	sites := slices.Collect(x.after.Continuum.Sites())
	for _, app := range x.after.Applications {
		for i := range app.Workloads {
			w := &app.Workloads[i]
			from, runs := x.running[w.ID]
			to := r.Result.Assignment[w.ID]
			if !runs || to == from || slices.Contains(r.Refused, w.ID) {
				continue
			}
			d := Displaced{Workload: w.ID, From: from, To: to, Violations: x.fresh[w.ID], Unplaced: left[w.ID]}
			if d.Admitted, err = x.admitted(w, sites); err != nil {
				return err
			}
			if len(d.Violations) > 0 {
				r.MustMove = append(r.MustMove, d)
			} else {
				r.Also = append(r.Also, d)
			}
		}
	}
	byID := func(a, b Displaced) int { return strings.Compare(string(a.Workload), string(b.Workload)) }
	slices.SortFunc(r.MustMove, byID)
	slices.SortFunc(r.Also, byID)
	r.Rules = byRule(r.MustMove)
	return nil
}

// admitted counts the sites on which the proposal admits a workload.
func (x *impact) admitted(w *placement.Workload, sites []*topology.Site) (int, error) {
	verdicts, err := x.proposed.Admit(x.ctx, placement.Scope{Continuum: x.after.Continuum, AsOf: x.after.AsOf}, w, sites)
	n := 0
	for _, v := range verdicts {
		if !v.Denied {
			n++
		}
	}
	return n, err
}

// byRule counts the workloads that each rule refuses.
func byRule(moved []Displaced) []RuleImpact {
	at := map[string]*RuleImpact{}
	for _, d := range moved {
		seen := map[string]bool{}
		for _, v := range d.Violations {
			for _, reason := range v.Reasons {
				if seen[reason.Code] {
					continue
				}
				seen[reason.Code] = true
				x, ok := at[reason.Code]
				if !ok {
					x = &RuleImpact{Code: reason.Code, Title: reason.Title}
					at[reason.Code] = x
				}
				x.MustMove++
				if d.To == "" {
					x.Stranded++
				}
			}
		}
	}
	var out []RuleImpact
	for _, code := range slices.Sorted(maps.Keys(at)) {
		out = append(out, *at[code])
	}
	slices.SortStableFunc(out, func(a, b RuleImpact) int { return b.MustMove - a.MustMove })
	return out
}
