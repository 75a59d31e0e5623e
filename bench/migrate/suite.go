package migrate

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	core "github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/topology"
)

// Suite plans instances, plans that a peer has planned before, or a problem made from the seed. -steps is the number of
// improving passes, where the planner's own default is not wanted; -time ends the suite between two cases, and what was
// left out is told. -out writes the plans, one JSON object a line.
var Suite = harness.Suite{
	Name:  "migrate",
	Usage: "-instances F|DIR [-budget D] [-limit N] | -plans F|DIR | -synthetic moves=..,sites=..,fill=.. or rings=..,size=..,spares=..: plan migrations",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.StringVar(&c.instances, "instances", "", ".tar.gz or directory of instances")
		set.StringVar(&c.plans, "plans", "", ".tar.gz or directory of a peer's plans and their executions")
		set.StringVar(&c.synthetic, "synthetic", "", "what is made: moves=N,sites=N,fill=F[,largest=GB] or rings=N,size=N,spares=N")
		set.DurationVar(&c.budget, "budget", 500*time.Millisecond, "wall time that the planning of one instance should take at most")
		set.IntVar(&c.limit, "limit", 0, "instances of each class; 0: all")
		return c.run
	},
}

// config is the suite's own flags.
type config struct {
	instances, plans, synthetic string
	budget                      time.Duration
	limit                       int
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	given := 0
	for _, s := range []string{c.instances, c.plans, c.synthetic} {
		if s != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, fmt.Errorf("%w: one of -instances, -plans and -synthetic is needed", harness.ErrUsage)
	case c.limit < 0 || c.budget <= 0:
		return nil, fmt.Errorf("%w: -limit %d is negative or -budget %v is not positive", harness.ErrUsage, c.limit, c.budget)
	}
	r, err := newRunner(f, p)
	if err != nil {
		return nil, err
	}
	defer r.close()
	var outcome harness.Outcome
	switch {
	case c.instances != "":
		outcome, err = r.instances(ctx, c)
	case c.plans != "":
		outcome, err = r.plans(ctx, c)
	default:
		outcome, err = r.synthetic(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	return outcome, r.close()
}

// runner plans and judges cases.
type runner struct {
	flags    harness.Flags
	progress *harness.Progress
	began    time.Time
	out      *os.File // nil: no plans are written
	checks
}

// checks is what the judges found.
type checks struct {
	Violations int `json:"violations"`

	bad []string
}

// mostTold is how many faults are told; all are counted.
const mostTold = 20

func (c *checks) blame(n int, format string, args ...any) {
	c.Violations += n
	if len(c.bad) < mostTold {
		c.bad = append(c.bad, fmt.Sprintf(format, args...))
	}
}

// Failures implements harness.Outcome.
func (c *checks) Failures() []string { return c.bad }

func newRunner(f harness.Flags, p *harness.Progress) (*runner, error) {
	r := &runner{flags: f, progress: p, began: time.Now()}
	if f.Out == "" {
		return r, nil
	}
	var err error
	r.out, err = os.Create(f.Out)
	return r, err
}

func (r *runner) close() error {
	if r.out == nil {
		return nil
	}
	f := r.out
	r.out = nil
	return f.Close()
}

// late says whether the time is used up.
func (r *runner) late() bool { return r.flags.Time > 0 && time.Since(r.began) >= r.flags.Time }

// solved is a plan and what it took.
type solved struct {
	*core.Plan
	seconds float64
}

func seconds(t topology.Micros) float64 { return float64(t) / 1e6 }

// excess is how far a makespan is above its bound.
func excess(makespan, bound topology.Micros) float64 {
	if bound <= 0 {
		return float64(makespan)
	}
	return float64(makespan)/float64(bound) - 1
}

// solve plans one case and has the plan judged by what shares no code with the planner.
func (r *runner) solve(ctx context.Context, c *Case) (solved, error) {
	options := c.options()
	options.Seed, options.Passes = r.flags.Seed, int(min(r.flags.Steps, 1<<30))
	watch := harness.Start()
	plan, err := core.Order(ctx, c.Problem, c.From, c.To, options)
	if err != nil {
		return solved{}, fmt.Errorf("%s: %w", c.Name, err)
	}
	took := watch.Wall().Seconds()
	faults, err := core.Replay(ctx, c.Problem, c.From, c.To, plan, options)
	if err != nil {
		return solved{}, fmt.Errorf("%s: %w", c.Name, err)
	}
	if len(faults) > 0 {
		r.blame(len(faults), "%s: %d violations, the first: %+v", c.Name, len(faults), faults[0])
	}
	if plan.Bound > plan.Makespan {
		r.blame(1, "%s: the makespan %d is below its bound %d", c.Name, plan.Makespan, plan.Bound)
	}
	if r.out != nil {
		err = json.NewEncoder(r.out).Encode(map[string]any{"instance": c.Name, "plan": plan})
	}
	return solved{plan, took}, err
}
