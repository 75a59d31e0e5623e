package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// answer is a solved and checked problem.
type answer struct {
	problem    *placement.Problem
	result     *placement.Result
	evaluation *placement.Evaluation
}

func (a *answer) answer() placement.Answer {
	return placement.Answer{Problem: a.problem, Assignment: a.result.Assignment}
}

// open loads the input and solves it.
func (e *env) open(ctx context.Context) (*loaded, *answer, error) {
	l, err := e.in.load()
	if err != nil {
		return nil, nil, err
	}
	p, err := l.problem()
	if err != nil {
		return nil, nil, err
	}
	a, err := e.solve(ctx, p)
	return l, a, err
}

func (e *env) options() *placement.Options {
	return &placement.Options{Seed: e.in.seed, MaxSteps: e.in.steps}
}

// solve solves a problem and has the answer checked by the code that shares nothing with the search.
func (e *env) solve(ctx context.Context, p *placement.Problem) (*answer, error) {
	r, err := placement.Solve(ctx, p, e.options())
	if err != nil {
		return nil, e.asInput(err)
	}
	if err := unjudged(p); err != nil {
		return nil, badInput(err)
	}
	violations, err := placement.Check(ctx, p, r.Assignment)
	if err != nil {
		return nil, e.asInput(err)
	}
	if len(violations) > 0 {
		return nil, fmt.Errorf("the answer failed its check, please report this: %s", joinMessages(violations))
	}
	if err := placement.VerifyBounds(ctx, p, r); err != nil {
		return nil, fmt.Errorf("a bound failed its check, please report this: %w", err)
	}
	ev, err := placement.Evaluate(ctx, p, r.Assignment)
	if err != nil {
		return nil, e.asInput(err)
	}
	for i, t := range ev.Tiers {
		if i >= len(r.Tiers) || r.Tiers[i].Value != t.Value {
			return nil, fmt.Errorf("tier %s is worth %d, not what the search said; please report this", t.Name, t.Value)
		}
	}
	return &answer{problem: p, result: r, evaluation: ev}, nil
}

// asInput marks defects that only show when continuum, applications and policies meet as bad input, and says in which file
// the fields stand that they name.
func (e *env) asInput(err error) error {
	for _, invalid := range []error{topology.ErrInvalid, latency.ErrInvalid, migrate.ErrInvalid} {
		if errors.Is(err, invalid) {
			return badInput(e.moves.named(err))
		}
	}
	if errors.Is(err, placement.ErrInvalid) {
		file := e.in.apps
		if file == "" {
			file = defaultApps
		}
		return badInput(errors.New(strings.ReplaceAll(err.Error(), placement.ErrInvalid.Error()+": applications", file+": applications")))
	}
	return err
}

// unjudged refuses an answer that rests on policies that could not be judged: they refused, which is safe, but nobody meant it.
func unjudged(p *placement.Problem) error {
	rules, ok := p.Admission.(interface{ Failures() []policy.Finding })
	if !ok {
		return nil
	}
	var errs []error
	for _, f := range rules.Failures() {
		errs = append(errs, fmt.Errorf("%s: %s", f.Location, f.Message))
	}
	return errors.Join(errs...)
}

// leave plans the exit from a provider and replays plan and way back with the independent checker.
func (e *env) leave(ctx context.Context, l *loaded, a *answer, provider topology.ProviderID) (*migrate.ExitReport, error) {
	if _, ok := l.continuum.Provider(provider); !ok {
		return nil, badInput(fmt.Errorf("no provider %q%s", provider, closest(string(provider), providerIDs(l.continuum))))
	}
	if !operates(l.continuum, provider) {
		return nil, badInput(fmt.Errorf("provider %s operates no site", provider))
	}
	now := *a.problem
	now.Current = a.result.Assignment
	opts, err := e.moveOptions()
	if err != nil {
		return nil, err
	}
	x, err := migrate.Exit(ctx, &now, provider, l.asOf, e.options(), opts)
	if err != nil {
		return nil, e.asInput(err)
	}
	if !x.Proof.Holds() {
		lines := []string{joinMessages(x.Proof.Violations)}
		for _, f := range slices.Concat(x.Proof.Faults, x.Proof.BackFaults) {
			lines = append(lines, f.Message)
		}
		return nil, fmt.Errorf("the exit failed its replay, please report this: %s", strings.Join(lines, "; "))
	}
	return x, nil
}

func operates(c *topology.Continuum, provider topology.ProviderID) bool {
	for s := range c.Sites() {
		if s.Provider == provider {
			return true
		}
	}
	return false
}

func joinMessages(vs []placement.Violation) string {
	var out []string
	for _, v := range vs {
		out = append(out, v.Message)
	}
	return strings.Join(out, "; ")
}

func providerIDs(c *topology.Continuum) []string {
	var out []string
	for p := range c.Providers() {
		out = append(out, string(p.ID))
	}
	return out
}
