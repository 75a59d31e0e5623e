package cli

import (
	"context"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/placement"
)

func runResilience(ctx context.Context, e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	_, a, err := e.open(ctx)
	if err != nil {
		return err
	}
	return e.resilience(ctx, a)
}

// resilience says what each single failure would take from the answer.
func (e *env) resilience(ctx context.Context, a *answer) error {
	r, err := placement.Resilience(ctx, a.answer())
	if err != nil {
		return e.asInput(err)
	}
	if e.in.json {
		o := newOutput(e, a.problem)
		o.Resilience = r
		return writeJSON(e.stdout, o)
	}
	return report.Resilience(e.stdout, a.problem, r)
}
