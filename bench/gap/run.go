package gap

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/placement"
)

// runner takes an instance through all stages.
type runner struct {
	flags    harness.Flags
	progress *harness.Progress
	result   result
	began    time.Time
	answer   []int // by job: its agent
}

// The shares of a time budget: within solveShare the search must have ended, the rest is for the last bounds; hardShare is
// when the context ends, in case that they take longer.
const (
	solveShare = 0.9
	hardShare  = 0.97
)

func (r *runner) all(ctx context.Context, g *Instance) error {
	r.result.size = fmt.Sprintf("%d agents, %d jobs", g.Agents(), g.Jobs())
	p, err := g.Problem()
	if err != nil {
		return err
	}
	options, ctxSolve, cancel := r.options(ctx)
	defer cancel()
	watch := harness.Start()
	answer, err := placement.Solve(ctxSolve, p, options)
	if err != nil {
		return err
	}
	r.result.solveSeconds = watch.Wall().Seconds()
	cost := answer.Tiers[1]
	r.result.Value, r.result.Bound, r.result.Gap = cost.Value, cost.Bound, cost.Gap
	r.result.Optimal, r.result.status, r.result.steps = answer.Status == placement.Optimal, string(answer.Status), answer.Steps
	r.answer = g.agents(answer.Assignment)
	r.progress.Say("%s: checking", r.result.Instance)
	watch = harness.Start()
	defer func() { r.result.checkSeconds = watch.Wall().Seconds() }()
	return r.check(ctx, g, p, answer)
}

// options turns the flags into a number of steps, or a clock.
func (r *runner) options(ctx context.Context) (*placement.Options, context.Context, context.CancelFunc) {
	o := &placement.Options{Seed: r.flags.Seed, Workers: r.flags.Workers, MaxSteps: r.flags.Steps}
	o.Progress = func(p placement.Progress) {
		r.progress.Say("%s: %3.0f %%, cost %d, at least %d, gap %.3f %%", r.result.Instance, 100*p.Spent, p.Value, p.Bound, 100*p.Gap)
	}
	if r.flags.Steps > 0 {
		return o, ctx, func() {}
	}
	total := r.flags.Time
	if total == 0 {
		total = defaultTime
	}
	o.MaxSteps = math.MaxInt64
	o.Spent = func() float64 { return min(1, time.Since(r.began).Seconds()/(total.Seconds()*solveShare)) }
	ctx, cancel := context.WithDeadline(ctx, r.began.Add(time.Duration(float64(total)*hardShare)))
	return o, ctx, cancel
}

// check has the answer judged by what shares no code with the solver, and by the numbers of the instance themselves.
func (r *runner) check(ctx context.Context, g *Instance, p *placement.Problem, answer *placement.Result) error {
	violations, err := placement.Check(ctx, p, answer.Assignment)
	if err != nil {
		return err
	}
	r.result.Violations = len(violations)
	for _, v := range violations[:min(len(violations), 5)] {
		r.result.bad = append(r.result.bad, fmt.Sprintf("%s: %v on %s: %s", v.Kind, v.Workloads, v.Site, v.Message))
	}
	evaluation, err := placement.Evaluate(ctx, p, answer.Assignment)
	if err != nil {
		return err
	}
	if worth := evaluation.Tiers[1].Value; worth != r.result.Value {
		r.result.bad = append(r.result.bad, fmt.Sprintf("the answer is worth %d by recomputation", worth))
	}
	if err := placement.VerifyBounds(ctx, p, answer); err != nil {
		r.result.bad = append(r.result.bad, err.Error())
	}
	cost, wrong := g.judge(r.answer)
	if cost != r.result.Value {
		r.result.bad = append(r.result.bad, fmt.Sprintf("the answer costs %d by the numbers of the instance", cost))
	}
	r.result.bad = append(r.result.bad, wrong...)
	r.result.Violations = max(r.result.Violations, len(wrong))
	return nil
}

// write writes the agents of the jobs, counted from 1.
func (r *runner) write(name string) error {
	var text bytes.Buffer
	for j, a := range r.answer {
		if j > 0 {
			text.WriteByte(' ')
		}
		fmt.Fprint(&text, a+1)
	}
	text.WriteByte('\n')
	return os.WriteFile(name, text.Bytes(), 0o644)
}
