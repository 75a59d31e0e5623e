package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
)

// suite asks a running extender over HTTP on loopback. Times are the client's, from before the request is sent until its
// answer is read, for shapes of pods that were asked about before; what a new shape costs is told beside.
var suite = harness.Suite{
	Name:  "extender",
	Usage: "-nodes N -names N -requests N [-sites N] [-pods N] [-shapes N]: ask the scheduler extender over HTTP",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.IntVar(&c.nodes, "nodes", 5000, "nodes of the cluster")
		set.IntVar(&c.names, "names", 500, "nodes that one request asks about")
		set.IntVar(&c.requests, "requests", 2000, "requests of each verb")
		set.IntVar(&c.sites, "sites", 0, "sites that nodes are of; 0: a tenth of the nodes")
		set.IntVar(&c.pods, "pods", 20_000, "pods that run already")
		set.IntVar(&c.shapes, "shapes", 40, "shapes of pods that are asked about")
		return c.run
	},
}

type config struct{ nodes, names, requests, sites, pods, shapes int }

// result is what the suite found; see BENCH.md.
type result struct {
	FilterP50     float64 `json:"filter_p50_us"`
	FilterP99     float64 `json:"filter_p99_us"`
	PrioritizeP50 float64 `json:"prioritize_p50_us"`
	PrioritizeP99 float64 `json:"prioritize_p99_us"`
	Bytes         float64 `json:"bytes_per_answer"` // of filter
	NewShape      float64 `json:"new_shape_us"`     // median of filter
	HeapBytes     int64   `json:"heap_bytes"`       // live, everything of this process: cluster, client and generator

	config  config
	passed  float64
	sampled int
	bad     []string
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if c.sites == 0 {
		c.sites = max(synthetic.LeastSites, c.nodes/10)
	}
	if c.sites < synthetic.LeastSites || c.nodes < 1 || c.names < 1 || c.names > c.nodes || c.requests < 1 || c.pods < 0 || c.shapes < 1 {
		return nil, fmt.Errorf("%w: -sites at least %d, -names from 1 to -nodes, -requests and -shapes at least 1", harness.ErrUsage, synthetic.LeastSites)
	}
	r := &runner{config: *c, seed: f.Seed, progress: p, result: result{config: *c}}
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	return &r.result, nil
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	c := r.config
	return [][2]string{
		{"cluster", fmt.Sprintf("%d nodes on %d sites, %d pods, %d shapes of pods asked about", c.nodes, c.sites, c.pods, c.shapes)},
		{"requests", fmt.Sprintf("%d of each verb, of %d names, of which %.0f pass on average", c.requests, c.names, r.passed)},
		{"filter, p50 and p99", fmt.Sprintf("%.0f us, %.0f us", r.FilterP50, r.FilterP99)},
		{"prioritize, p50 and p99", fmt.Sprintf("%.0f us, %.0f us", r.PrioritizeP50, r.PrioritizeP99)},
		{"filter of a new shape, p50", fmt.Sprintf("%.0f us", r.NewShape)},
		{"bytes an answer", fmt.Sprintf("%.0f", r.Bytes)},
		{"heap", fmt.Sprintf("%.1f MiB", float64(r.HeapBytes)/(1<<20))},
		{"held to the library", fmt.Sprintf("%d pairs of pod and node", r.sampled)},
	}
}

// Failures implements harness.Outcome.
func (r *result) Failures() []string { return r.bad }

// quantile returns a quantile in microseconds.
func quantile(all []time.Duration, q float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[min(len(all)-1, int(q*float64(len(all))))].Nanoseconds()) / 1000
}
