package roadef

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/placement"
)

const (
	// defaultTime is the budget where none is given.
	defaultTime = 60 * time.Second
	// searchShare is the part of a time budget after which search is to end; the rest is for the last bounds, before the
	// context ends whatever goes on.
	searchShare = 0.97
)

// runner takes an instance through all stages.
type runner struct {
	flags    harness.Flags
	progress *harness.Progress
	began    time.Time
	result   result

	model   *Model
	problem *placement.Problem
	initial []int
	answer  *placement.Result
	on      []int // the answer; nil: something is left out
}

func newRunner(f harness.Flags, p *harness.Progress) *runner {
	return &runner{flags: f, progress: p, began: time.Now()}
}

func (r *runner) all(ctx context.Context, model *Model, initial []int) error {
	r.model, r.initial = model, initial
	r.result.size = fmt.Sprintf("%d processes of %d services on %d machines, %d resources",
		len(model.Processes), len(model.Services), len(model.Machines), len(model.Resources))
	var err error
	if r.problem, err = model.Problem(initial); err != nil {
		return err
	}
	if err := r.start(ctx); err != nil {
		return fmt.Errorf("initial assignment: %w", err)
	}
	if err := r.solve(ctx); err != nil {
		return fmt.Errorf("solving: %w", err)
	}
	if err := r.check(ctx); err != nil {
		return fmt.Errorf("checking: %w", err)
	}
	return nil
}

// start values the initial assignment.
func (r *runner) start(ctx context.Context) error {
	worth, err := placement.Evaluate(ctx, r.problem, r.problem.Current)
	if err != nil {
		return err
	}
	r.result.Initial = worth.Tiers[1].Value
	return nil
}

func (r *runner) solve(ctx context.Context) error {
	ctx, options, cancel := r.budget(ctx)
	defer cancel()
	watch := harness.Start()
	options.Progress = func(p placement.Progress) {
		rate := float64(p.Steps) / max(watch.Wall().Seconds(), 1e-9)
		r.progress.Say("%s: %3.0f %%  cost %d  at least %d  gap %.4f  %.2f million moves a second",
			r.result.Instance, 100*p.Spent, p.Value, p.Bound, p.Gap, rate/1e6)
	}
	answer, err := placement.Solve(ctx, r.problem, options)
	if err != nil {
		return err
	}
	r.answer = answer
	cost := answer.Tiers[1]
	r.result.Value, r.result.Bound, r.result.Gap = cost.Value, cost.Bound, cost.Gap
	r.result.status, r.result.Steps, r.result.solveSeconds = string(answer.Status), answer.Steps, watch.Wall().Seconds()
	r.result.Rate = float64(answer.Steps) / max(watch.CPU().Seconds(), 1e-9)
	for _, t := range answer.Terms[1:] {
		name := string(t.Kind)
		if t.Dimension != "" {
			name += " " + string(t.Dimension)
		}
		if t.Against != "" {
			name += " against " + string(t.Against)
		}
		r.result.terms = append(r.result.terms, [2]string{"  " + name, fmt.Sprint(t.Value)})
	}
	return nil
}

// budget turns the flags into a share of time that is spent, with a deadline a little behind it, or a number of steps.
func (r *runner) budget(ctx context.Context) (context.Context, *placement.Options, context.CancelFunc) {
	options := &placement.Options{Seed: r.flags.Seed, Workers: r.flags.Workers}
	if r.flags.Steps > 0 {
		options.MaxSteps = r.flags.Steps
		return ctx, options, func() {}
	}
	total := r.flags.Time
	if total == 0 {
		total = defaultTime
	}
	begin := time.Since(r.began) // what reading took
	search := max(time.Duration(searchShare*float64(total))-begin, 1)
	options.MaxSteps = math.MaxInt64
	options.Spent = func() float64 {
		return min(1, float64(time.Since(r.began)-begin)/float64(search))
	}
	ctx, cancel := context.WithDeadline(ctx, r.began.Add(total))
	return ctx, options, cancel
}

// check has the answer judged by what shares no code with the solver.
func (r *runner) check(ctx context.Context) error {
	r.progress.Say("%s: checking", r.result.Instance)
	watch := harness.Start()
	r.judge(r.model.Assigned(r.answer.Assignment))
	violations, err := placement.Check(ctx, r.problem, r.answer.Assignment)
	if err != nil {
		return err
	}
	r.result.Violations += len(violations)
	for _, v := range violations[:min(len(violations), 5)] {
		r.result.bad = append(r.result.bad, fmt.Sprintf("%s: %v on %s: %s", v.Kind, v.Workloads[:min(len(v.Workloads), 5)], v.Site, v.Message))
	}
	worth, err := placement.Evaluate(ctx, r.problem, r.answer.Assignment)
	if err != nil {
		return err
	}
	if value := worth.Tiers[1].Value; value != r.result.Value {
		r.result.bad = append(r.result.bad, fmt.Sprintf("the cost is %d by recomputation, not %d", value, r.result.Value))
	}
	if err := placement.VerifyBounds(ctx, r.problem, r.answer); err != nil {
		r.result.bad = append(r.result.bad, err.Error())
	}
	r.result.checkSeconds = watch.Wall().Seconds()
	return nil
}

// judge takes the machines of an answer; the challenge leaves no process out.
func (r *runner) judge(on []int, err error) {
	if err != nil {
		r.result.Violations++
		r.result.bad = append(r.result.bad, err.Error())
		return
	}
	r.on = on
	for i, machine := range on {
		if machine != r.initial[i] {
			r.result.Moved++
		}
	}
}

// write writes the answer, if it is one.
func (r *runner) write(name string) error {
	if r.on == nil {
		return nil // told by judge
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := WriteAssignment(f, r.on); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
