// Package policies is the suite that judges many workloads on many sites under policies, against what an embedder of Open Policy Agent
// does by itself: one prepared query, evaluated for every pair.
package policies

import (
	"context"
	"flag"
	"fmt"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
)

// Suite judges a synthetic continuum. Without -policies the packs residency, encryption and accelerators of the library are in
// force, thirteen rules. All times are CPU time of the whole process; both sides are measured in one run on the same pairs.
var Suite = harness.Suite{
	Name:  "policy",
	Usage: "-workloads N -sites N [-policies DIR]: judge workloads on sites, against a prepared query for each pair",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.IntVar(&c.workloads, "workloads", 1000, "workloads")
		set.IntVar(&c.sites, "sites", 10_000, "sites")
		set.StringVar(&c.dir, "policies", "", "folder of policies; empty: three packs of the library")
		set.IntVar(&c.sampled, "sample", 20_000, "pairs that are compared with plain evaluation and timed")
		return c.run
	},
}

// config is the suite's own flags.
type config struct {
	workloads, sites, sampled int
	dir                       string
}

// result is what the suite found; see BENCH.md.
type result struct {
	Rules        int     `json:"rules"`
	Pairs        int64   `json:"pairs"`
	Evaluations  int64   `json:"evaluations"`
	NaiveUS      float64 `json:"naive_us_per_pair"` // of the pairs sampled
	US           float64 `json:"us_per_pair"`       // of all pairs, from nothing known to all bits
	Ratio        float64 `json:"ratio"`
	Sampled      int     `json:"sampled"`
	Mismatches   int     `json:"mismatches"`
	WarmUS       float64 `json:"warm_decision_us"` // a workload on all sites, its classes known
	SiteUpdateUS float64 `json:"site_update_us"`   // a site changes, its classes known
	TableBytes   int     `json:"table_bytes"`

	workloads, sites             int
	projectSeconds, judgeSeconds float64
	afterUpdateUS, admitUS       float64
	siteKinds, detailed, denied  int
	findings                     []string
	bad                          []string
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if c.sites < synthetic.LeastSites || c.workloads < 1 || c.sampled < 1 {
		return nil, fmt.Errorf("%w: -sites %d -workloads %d -sample %d: at least %d, 1 and 1",
			harness.ErrUsage, c.sites, c.workloads, c.sampled, synthetic.LeastSites)
	}
	r := &runner{config: *c, seed: f.Seed, progress: p, result: result{workloads: c.workloads, sites: c.sites}}
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	return &r.result, nil
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	rows := [][2]string{
		{"problem", fmt.Sprintf("%d workloads x %d sites (%d kinds), %d rules", r.workloads, r.sites, r.siteKinds, r.Rules)},
		{"prepared query", fmt.Sprintf("%.1f us a pair, of %d", r.NaiveUS, r.Sampled)},
		{"screen", fmt.Sprintf("%.4f us a pair: %.3f s for the classes of sites, %.3f s for the workloads", r.US, r.projectSeconds, r.judgeSeconds)},
		{"ratio", fmt.Sprintf("%.0f", r.Ratio)},
		{"evaluations of a rule", fmt.Sprintf("%d, %.4f %% of pairs x rules", r.Evaluations, 100*float64(r.Evaluations)/float64(r.Pairs)/float64(r.Rules))},
		{"compared", fmt.Sprintf("%d pairs, %d denied, %d in full; %d mismatches", r.Sampled, r.denied, r.detailed, r.Mismatches)},
		{"a workload, warm", fmt.Sprintf("%.2f us; as a list of verdicts %.1f us", r.WarmUS, r.admitUS)},
		{"a site changes", fmt.Sprintf("%.2f us; the first decision after it %.2f us", r.SiteUpdateUS, r.afterUpdateUS)},
		{"tables", fmt.Sprintf("%.2f MiB", float64(r.TableBytes)/(1<<20))},
	}
	for _, f := range r.findings {
		rows = append(rows, [2]string{"lint", f})
	}
	return rows
}

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }
