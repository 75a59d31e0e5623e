package migrate

import (
	"context"
	"fmt"
	"time"
)

// instancesResult is what -instances finds; see BENCH.md.
type instancesResult struct {
	Instances int      `json:"instances"`
	Classes   []*class `json:"classes"`
	Deadlocks int      `json:"deadlocks"` // instances in which not every move can be made
	// Slow are the instances that took longer than the budget.
	Slow int `json:"over_budget"`
	checks

	budget  time.Duration
	leftOut int
}

// class is the figures of one class of instances. A gap is makespan / bound - 1.
type class struct {
	Name         string  `json:"name"`
	Instances    int     `json:"instances"`
	Moves        int     `json:"moves"`
	Staged       int     `json:"staged"`
	MeanGap      float64 `json:"mean_gap"`
	WorstGap     float64 `json:"worst_gap"`
	MeanSeconds  float64 `json:"mean_seconds"`
	WorstSeconds float64 `json:"worst_seconds"`
	Optimal      int     `json:"optimal"`
}

// add counts one plan in; sums become means in finish.
func (c *class) add(s solved) {
	gap := excess(s.Makespan, s.Bound)
	c.Instances++
	c.Moves += len(s.Moves)
	for i := range s.Moves {
		if s.Moves[i].Stage {
			c.Staged++
		}
	}
	c.MeanGap += gap
	c.WorstGap = max(c.WorstGap, gap)
	c.MeanSeconds += s.seconds
	c.WorstSeconds = max(c.WorstSeconds, s.seconds)
	if s.Makespan == s.Bound {
		c.Optimal++
	}
}

func (c *class) finish() {
	c.MeanGap /= float64(c.Instances)
	c.MeanSeconds /= float64(c.Instances)
}

func (r *runner) instances(ctx context.Context, c *config) (*instancesResult, error) {
	r.progress.Say("reading %s", c.instances)
	files, err := instanceFiles(c.instances)
	if err != nil {
		return nil, err
	}
	result := &instancesResult{Classes: []*class{}, budget: c.budget}
	classes := make(map[string]*class)
	for i, f := range files {
		name := classOf(f.name)
		k := classes[name]
		if r.late() || c.limit > 0 && k != nil && k.Instances >= c.limit {
			result.leftOut++
			continue
		}
		r.progress.Say("%d of %d: %s", i+1, len(files), f.name)
		problem, err := readInstance(f)
		if err != nil {
			return nil, err
		}
		s, err := r.solve(ctx, problem)
		if err != nil {
			return nil, err
		}
		if k == nil {
			k = &class{Name: name}
			classes[name] = k
			result.Classes = append(result.Classes, k)
		}
		k.add(s)
		result.Instances++
		if s.seconds > c.budget.Seconds() {
			result.Slow++
		}
		if len(s.Stuck) > 0 {
			result.Deadlocks++
			r.blame(0, "%s: %d moves cannot be made; %s: %s", f.name, len(s.Stuck), s.Stuck[0].Workload, s.Stuck[0].Message)
		}
	}
	for _, k := range result.Classes {
		k.finish()
	}
	result.checks = r.checks
	return result, nil
}

// Table implements harness.Outcome.
func (r *instancesResult) Table() [][2]string {
	rows := [][2]string{{"class", "instances   moves  staged  mean gap  worst gap  optimal  mean s  worst s"}}
	for _, k := range r.Classes {
		rows = append(rows, [2]string{k.Name, fmt.Sprintf("%9d %7d %7d %8.2f%% %9.2f%% %8d %7.3f %8.3f",
			k.Instances, k.Moves, k.Staged, 100*k.MeanGap, 100*k.WorstGap, k.Optimal, k.MeanSeconds, k.WorstSeconds)})
	}
	return append(rows, [][2]string{
		{"instances", fmt.Sprintf("%d, %d left out", r.Instances, r.leftOut)},
		{"deadlocks", fmt.Sprint(r.Deadlocks)},
		{"violations", fmt.Sprint(r.Violations)},
		{"over budget", fmt.Sprintf("%d above %v", r.Slow, r.budget)},
	}...)
}
