package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/placement"
)

func runWhy(ctx context.Context, e *env, args []string) error {
	name, err := one(args, "a workload")
	if err != nil {
		return err
	}
	_, a, err := e.open(ctx)
	if err != nil {
		return err
	}
	return e.why(ctx, a, name)
}

func (e *env) why(ctx context.Context, a *answer, name string) error {
	w, err := findWorkload(a.problem, name)
	if err != nil {
		return err
	}
	ans, err := placement.Why(ctx, a.answer(), w)
	if err != nil {
		return err
	}
	if e.in.json {
		o := newOutput(e, a.problem)
		o.Why = ans
		return writeJSON(e.stdout, o)
	}
	return report.Why(e.stdout, a.problem, ans)
}

func runWhyNot(ctx context.Context, e *env, args []string) error {
	pair, err := one(args, "WORKLOAD@SITE")
	if err != nil {
		return err
	}
	_, a, err := e.open(ctx)
	if err != nil {
		return err
	}
	return e.whyNot(ctx, a, pair)
}

func (e *env) whyNot(ctx context.Context, a *answer, pair string) error {
	workload, site, ok := strings.Cut(pair, "@")
	if !ok {
		return badInput(fmt.Errorf("%q is not WORKLOAD@SITE", pair))
	}
	w, err := findWorkload(a.problem, workload)
	if err != nil {
		return err
	}
	s, err := findSite(a.problem.Continuum, site)
	if err != nil {
		return err
	}
	if a.result.Assignment[w] == s && !e.in.json {
		fmt.Fprintf(e.stdout, "%s is on %s\n", w, s)
		return nil
	}
	ans, err := placement.WhyNot(ctx, a.answer(), w, s)
	if err != nil {
		return err
	}
	if e.in.json {
		o := newOutput(e, a.problem)
		o.WhyNot = ans
		return writeJSON(e.stdout, o)
	}
	return report.WhyNot(e.stdout, a.problem, ans)
}
