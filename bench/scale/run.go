package scale

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// runner takes a problem through all stages.
type runner struct {
	flags    harness.Flags
	progress *harness.Progress
	dir      string
	result   result

	began   time.Time
	problem placement.Problem
	answer  *placement.Result
	solver  placement.Solver
}

// stepsAgain is the budget of the second solve in moves per workload, of which it uses the share that has changed.
const stepsAgain = 100

// Of a time budget for reading, compiling, solving and checking: when the search ends, and when solving ends at the latest,
// bounds included. The rest is for the checks.
const (
	searchEnds = 0.6
	solveEnds  = 0.75
)

func (r *runner) all(ctx context.Context) error {
	r.began = time.Now()
	for _, stage := range []struct {
		name string
		run  func(context.Context) error
	}{{"reading", r.read}, {"solving", r.solve}, {"checking", r.check}, {"solving again", r.again}} {
		r.progress.Say("%s", stage.name)
		if err := stage.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", stage.name, err)
		}
	}
	return nil
}

func (r *runner) read(context.Context) error {
	watch := harness.Start()
	continuum, err := readFile(filepath.Join(r.dir, synthetic.ContinuumFile), topology.Read)
	if err != nil {
		return err
	}
	apps, err := readFile(filepath.Join(r.dir, synthetic.ApplicationsFile), placement.ReadApplications)
	if err != nil {
		return err
	}
	r.result.ReadSeconds = watch.Wall().Seconds()
	watch = harness.Start()
	source := policy.Source{Name: synthetic.PoliciesDir, FS: os.DirFS(filepath.Join(r.dir, synthetic.PoliciesDir))}
	set, err := policy.Load([]policy.Source{source}, nil)
	if err != nil {
		return err
	}
	graph, err := latency.New(continuum, nil)
	if err != nil {
		return err
	}
	r.problem = placement.Problem{Continuum: continuum, Latency: graph, Applications: apps, Admission: set, Transit: set}
	r.result.CompileSeconds = watch.Wall().Seconds()
	return nil
}

func (r *runner) solve(ctx context.Context) error {
	ctx, options, cancel := r.budget(ctx)
	defer cancel()
	watch, compiled := harness.Start(), 0.0
	options.Progress = func(p placement.Progress) {
		if compiled == 0 { // the first call comes when the problem is compiled
			compiled = watch.Wall().Seconds()
		}
		r.progress.Say("solving: %3.0f %%, %d moves, value %d, bound %d, gap %.4f", 100*p.Spent, p.Steps, p.Value, p.Bound, p.Gap)
	}
	answer, err := r.solver.Solve(ctx, &r.problem, options)
	if err != nil {
		return err
	}
	r.answer = answer
	r.result.CompileSeconds += compiled
	r.result.SolveSeconds = watch.Wall().Seconds() - compiled
	r.result.status, r.result.steps, r.result.Unplaced = answer.Status, answer.Steps, len(answer.Unplaced)
	r.result.take(answer.Tiers)
	return nil
}

// budget turns the flags into a number of steps, or into a clock and a deadline behind it.
func (r *runner) budget(ctx context.Context) (context.Context, *placement.Options, context.CancelFunc) {
	options := &placement.Options{Seed: r.flags.Seed, Workers: r.flags.Workers, MaxSteps: r.flags.Steps}
	if r.flags.Steps > 0 {
		return ctx, options, func() {}
	}
	total := r.flags.Time
	if total == 0 {
		total = defaultTime
	}
	at := func(share float64) time.Time { return r.began.Add(time.Duration(share * float64(total))) }
	options.MaxSteps, options.Spent = math.MaxInt64, until(at(searchEnds))
	ctx, cancel := context.WithDeadline(ctx, at(solveEnds))
	return ctx, options, cancel
}

// until returns the share of the time from the first time that it is asked until an end.
func until(end time.Time) func() float64 {
	var first time.Time
	return func() float64 {
		now := time.Now()
		if first.IsZero() {
			first = now
		}
		if !now.Before(end) {
			return 1
		}
		return float64(now.Sub(first)) / float64(end.Sub(first))
	}
}

// take takes over the tiers; the figures at the top are those of the first tier after unplaced.
func (r *result) take(tiers []placement.TierResult) {
	for i, t := range tiers {
		r.Tiers = append(r.Tiers, tier{t.Name, t.Value, t.Bound, t.Gap})
		if i == min(1, len(tiers)-1) {
			r.Value, r.Bound, r.Gap = t.Value, t.Bound, t.Gap
		}
	}
}

// check has the answer judged by what shares no code with the solver.
func (r *runner) check(ctx context.Context) error {
	watch := harness.Start()
	violations, err := placement.Check(ctx, &r.problem, r.answer.Assignment)
	if err != nil {
		return err
	}
	r.result.Violations = len(violations)
	for _, v := range violations[:min(len(violations), 5)] {
		r.result.bad = append(r.result.bad, fmt.Sprintf("%s: %v on %s: %s", v.Kind, v.Workloads, v.Site, v.Message))
	}
	// This compares the values with what Evaluate finds as well.
	if err := placement.VerifyBounds(ctx, &r.problem, r.answer); err != nil {
		r.result.bad = append(r.result.bad, err.Error())
	}
	r.result.checkSeconds = watch.Wall().Seconds()
	return nil
}

// again takes down one site in a hundred and solves from where everything runs.
func (r *runner) again(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(r.flags.Seed, 7))
	var changes topology.Changes
	for s := range r.problem.Continuum.Sites() {
		if rng.IntN(100) == 0 {
			changed := *s
			changed.State = topology.Down
			changes.Put.Sites = append(changes.Put.Sites, changed)
		}
	}
	watch := harness.Start()
	continuum, err := r.problem.Continuum.Update(changes)
	if err != nil {
		return err
	}
	changed := r.problem
	changed.Continuum, changed.Current = continuum, r.answer.Assignment // the network is the same, and so its graph
	steps := int64(stepsAgain * r.result.workloads)
	if r.flags.Steps > 0 {
		steps = min(steps, r.flags.Steps)
	}
	answer, err := r.solver.Solve(ctx, &changed, &placement.Options{Seed: r.flags.Seed, Workers: r.flags.Workers, MaxSteps: steps})
	if err != nil {
		return err
	}
	r.result.ResolveSeconds = watch.Wall().Seconds()
	violations, err := placement.Check(ctx, &changed, answer.Assignment)
	if err != nil {
		return err
	}
	if len(violations) > 0 {
		r.result.bad = append(r.result.bad, fmt.Sprintf("%d violations after the change, first: %s", len(violations), violations[0].Message))
	}
	r.result.Violations += len(violations)
	return nil
}

// writeAnswer writes the assignment beside the files of the problem.
func (r *runner) writeAnswer() error {
	text, err := json.MarshalIndent(r.answer.Assignment, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, "assignment.json"), append(text, '\n'), 0o644)
}
