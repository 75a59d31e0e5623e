package gap

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
)

// Suite solves one instance. -time bounds reading and solving by the wall clock, -steps solving in evaluated moves; the
// checks come after. -out writes the agents of the jobs, counted from 1.
var Suite = harness.Suite{
	Name:  "gap",
	Usage: "-file F [-index I]: generalised assignment, jobs to agents (OR-Library, Yagiura)",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.StringVar(&c.file, "file", "", "file of the instance, may be gzipped")
		set.IntVar(&c.index, "index", 0, "which problem of the file, counted from 0")
		return c.run
	},
}

// config is the suite's own flags.
type config struct {
	file  string
	index int
}

// defaultTime is the budget where none is given.
const defaultTime = 20 * time.Second

// result is what the suite found; see BENCH.md.
type result struct {
	Instance   string  `json:"instance"`
	Value      int64   `json:"value"`
	Bound      int64   `json:"bound"`
	Gap        float64 `json:"gap"`
	Optimal    bool    `json:"optimal"` // proven, by a certificate that was checked
	Violations int     `json:"violations"`

	size                       string
	steps                      int64
	status                     string
	solveSeconds, checkSeconds float64
	bad                        []string
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if c.file == "" {
		return nil, fmt.Errorf("%w: -file is needed", harness.ErrUsage)
	}
	r := &runner{flags: f, progress: p, began: time.Now()}
	file, err := os.Open(c.file)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.file, err)
	}
	if c.index < 0 || c.index >= len(all) {
		return nil, fmt.Errorf("%w: -index %d, and %s has %d problems", harness.ErrUsage, c.index, c.file, len(all))
	}
	r.result.Instance = strings.TrimSuffix(strings.TrimSuffix(filepath.Base(c.file), ".gz"), ".txt")
	if len(all) > 1 {
		r.result.Instance += fmt.Sprintf("-%d", c.index)
	}
	if err := r.all(ctx, all[c.index]); err != nil {
		return nil, err
	}
	if f.Out != "" {
		return &r.result, r.write(f.Out)
	}
	return &r.result, nil
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	return [][2]string{
		{"instance", r.Instance + ": " + r.size},
		{"cost", fmt.Sprintf("%d, at least %d, gap %.4f %% (%s)", r.Value, r.Bound, 100*r.Gap, r.status)},
		{"moves evaluated", fmt.Sprint(r.steps)},
		{"solve", fmt.Sprintf("%.2f s", r.solveSeconds)},
		{"check", fmt.Sprintf("%.2f s, %d violations", r.checkSeconds, r.Violations)},
	}
}

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }
