// Package online is the suite that places workloads one by one as they come and go, on a continuum where others run
// already.
package online

import (
	"context"
	"flag"
	"fmt"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
)

// Suite drives a placement.Scheduler on a synthetic continuum under policies. A decision is the best sites for a workload
// that arrives, of a shape that was seen before, and its reservation; its time is wall time on one goroutine.
var Suite = harness.Suite{
	Name:  "online",
	Usage: "-sites N -decisions N [-trace DIR]: place workloads one by one as they come and go",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.IntVar(&c.sitesWanted, "sites", 5000, "sites")
		set.IntVar(&c.workloads, "workloads", 2000, "workloads that run already")
		set.IntVar(&c.decisions, "decisions", 10_000, "arrivals")
		set.StringVar(&c.trace, "trace", "", "folder of a trace of virtual machines; empty: drawn from the seed")
		return c.run
	},
}

// config is the suite's own flags.
type config struct {
	sitesWanted, workloads, decisions int
	trace                             string
}

// result is what the suite found; see BENCH.md. All are medians but P99 and Allocs.
type result struct {
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	Allocs    float64 `json:"allocs_per_decision"`
	WhyNot    float64 `json:"why_not_us"`   // on a prepared explainer
	Recommend float64 `json:"recommend_us"` // for a workload that was asked about before

	config                                                      config
	priceSeconds, prepareSeconds, explainSeconds                float64
	coldMicros, firstMicros, whyWorst, recommendWorst, bytes    float64
	shapes, decisions, sampled, refused, departed, placed, base int
	bad                                                         []string
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if c.sitesWanted < synthetic.LeastSites || c.workloads < 1 || c.decisions < 1 {
		return nil, fmt.Errorf("%w: -sites %d -workloads %d -decisions %d: at least %d, 1 and 1",
			harness.ErrUsage, c.sitesWanted, c.workloads, c.decisions, synthetic.LeastSites)
	}
	r := &runner{config: *c, seed: f.Seed, progress: p, result: result{config: *c}}
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	return &r.result, nil
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	from := "drawn"
	if r.config.trace != "" {
		from = "of the trace"
	}
	return [][2]string{
		{"problem", fmt.Sprintf("%d sites, %d workloads running, %d arrivals %s of %d shapes", r.config.sitesWanted, r.base, r.decisions, from, r.shapes)},
		{"shadow prices", fmt.Sprintf("%.2f s", r.priceSeconds)},
		{"scheduler", fmt.Sprintf("%.3f s", r.prepareSeconds)},
		{"a new shape", fmt.Sprintf("%.0f us", r.coldMicros)},
		{"a decision, p50", fmt.Sprintf("%.1f us", r.P50)},
		{"a decision, p99", fmt.Sprintf("%.1f us", r.P99)},
		{"allocations a decision", fmt.Sprintf("%.1f, %.0f bytes", r.Allocs, r.bytes)},
		{"outcome", fmt.Sprintf("%d refused, %d departed, %d placed at the end", r.refused, r.departed, r.placed)},
		{"explainer", fmt.Sprintf("%.3f s", r.explainSeconds)},
		{"why not, p50 and p99", fmt.Sprintf("%.1f us, %.1f us", r.WhyNot, r.whyWorst)},
		{"recommend, p50 and p99", fmt.Sprintf("%.1f us, %.1f us (a new one %.0f us)", r.Recommend, r.recommendWorst, r.firstMicros)},
	}
}

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }
