package latency

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	graph "github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

const (
	draws  = 1_000_000
	routes = 3 // of the graph, drawn
)

// radio is 5G radio access: p50 14 ms, p95 30 ms, and the p99 of the log-normal through these two.
var radio = topology.RTT{P50: 14_000, P95: 30_000, P99: 41_100}

// percentiles compares percentiles of routes of the graph behind 5G radio with simulation.
func (r *result) percentiles(ctx context.Context, g *graph.Graph, seed uint64) error {
	ids := nodes(g.Continuum())
	rng := rand.New(rand.NewPCG(seed, 5))
	for found, tries := 0, 0; found < routes && tries < 100; tries++ {
		route, ok := g.Route(ids[rng.IntN(len(ids))], ids[rng.IntN(len(ids))], graph.Transit{})
		if !ok || len(route.Hops) == 0 {
			continue
		}
		found++
		hops := []topology.RTT{radio}
		for _, h := range route.Hops {
			l, ok := g.Continuum().Link(h.Link)
			if !ok {
				return fmt.Errorf("route over unknown link %s", h.Link)
			}
			hops = append(hops, l.RTT)
		}
		if err := r.simulate(ctx, hops, rng); err != nil {
			return err
		}
	}
	return nil
}

// simulate draws round trips over hops and compares their percentiles with those of the route.
func (r *result) simulate(ctx context.Context, hops []topology.RTT, rng *rand.Rand) error {
	g, err := chain(hops)
	if err != nil {
		return err
	}
	route, ok := g.Route(stop(0), stop(len(hops)), graph.Transit{})
	if !ok {
		return fmt.Errorf("no way along a chain of %d hops", len(hops))
	}
	sums := make([]float64, draws)
	for i := range hops {
		if err := ctx.Err(); err != nil {
			return err
		}
		single, ok := g.Route(stop(i), stop(i+1), graph.Transit{})
		if !ok {
			return fmt.Errorf("no way over hop %d", i)
		}
		quantiles := table(g, single)
		for j := range sums {
			sums[j] += quantiles.at(rng.Float64())
		}
	}
	slices.Sort(sums)
	for _, p := range []graph.Percentile{graph.P50, graph.P95, graph.P99} {
		want := sums[draws/1000*int(p)]
		r.PercentileError = max(r.PercentileError, math.Abs(float64(g.Percentile(route, p))/want-1))
		r.percentileChecked++
	}
	return nil
}

// quantiles are those of one hop at each thousandth. The thousandth at either end counts as the one beside it, which
// moves no percentile up to the 99th.
type quantiles [1001]float64

func table(g *graph.Graph, r graph.Route) (q quantiles) {
	for p := 1; p < 1000; p++ {
		q[p] = float64(g.Percentile(r, graph.Percentile(p)))
	}
	q[0], q[1000] = q[1], q[999]
	return q
}

// at interpolates between thousandths.
func (q *quantiles) at(u float64) float64 {
	whole, part := math.Modf(u * 1000)
	i := int(whole)
	return q[i] + part*(q[i+1]-q[i])
}

// chain is the graph of hops laid end to end.
func chain(hops []topology.RTT) (*graph.Graph, error) {
	spec := topology.Spec{Exchanges: []topology.Exchange{{ID: stop(0)}}}
	for i, rtt := range hops {
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: stop(i + 1)})
		spec.Links = append(spec.Links, topology.Link{A: stop(i), B: stop(i + 1), RTT: rtt})
	}
	c, err := topology.New(spec)
	if err != nil {
		return nil, err
	}
	return graph.New(c, nil)
}

func stop(i int) topology.NodeID { return topology.NodeID(fmt.Sprintf("stop-%d", i)) }
