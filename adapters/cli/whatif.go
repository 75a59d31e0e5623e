package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// whatIf is the outcome of a change, for -json.
type whatIf struct {
	Changes    []string              `json:"changes"`
	Digest     string                `json:"continuumDigest"` // of the changed continuum and policies
	Policies   string                `json:"policiesDigest,omitempty"`
	Revision   string                `json:"policiesRevision,omitempty"`
	Difference *placement.Difference `json:"difference,omitempty"`
	Result     *placement.Result     `json:"result,omitempty"`
	Impact     *policy.ImpactReport  `json:"impact,omitempty"` // where only policies change
}

func runWhatIf(ctx context.Context, e *env, args []string) error {
	if len(args) == 0 {
		return badInput(errors.New("expected a change, such as 'site=ID down'"))
	}
	l, a, err := e.open(ctx)
	if err != nil {
		return err
	}
	return e.whatIf(ctx, l, a, args)
}

// whatIf solves again with the changes, starting from the answer so that nothing moves without a reason, and prints the
// difference.
func (e *env) whatIf(ctx context.Context, l *loaded, a *answer, changes []string) error {
	if !slices.ContainsFunc(changes, func(change string) bool { return !changesPolicies(change) }) {
		return e.impact(ctx, l, a, changes)
	}
	c, rules := l.continuum, l.policies
	var err error
	for _, change := range changes {
		if c, rules, err = e.apply(c, rules, change); err != nil {
			return err
		}
	}
	then := *l
	then.observations = stillObserved(l.observations, a.problem.Latency, c)
	p, err := then.problemOn(c, rules, a.result.Assignment)
	if err != nil {
		return err
	}
	after, err := e.solve(ctx, p)
	if err != nil {
		return err
	}
	d, err := placement.Diff(ctx, a.answer(), after.answer())
	if err != nil {
		return err
	}
	if e.in.json {
		o := newOutput(e, a.problem)
		changed := newOutput(e, p)
		o.WhatIf = &whatIf{Changes: changes, Digest: changed.Digest, Policies: changed.Policies, Revision: changed.Revision, Difference: d, Result: after.result}
		return writeJSON(e.stdout, o)
	}
	fmt.Fprintf(e.stdout, "WHAT IF %s\n", strings.Join(changes, "; "))
	return report.Difference(e.stdout, p, d)
}

// apply makes one change to continuum or policies.
func (e *env) apply(c *topology.Continuum, rules *policy.Set, change string) (*topology.Continuum, *policy.Set, error) {
	what, rest, ok := strings.Cut(change, "=")
	if !ok {
		return nil, nil, badInput(fmt.Errorf("%q: expected one of %s", change, changeForms))
	}
	if changesPolicies(change) {
		set, err := e.proposed(what == "policies+", rest)
		return c, set, err
	}
	id, state, ok := strings.Cut(rest, " ")
	if !ok {
		return nil, nil, badInput(fmt.Errorf("%q: expected what happens behind the ID: one of %s", change, changeForms))
	}
	ch, err := changeOf(c, what, id, strings.TrimSpace(state))
	if err != nil {
		return nil, nil, badInput(fmt.Errorf("%q: %w", change, err))
	}
	next, err := c.Update(*ch)
	return next, rules, badInput(err)
}
