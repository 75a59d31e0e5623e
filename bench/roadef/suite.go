package roadef

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/domicile-eu/domicile/bench/harness"
)

// Suite solves one instance. -time bounds reading and solving by the wall clock, -steps solving in evaluated moves; the
// checks come after. -out writes the answer in the challenge's format.
var Suite = harness.Suite{
	Name:  "roadef",
	Usage: "-model F -initial F [-best N]: reassign processes to machines (ROADEF/EURO challenge 2012)",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.StringVar(&c.model, "model", "", "file of the model")
		set.StringVar(&c.initial, "initial", "", "file of the initial assignment")
		set.Int64Var(&c.best, "best", -1, "best known cost, for the official score")
		return c.run
	},
}

// config is the suite's own flags.
type config struct {
	model, initial string
	best           int64 // -1: not given
}

// result is what the suite found; see BENCH.md.
type result struct {
	Instance string   `json:"instance"`
	Initial  int64    `json:"initial"` // cost of the initial assignment
	Value    int64    `json:"value"`
	Bound    int64    `json:"bound"`
	Gap      float64  `json:"gap"`
	Score    *float64 `json:"score,omitempty"` // 100 (value - best) / initial
	Steps    int64    `json:"steps"`
	// Rate is steps by the CPU seconds of solving, bounds included.
	Rate       float64 `json:"moves_per_second_per_core"`
	Moved      int     `json:"moved"`
	Violations int     `json:"violations"`

	size                       string
	status                     string
	terms                      [][2]string
	solveSeconds, checkSeconds float64
	bad                        []string
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if c.model == "" || c.initial == "" {
		return nil, fmt.Errorf("%w: -model and -initial are needed", harness.ErrUsage)
	}
	if c.best < -1 {
		return nil, fmt.Errorf("%w: -best %d is negative", harness.ErrUsage, c.best)
	}
	r := newRunner(f, p)
	r.result.Instance = instanceOf(c.model)
	p.Say("%s: reading", r.result.Instance)
	model, err := readFile(c.model, ReadModel)
	if err != nil {
		return nil, err
	}
	initial, err := readFile(c.initial, model.ReadAssignment)
	if err != nil {
		return nil, err
	}
	if err := r.all(ctx, model, initial); err != nil {
		return nil, err
	}
	if c.best >= 0 && r.result.Initial > 0 {
		score := 100 * (float64(r.result.Value) - float64(c.best)) / float64(r.result.Initial)
		r.result.Score = &score
	}
	if f.Out != "" {
		return &r.result, r.write(f.Out)
	}
	return &r.result, nil
}

// instanceOf names the instance of a model's file: a1_1 of model_a1_1.txt.gz.
func instanceOf(file string) string {
	name := strings.TrimPrefix(filepath.Base(file), "model_")
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".txt")
}

// readFile reads a file with one of the readers.
func readFile[T any](name string, read func(name string, r io.Reader) (T, error)) (T, error) {
	f, err := os.Open(name)
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return read(filepath.Base(name), f)
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	rows := [][2]string{
		{"instance", r.Instance + ": " + r.size},
		{"initial cost", fmt.Sprint(r.Initial)},
		{"cost", fmt.Sprintf("%d, at least %d, gap %.6f (%s)", r.Value, r.Bound, r.Gap, r.status)},
	}
	rows = append(rows, r.terms...)
	if r.Score != nil {
		rows = append(rows, [2]string{"official score", fmt.Sprintf("%.4f", *r.Score)})
	}
	return append(rows, [][2]string{
		{"moves evaluated", fmt.Sprintf("%d, %.2f million a second and core", r.Steps, r.Rate/1e6)},
		{"processes moved", fmt.Sprint(r.Moved)},
		{"solve", fmt.Sprintf("%.2f s", r.solveSeconds)},
		{"check", fmt.Sprintf("%.2f s, %d violations", r.checkSeconds, r.Violations)},
	}...)
}

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }
