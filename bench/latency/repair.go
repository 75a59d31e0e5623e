package latency

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/bench/harness"
	graph "github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

const (
	changes       = 300 // single changes of a random link, each to the same version
	changeOrigins = 5   // rows that the version keeps
	compared      = 2   // of the changes, with a graph built from scratch
)

// repairs changes one random link after the other: half of them get another round trip, a quarter go, a quarter come back.
// A version is made of each change, and a row that the old one kept is asked for. The times are medians of wall time,
// since single calls are too short for the clock of CPU time; nothing but an interruption makes the two differ.
func (r *result) repairs(ctx context.Context, g *graph.Graph, f harness.Flags) error {
	ids, rng := nodes(g.Continuum()), rand.New(rand.NewPCG(f.Seed, 6))
	var links []topology.Link
	for l := range g.Continuum().Links() {
		links = append(links, *l)
	}
	origins := make([]topology.NodeID, changeOrigins)
	for i := range origins {
		origins[i] = ids[rng.IntN(len(ids))]
	}
	var versions, rows []time.Duration
	for i := range changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		from, change, err := draw(g, links[rng.IntN(len(links))], i, rng)
		if err != nil {
			return err
		}
		for _, origin := range origins {
			from.Row(origin, graph.Transit{})
		}
		origin := origins[i%len(origins)]
		began := time.Now()
		next, err := from.Update(change)
		versions = append(versions, time.Since(began))
		if err != nil {
			return err
		}
		began = time.Now()
		row := next.Row(origin, graph.Transit{})
		rows = append(rows, time.Since(began))
		if i%4 > 0 && i < 4*compared {
			if err := r.compareRepaired(next, row, origin, ids); err != nil {
				return err
			}
		}
	}
	r.repair, r.version = median(rows), median(versions)
	r.RepairRatio = r.MS / milliseconds(r.repair)
	return nil
}

// draw returns a change of a link and the version to change.
func draw(g *graph.Graph, l topology.Link, kind int, rng *rand.Rand) (*graph.Graph, topology.Changes, error) {
	remove := topology.Changes{RemoveLinks: []topology.LinkID{l.ID}}
	switch kind % 4 {
	case 0:
		return g, remove, nil
	case 1:
		without, err := g.Update(remove)
		return without, topology.Changes{Put: topology.Spec{Links: []topology.Link{l}}}, err
	}
	scale := func(m topology.Micros, by float64) topology.Micros { return max(1, topology.Micros(float64(m)*by)) }
	by := 0.5 + 1.5*rng.Float64()
	l.RTT = topology.RTT{P50: scale(l.RTT.P50, by), P95: scale(l.RTT.P95, by), P99: scale(l.RTT.P99, by)}
	return g, topology.Changes{Put: topology.Spec{Links: []topology.Link{l}}}, nil
}

// compareRepaired compares a repaired row with one of a graph built from scratch, all distances and some routes.
func (r *result) compareRepaired(g *graph.Graph, row *graph.Row, origin topology.NodeID, ids []topology.NodeID) error {
	fresh, err := graph.New(g.Continuum(), nil)
	if err != nil {
		return err
	}
	want := fresh.Row(origin, graph.Transit{})
	for i, id := range ids {
		a, okA := want.Leg(id)
		b, okB := row.Leg(id)
		same := a == b && okA == okB
		if same && i%100 == 0 {
			ra, _ := want.Route(id, graph.P95)
			rb, _ := row.Route(id, graph.P95)
			same = fmt.Sprint(ra) == fmt.Sprint(rb)
		}
		if !same {
			r.Mismatches++
		}
	}
	return nil
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
