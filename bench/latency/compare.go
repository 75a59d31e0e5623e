package latency

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"

	"github.com/domicile-eu/domicile/bench/harness"
	graph "github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

const (
	defaultTime  = 20 * time.Second
	leastOrigins = 3
	mostOrigins  = 50
	leastRows    = 100  // of ours, so that a short time is measured well
	manyRows     = 1000 // on several goroutines
)

// compare times both sides on the same origins, one side after the other, and compares what they found node by node.
func (r *result) compare(ctx context.Context, g *graph.Graph, f harness.Flags, p *harness.Progress) error {
	ids := nodes(g.Continuum())
	baseline, err := asGonum(g.Continuum(), ids)
	if err != nil {
		return err
	}
	origins := rand.New(rand.NewPCG(f.Seed, 3)).Perm(len(ids))
	want, err := r.baseline(ctx, baseline, origins, f, p)
	if err != nil {
		return err
	}
	r.compared = len(want)
	r.ours(g, ids, origins)
	r.Ratio = r.BaselineMS / r.MS
	for i, distances := range want {
		row := g.Row(ids[origins[i]], graph.Transit{})
		for node, distance := range distances {
			leg, ok := row.Leg(ids[node])
			if ok == math.IsInf(distance, 1) || ok && float64(leg.Mean) != distance {
				r.Mismatches++
			}
		}
	}
	return nil
}

// baseline times gonum's Dijkstra and returns its distances, by origin and node.
func (r *result) baseline(ctx context.Context, b *simple.WeightedUndirectedGraph, origins []int, f harness.Flags, p *harness.Progress) ([][]float64, error) {
	most, budget := min(mostOrigins, len(origins)), f.Time
	if budget == 0 {
		budget = defaultTime
	}
	if f.Steps > 0 {
		most, budget = int(min(f.Steps, int64(len(origins)))), math.MaxInt64
	}
	var all [][]float64
	var cpu time.Duration
	allocs := uint64(0)
	for began := time.Now(); len(all) < most && (len(all) < leastOrigins || time.Since(began) < budget/2); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.Say("gonum, origin %d of at most %d", len(all)+1, most)
		var tree path.Shortest
		c, a := measured(func() { tree = path.DijkstraFrom(simple.Node(origins[len(all)]), b) })
		cpu, allocs = cpu+c, allocs+a
		distances := make([]float64, len(origins))
		for node := range distances {
			distances[node] = tree.WeightTo(int64(node))
		}
		all = append(all, distances)
	}
	r.BaselineMS, r.baselineAllocs = milliseconds(cpu)/float64(len(all)), float64(allocs)/float64(len(all))
	return all, nil
}

// ours times rows of the same origins and, if those are few, of more.
func (r *result) ours(g *graph.Graph, ids []topology.NodeID, origins []int) {
	rows := min(max(r.compared, leastRows), len(origins)-1)
	g.Row(ids[origins[len(origins)-1]], graph.Transit{}) // lays out the graph
	runtime.GC()
	cpu, allocs := measured(func() {
		for _, origin := range origins[:rows] {
			g.Row(ids[origin], graph.Transit{})
		}
	})
	r.MS, r.AllocsPerRow = milliseconds(cpu)/float64(rows), float64(allocs)/float64(rows)
}

// manyRows times rows of many origins on several goroutines, on a graph that has none yet.
func (r *result) manyRows(ctx context.Context, c *topology.Continuum, f harness.Flags) error {
	g, err := graph.New(c, nil)
	if err != nil {
		return err
	}
	ids := nodes(c)
	origins := rand.New(rand.NewPCG(f.Seed, 4)).Perm(len(ids))
	r.rows = min(manyRows, len(ids))
	watch := harness.Start()
	var workers sync.WaitGroup
	for w := range f.Workers {
		workers.Go(func() {
			for i := w; i < r.rows && ctx.Err() == nil; i += f.Workers {
				g.Row(ids[origins[i]], graph.Transit{})
			}
		})
	}
	workers.Wait()
	r.RowsSeconds = watch.Wall().Seconds()
	return ctx.Err()
}

// nodes lists all nodes; gonum's nodes are positions in the list.
func nodes(c *topology.Continuum) (ids []topology.NodeID) {
	for s := range c.Sites() {
		ids = append(ids, s.ID.Node())
	}
	for a := range c.AccessPoints() {
		ids = append(ids, a.ID.Node())
	}
	for x := range c.Exchanges() {
		ids = append(ids, x.ID)
	}
	return ids
}

// asGonum is the same graph for gonum. The mean of a link is asked of a graph that has no other link, so that nothing of
// the searches under test is in it.
func asGonum(c *topology.Continuum, ids []topology.NodeID) (*simple.WeightedUndirectedGraph, error) {
	index := map[topology.NodeID]int64{}
	g := simple.NewWeightedUndirectedGraph(0, math.Inf(1))
	for i, id := range ids {
		index[id] = int64(i)
		g.AddNode(simple.Node(i))
	}
	means := map[topology.RTT]float64{}
	for l := range c.Links() {
		mean, ok := means[l.RTT]
		if !ok {
			m, err := meanOf(l.RTT)
			if err != nil {
				return nil, err
			}
			mean = float64(m)
			means[l.RTT] = mean
		}
		a, b := index[l.A], index[l.B]
		if w, ok := g.Weight(a, b); !ok || mean < w {
			g.SetWeightedEdge(simple.WeightedEdge{F: simple.Node(a), T: simple.Node(b), W: mean})
		}
	}
	return g, nil
}

// meanOf returns the mean of a round trip.
func meanOf(rtt topology.RTT) (topology.Micros, error) {
	c, err := chain([]topology.RTT{rtt})
	if err != nil {
		return 0, err
	}
	leg, ok := c.Row(stop(0), graph.Transit{}).Leg(stop(1))
	if !ok {
		return 0, fmt.Errorf("no way over a single link of %v", rtt)
	}
	return leg.Mean, nil
}

// measured returns the CPU time and the allocations of a call.
func measured(call func()) (cpu time.Duration, allocs uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	watch := harness.Start()
	call()
	cpu = watch.CPU()
	runtime.ReadMemStats(&after)
	return cpu, after.Mallocs - before.Mallocs
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
