package cli

import (
	"bytes"
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/placement"
)

func runPareto(ctx context.Context, e *env, args []string) error {
	if len(args) > 1 {
		return badInput(fmt.Errorf("unexpected argument %q", args[1]))
	}
	l, err := e.in.load()
	if err != nil {
		return err
	}
	p, err := l.problem()
	if err != nil {
		return err
	}
	f, err := placement.Pareto(ctx, p, &placement.ParetoOptions{Solve: e.options()})
	if err != nil {
		return e.asInput(err)
	}
	if err := unjudged(p); err != nil {
		return badInput(err)
	}
	if len(args) == 1 {
		var chart bytes.Buffer
		if err := report.FrontierSVG(&chart, f); err != nil {
			return err
		}
		if err := e.writeFile("chart", chart.Bytes(), args[0]); err != nil {
			return err
		}
	}
	if e.in.json {
		o := newOutput(e, p)
		o.Frontier = f
		return writeJSON(e.stdout, o)
	}
	return report.Frontier(e.stdout, f)
}
