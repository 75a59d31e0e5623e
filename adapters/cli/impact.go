package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/policy"
)

// changesPolicies says whether a change is 'policies=DIR', which puts a folder in place of the policies in force, or
// 'policies+=DIR', which adds one to them.
func changesPolicies(change string) bool {
	what, _, _ := strings.Cut(change, "=")
	return what == "policies" || what == "policies+"
}

// proposed loads a folder of policies, alone or beside those in force.
func (e *env) proposed(beside bool, dir string) (*policy.Set, error) {
	sources, err := e.in.sources(dir)
	if err != nil {
		return nil, badInput(err)
	}
	if beside {
		old, err := e.in.sources(e.in.policies)
		if err != nil {
			return nil, badInput(err)
		}
		for _, o := range old {
			if o.Name == sources[0].Name {
				return nil, badInput(fmt.Errorf("%s is in force already: name another folder or bundle to add to it", o.Name))
			}
		}
		sources = append(old, sources...)
	}
	set, err := policy.Load(sources, nil)
	return set, badInput(err)
}

// impact says what other policies would do to the answer, taken for what runs.
func (e *env) impact(ctx context.Context, l *loaded, a *answer, changes []string) error {
	if len(changes) > 1 {
		return badInput(fmt.Errorf("%q: one proposal of policies at a time", changes))
	}
	what, dir, _ := strings.Cut(changes[0], "=")
	if dir == "" {
		return badInput(fmt.Errorf("%q: name a folder or bundle after '='", changes[0]))
	}
	set, err := e.proposed(what == "policies+", dir)
	if err != nil {
		return err
	}
	p, err := l.problemOn(l.continuum, l.policies, a.result.Assignment)
	if err != nil {
		return err
	}
	x, err := policy.Impact(ctx, p, set, e.options())
	if err != nil {
		return e.asInput(err)
	}
	if err := unjudged(p); err != nil {
		return badInput(err)
	}
	if e.in.json {
		o := newOutput(e, a.problem)
		o.WhatIf = &whatIf{Changes: changes, Digest: o.Digest, Policies: x.Proposed, Revision: set.Revision(), Impact: x}
		return writeJSON(e.stdout, o)
	}
	fmt.Fprintf(e.stdout, "WHAT IF %s\n", changes[0])
	if len(set.Rules()) == 0 {
		fmt.Fprintln(e.stdout, noRules)
	}
	next := *p
	next.Admission, next.Transit = set, set
	return report.Impact(e.stdout, &next, x)
}
