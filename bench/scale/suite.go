// Package scale is the suite that places many workloads on many sites, from files, as a user would have them: read,
// compile, solve, check, and solve again after a small change.
package scale

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
	"github.com/domicile-eu/domicile/placement"
)

// Suite places a synthetic problem. -time bounds reading, compiling, solving and checking together; the search gets what
// the others leave. -steps bounds the search in evaluated moves instead. -out keeps the files of the problem and the
// answer in a folder of that name.
var Suite = harness.Suite{
	Name:  "scale",
	Usage: "-sites N -workloads M: place M workloads on N sites, from files",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.IntVar(&c.sites, "sites", 1000, "sites")
		set.IntVar(&c.workloads, "workloads", 10_000, "workloads")
		return c.run
	},
}

// config is the suite's own flags.
type config struct{ sites, workloads int }

// result is what the suite found; see BENCH.md. Seconds are of wall time.
type result struct {
	ReadSeconds    float64 `json:"read_seconds"`
	CompileSeconds float64 `json:"compile_seconds"` // policies, latency graph and the numbers that the search works on
	SolveSeconds   float64 `json:"solve_seconds"`   // search and bounds
	Unplaced       int     `json:"unplaced"`
	Value          int64   `json:"value"` // of the first tier after unplaced
	Bound          int64   `json:"bound"`
	Gap            float64 `json:"gap"`
	Violations     int     `json:"violations"`
	ResolveSeconds float64 `json:"resolve_seconds"` // all of it again after 1 % of the sites changed
	Tiers          []tier  `json:"tiers"`

	sites, workloads int
	status           placement.Status
	steps            int64
	checkSeconds     float64
	bad              []string
}

type tier struct {
	Name  string  `json:"name"`
	Value int64   `json:"value"`
	Bound int64   `json:"bound"`
	Gap   float64 `json:"gap"`
}

// defaultTime is the budget where none is given.
const defaultTime = 60 * time.Second

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if c.sites < synthetic.LeastSites || c.workloads < 1 {
		return nil, fmt.Errorf("%w: -sites %d -workloads %d: at least %d and 1", harness.ErrUsage, c.sites, c.workloads, synthetic.LeastSites)
	}
	dir, keep := f.Out, f.Out != ""
	if !keep {
		var err error
		if dir, err = os.MkdirTemp("", "domicile-scale-"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	} else if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	p.Say("making %d sites and %d workloads", c.sites, c.workloads)
	made, err := synthetic.Scale(c.sites, c.workloads, f.Seed)
	if err != nil {
		return nil, err
	}
	if err := made.WriteFiles(dir); err != nil {
		return nil, err
	}
	made = nil // what follows knows the files alone
	r := &runner{flags: f, progress: p, dir: dir, result: result{sites: c.sites, workloads: c.workloads}}
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	if keep {
		return &r.result, r.writeAnswer()
	}
	return &r.result, nil
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	rows := [][2]string{
		{"problem", fmt.Sprintf("%d sites, %d workloads", r.sites, r.workloads)},
		{"answer", fmt.Sprintf("%s after %d moves, %d unplaced", r.status, r.steps, r.Unplaced)},
		{"read", fmt.Sprintf("%.2f s", r.ReadSeconds)},
		{"compile", fmt.Sprintf("%.2f s", r.CompileSeconds)},
		{"solve", fmt.Sprintf("%.2f s", r.SolveSeconds)},
		{"check", fmt.Sprintf("%.2f s, %d violations", r.checkSeconds, r.Violations)},
		{"all of these", fmt.Sprintf("%.2f s", r.cold()+r.checkSeconds)},
		{"again after 1 % change", fmt.Sprintf("%.2f s, %.0f %% of read, compile and solve", r.ResolveSeconds, 100*r.ResolveSeconds/r.cold())},
	}
	for _, t := range r.Tiers {
		rows = append(rows, [2]string{"tier " + t.Name, fmt.Sprintf("%d, at least %d, gap %.4f", t.Value, t.Bound, t.Gap)})
	}
	return rows
}

// cold is the time to an answer from files.
func (r *result) cold() float64 { return r.ReadSeconds + r.CompileSeconds + r.SolveSeconds }

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }
