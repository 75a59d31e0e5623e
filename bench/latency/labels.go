package latency

import (
	"errors"
	"fmt"
	"math/rand/v2"

	graph "github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// labelResult is what the suite found about labels; the first three are zero where the graph is too dense for them.
type labelResult struct {
	LabelBuildSeconds float64 `json:"label_build_seconds"` // CPU time
	LabelQueryNS      float64 `json:"label_query_ns"`      // CPU time of a query between two random nodes, by ID
	LabelBytes        int64   `json:"label_bytes"`

	labelCompared int
	labelRefusal  string
	refusalMS     float64
}

const (
	labelOrigins = 5 // to all nodes, compared with rows
	labelQueries = 200_000
)

// labels times building and asking labels, and returns how many distances differ from those of rows.
func (r *labelResult) labels(g *graph.Graph, seed uint64) (mismatches int, err error) {
	var l *graph.Labels
	cpu, _ := measured(func() { l, err = g.Labels(graph.Transit{}, 0) })
	if errors.Is(err, graph.ErrDense) {
		r.labelRefusal, r.refusalMS = err.Error(), milliseconds(cpu)
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	r.LabelBuildSeconds, r.LabelBytes = cpu.Seconds(), l.Bytes()
	ids := nodes(g.Continuum())
	rng := rand.New(rand.NewPCG(seed, 5))
	pairs := make([][2]topology.NodeID, labelQueries)
	for i := range pairs {
		pairs[i] = [2]topology.NodeID{ids[rng.IntN(len(ids))], ids[rng.IntN(len(ids))]}
	}
	cpu, _ = measured(func() {
		for _, p := range pairs {
			l.Mean(p[0], p[1])
		}
	})
	r.LabelQueryNS = float64(cpu.Nanoseconds()) / labelQueries
	for range min(labelOrigins, len(ids)) {
		from := ids[rng.IntN(len(ids))]
		row := g.Row(from, graph.Transit{})
		for _, to := range ids {
			leg, ok := row.Leg(to)
			if mean, known := l.Mean(from, to); known != ok || mean != leg.Mean {
				mismatches++
			}
		}
		r.labelCompared++
	}
	return mismatches, nil
}

// table is what the suite says about labels.
func (r *labelResult) table() [][2]string {
	if r.labelRefusal != "" {
		return [][2]string{{"labels", fmt.Sprintf("refused in %.0f ms CPU: %s", r.refusalMS, r.labelRefusal)}}
	}
	return [][2]string{{"labels", fmt.Sprintf("%.3f s CPU to build, %.1f MiB, %.0f ns CPU a query; %d origins to all nodes compared with rows",
		r.LabelBuildSeconds, float64(r.LabelBytes)/(1<<20), r.LabelQueryNS, r.labelCompared)}}
}
