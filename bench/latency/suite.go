// Package latency is the suite that measures the latency graph: our rows against gonum's Dijkstra on the same graph in
// the same process, compared exactly, and percentiles of routes against simulation.
package latency

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
	graph "github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Suite measures rows. Its budget, -steps, is the number of origins that are compared; without it, origins are compared
// until -time (20 s) is half used, at least 3 and at most 50.
var Suite = harness.Suite{
	Name:  "latency",
	Usage: "-nodes N -edges M | -hierarchical N | -graph F: rows against gonum's Dijkstra, percentiles against simulation",
	Flags: func(set *flag.FlagSet) harness.Runner {
		c := &config{}
		set.IntVar(&c.nodes, "nodes", 0, "nodes of a random graph")
		set.IntVar(&c.edges, "edges", 0, "edges of the random graph")
		set.IntVar(&c.hierarchical, "hierarchical", 0, "nodes of a hierarchical graph")
		set.StringVar(&c.file, "graph", "", "file of a network")
		return c.run
	},
}

// config is the suite's own flags.
type config struct {
	nodes, edges, hierarchical int
	file                       string
}

// result is what the suite found; see BENCH.md.
type result struct {
	BaselineMS      float64 `json:"baseline_ms"`    // CPU time of a row, gonum
	MS              float64 `json:"ms"`             // the same, ours
	Ratio           float64 `json:"ratio"`          // how many times ours is faster
	AllocsPerRow    float64 `json:"allocs_per_row"` // ours, the row itself included
	Mismatches      int     `json:"mismatches"`     // distances that differ, of all that were compared
	RepairRatio     float64 `json:"repair_ratio"`   // a row of ours over the repair of one after a random link change
	RowsSeconds     float64 `json:"rows_seconds"`   // wall time of up to 1,000 rows on -workers goroutines
	PercentileError float64 `json:"percentile_error"`
	labelResult

	graph             string
	compared, rows    int
	baselineAllocs    float64
	percentileChecked int
	repair, version   time.Duration
}

// continuum makes the network that the flags ask for.
func (c *config) continuum(seed uint64) (*topology.Continuum, error) {
	switch {
	case c.file != "" && c.hierarchical == 0 && c.nodes == 0 && c.edges == 0:
		return readNetwork(c.file)
	case c.file == "" && c.hierarchical > 0 && c.nodes == 0 && c.edges == 0:
		return topology.New(synthetic.Hierarchy(c.hierarchical, seed))
	case c.file == "" && c.hierarchical == 0 && c.nodes > 1 && c.edges >= c.nodes-1:
		return topology.New(synthetic.Random(c.nodes, c.edges, seed))
	}
	return nil, fmt.Errorf("%w: give -nodes N -edges M with M at least N-1, -hierarchical N, or -graph F", harness.ErrUsage)
}

func (c *config) run(ctx context.Context, f harness.Flags, p *harness.Progress) (harness.Outcome, error) {
	if f.Out != "" {
		return nil, fmt.Errorf("%w: the suite has no answer file, -out %s", harness.ErrUsage, f.Out)
	}
	p.Say("making the network")
	continuum, err := c.continuum(f.Seed)
	if err != nil {
		return nil, err
	}
	r := &result{graph: fmt.Sprintf("%s: %d nodes, %d links", continuum.Name(), continuum.NumNodes(), continuum.NumLinks())}
	g, err := graph.New(continuum, nil)
	if err != nil {
		return nil, err
	}
	if err := r.compare(ctx, g, f, p); err != nil {
		return nil, err
	}
	p.Say("labels")
	wrong, err := r.labels(g, f.Seed)
	if err != nil {
		return nil, err
	}
	r.Mismatches += wrong
	p.Say("rows on %d goroutines", f.Workers)
	if err := r.manyRows(ctx, continuum, f); err != nil {
		return nil, err
	}
	p.Say("repairing rows")
	if err := r.repairs(ctx, g, f); err != nil {
		return nil, err
	}
	p.Say("simulating routes")
	return r, r.percentiles(ctx, g, f.Seed)
}

// Table implements harness.Outcome.
func (r *result) Table() [][2]string {
	return append([][2]string{
		{"graph", r.graph},
		{"gonum DijkstraFrom", fmt.Sprintf("%.3f ms CPU, %.0f allocations", r.BaselineMS, r.baselineAllocs)},
		{"row", fmt.Sprintf("%.3f ms CPU, %.1f allocations", r.MS, r.AllocsPerRow)},
		{"ratio", fmt.Sprintf("%.1f", r.Ratio)},
		{"distances that differ", fmt.Sprintf("%d, of %d origins to all nodes", r.Mismatches, r.compared)},
		{fmt.Sprintf("%d rows", r.rows), fmt.Sprintf("%.3f s", r.RowsSeconds)},
		{"repair of a row", fmt.Sprintf("%.1f us median, %.0f times less than a row", microseconds(r.repair), r.RepairRatio)},
		{"version with a link changed", fmt.Sprintf("%.1f us median", microseconds(r.version))},
		{"percentile error", fmt.Sprintf("%.2f %% at most, %d figures", 100*r.PercentileError, r.percentileChecked)},
	}, r.table()...)
}

// mostError is how far a percentile may be from simulation.
const mostError = 0.03

// Failures implements harness.Outcome.
func (r *result) Failures() (bad []string) {
	if r.Mismatches > 0 {
		bad = append(bad, fmt.Sprintf("%d distances differ from gonum's", r.Mismatches))
	}
	if r.PercentileError > mostError {
		bad = append(bad, fmt.Sprintf("a percentile is %.2f %% off", 100*r.PercentileError))
	}
	return bad
}
