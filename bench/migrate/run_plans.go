package migrate

import (
	"context"
	"fmt"
	"math"
	"slices"

	core "github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// plansResult is what -plans finds; see BENCH.md. Makespans are seconds, with the peer's own durations.
type plansResult struct {
	Plans        int     `json:"plans"`
	MeanMakespan float64 `json:"mean_makespan"`
	MeanBound    float64 `json:"mean_bound"`
	PeerMean     float64 `json:"peer_mean_makespan"`
	Better       int     `json:"better"`
	Equal        int     `json:"equal"`
	Worse        int     `json:"worse"`
	Optimal      int     `json:"optimal"`
	Deadlocks    int     `json:"deadlocks"`
	Runs         int     `json:"runs"`
	// MAPE is mean |estimate - actual| / actual over all runs, MedianError their median.
	MAPE         float64 `json:"duration_mape"`
	MedianError  float64 `json:"duration_median_error"`
	SafeCoverage float64 `json:"safe_coverage"` // share of runs with actual <= ceil(safe estimate in s)
	checks

	leftOut int
}

func (r *runner) plans(ctx context.Context, c *config) (*plansResult, error) {
	r.progress.Say("reading %s", c.plans)
	plans, runs, err := readPlans(c.plans)
	if err != nil {
		return nil, err
	}
	result := &plansResult{}
	for i := range plans {
		p := &plans[i]
		if r.late() {
			result.leftOut++
			continue
		}
		r.progress.Say("%d of %d: %s", i+1, len(plans), p.Name)
		s, err := r.solve(ctx, &p.Case)
		if err != nil {
			return nil, err
		}
		result.add(r, p, s)
	}
	n := float64(max(result.Plans, 1))
	result.MeanMakespan, result.MeanBound, result.PeerMean = result.MeanMakespan/n, result.MeanBound/n, result.PeerMean/n
	if err := result.model(plans, runs); err != nil {
		return nil, err
	}
	result.checks = r.checks
	return result, nil
}

// add compares a plan with the peer's. All durations are whole seconds, and so is the makespan of the best plan: it loses
// nothing by starting each move at the end of another. So the bound is rounded up to whole seconds.
func (p *plansResult) add(r *runner, peer *peerPlan, s solved) {
	const second = 1_000_000
	bound := (s.Bound + second - 1) / second * second
	if len(s.Stuck) > 0 {
		p.Deadlocks++
		r.blame(0, "%s: %d moves cannot be made; %s: %s", peer.Name, len(s.Stuck), s.Stuck[0].Workload, s.Stuck[0].Message)
	}
	p.Plans++
	p.MeanMakespan += seconds(s.Makespan)
	p.MeanBound += seconds(bound)
	p.PeerMean += seconds(peer.Makespan)
	switch {
	case s.Makespan < peer.Makespan:
		p.Better++
	case s.Makespan == peer.Makespan:
		p.Equal++
	default:
		p.Worse++
	}
	if s.Makespan <= bound {
		p.Optimal++
	}
}

// model compares the model of durations with migrations that were carried out.
func (p *plansResult) model(plans []peerPlan, runs []run) error {
	facts := make(map[string]map[placement.WorkloadID]placement.Migration)
	for i := range plans {
		facts[plans[i].Name] = plans[i].known
	}
	var errors []float64
	covered := 0
	for _, run := range runs {
		w := &placement.Workload{Kind: placement.VM, Migration: facts[run.plan][run.vm]}
		e, err := core.Predict(w, placement.PreCopy, run.rate, &core.Options{Setup: -1})
		if err != nil {
			return fmt.Errorf("%s: %s: %w", run.plan, run.vm, err)
		}
		actual := float64(run.seconds)
		errors = append(errors, math.Abs(seconds(e.Duration)-actual)/actual)
		if covers(e.Safe, run.seconds) {
			covered++
		}
	}
	p.Runs = len(runs)
	if p.Runs == 0 {
		return nil
	}
	for _, e := range errors {
		p.MAPE += e / float64(p.Runs)
	}
	slices.Sort(errors)
	p.MedianError = errors[len(errors)/2]
	p.SafeCoverage = float64(covered) / float64(p.Runs)
	return nil
}

// covers says whether an estimate covers what was measured in whole seconds.
func covers(estimate topology.Micros, actual int64) bool {
	return actual <= int64((estimate+999_999)/1_000_000)
}

// Table implements harness.Outcome.
func (p *plansResult) Table() [][2]string {
	return [][2]string{
		{"plans", fmt.Sprintf("%d, %d left out", p.Plans, p.leftOut)},
		{"mean makespan", fmt.Sprintf("%.2f s, at least %.2f s; the peer's %.2f s", p.MeanMakespan, p.MeanBound, p.PeerMean)},
		{"against the peer", fmt.Sprintf("%d better, %d equal, %d worse", p.Better, p.Equal, p.Worse)},
		{"equal to the bound", fmt.Sprint(p.Optimal)},
		{"deadlocks", fmt.Sprint(p.Deadlocks)},
		{"violations", fmt.Sprint(p.Violations)},
		{"duration model", fmt.Sprintf("%d runs: mean error %.2f %%, median %.2f %%, safe covers %.2f %%",
			p.Runs, 100*p.MAPE, 100*p.MedianError, 100*p.SafeCoverage)},
	}
}
