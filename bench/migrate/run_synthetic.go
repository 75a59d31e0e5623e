package migrate

import (
	"context"
	"fmt"
)

// syntheticResult is what -synthetic finds; see BENCH.md. Times are seconds, the gap is makespan / bound - 1.
type syntheticResult struct {
	Moves       int     `json:"moves"`
	Makespan    float64 `json:"makespan"`
	Bound       float64 `json:"bound"`
	Gap         float64 `json:"gap"`
	Staged      int     `json:"staged"`
	Stuck       int     `json:"stuck"`
	PlanSeconds float64 `json:"plan_seconds"` // of planning alone
	checks

	name, witness string
}

func (r *runner) synthetic(ctx context.Context, c *config) (*syntheticResult, error) {
	shape, err := parseShape(c.synthetic)
	if err != nil {
		return nil, err
	}
	r.progress.Say("making %s", c.synthetic)
	problem, err := shape.make(r.flags.Seed)
	if err != nil {
		return nil, err
	}
	r.progress.Say("planning %s", c.synthetic)
	s, err := r.solve(ctx, problem)
	if err != nil {
		return nil, err
	}
	result := &syntheticResult{
		Moves: len(s.Moves), Makespan: seconds(s.Makespan), Bound: seconds(s.Bound), Gap: excess(s.Makespan, s.Bound),
		Stuck: len(s.Stuck), PlanSeconds: s.seconds, name: problem.Name, witness: s.Witness,
	}
	for i := range s.Moves {
		if s.Moves[i].Stage {
			result.Staged++
		}
	}
	if len(s.Stuck) > 0 {
		r.blame(0, "%d moves cannot be made; %s: %s", len(s.Stuck), s.Stuck[0].Workload, s.Stuck[0].Message)
	}
	result.checks = r.checks
	return result, nil
}

// Table implements harness.Outcome.
func (s *syntheticResult) Table() [][2]string {
	return [][2]string{
		{"problem", s.name},
		{"moves", fmt.Sprintf("%d, %d of them to a spare site for a while", s.Moves, s.Staged)},
		{"makespan", fmt.Sprintf("%.3f s, at least %.3f s, gap %.2f %%", s.Makespan, s.Bound, 100*s.Gap)},
		{"because", s.witness},
		{"stuck", fmt.Sprint(s.Stuck)},
		{"planning", fmt.Sprintf("%.2f s", s.PlanSeconds)},
		{"violations", fmt.Sprint(s.Violations)},
	}
}
