package migrate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// plainAttempt times the same moves over the routes with the least latency.
func plainAttempt(t testing.TB, b *build, p *placement.Problem) *attempt {
	w, err := newWorld(p, b.from, b.to, b.opts)
	require.NoError(t, err)
	q := newSequencer(w)
	hops, err := q.sequence(context.Background())
	require.NoError(t, err)
	a, err := q.over(context.Background(), hops, newMesh(p.Continuum))
	require.NoError(t, err)
	return a
}

// TestRoutesNeverLengthenAPlan compares with the routes of least latency.
func TestRoutesNeverLengthenAPlan(t *testing.T) {
	shorter, before, after := 0, topology.Micros(0), topology.Micros(0)
	for seed := range uint64(60) {
		b := randomMesh(1000 + seed)
		p, plan := b.plan(t)
		plain := plainAttempt(t, b, p).timing.makespan
		require.LessOrEqual(t, plan.Makespan, plain, "seed %d", seed)
		if plan.Makespan < plain {
			shorter++
		}
		before, after = before+plain, after+plan.Makespan
	}
	t.Logf("%d of 60 plans are shorter; in sum %v instead of %v", shorter, after, before)
	assert.Greater(t, shorter, 5)
}

// TestRoutesDoNotDependOnTheOrderOfInput turns round how sites, links and workloads are listed.
func TestRoutesDoNotDependOnTheOrderOfInput(t *testing.T) {
	for seed := range uint64(10) {
		b := randomMesh(seed)
		_, plan := b.plan(t)
		slices.Reverse(b.spec.Sites)
		slices.Reverse(b.spec.Links)
		slices.Reverse(b.apps[0].Workloads)
		_, again := b.plan(t)
		assert.Equal(t, plan, again, "seed %d", seed)
	}
}

// TestRoutesSpreadUnderCaps: half of the moves go each way, also where only one at a time may go over a link.
func TestRoutesSpreadUnderCaps(t *testing.T) {
	b := forked(4)
	_, plan := b.plan(t)
	used := make(map[topology.LinkID]int)
	for _, m := range plan.Moves {
		used[m.Route.Hops[0].Link]++
	}
	assert.Equal(t, map[topology.LinkID]int{"a--x": 2, "a--y": 2}, used)
	b.opts.LinkMoves = 1
	_, plan = b.plan(t)
	assert.Equal(t, topology.Micros(74e6), plan.Makespan, "one at a time over each link, two at once over two")
}

// dualHomed has sites that hang on two of a few exchanges, which form a mesh, and moves between random sites, most of them
// away from a few.
func dualHomed(sites, exchanges, moves int) *build {
	rng := rand.New(rand.NewPCG(1, 2))
	b := newBuild()
	for i := range exchanges {
		id := fmt.Sprintf("ix%02d", i)
		b.spec.Exchanges = append(b.spec.Exchanges, topology.Exchange{ID: topology.NodeID(id), Name: id, Country: "DE"})
		for k := range i {
			if rng.IntN(2) == 0 || k == i-1 {
				b.link(id, fmt.Sprintf("ix%02d", k), 10e9)
			}
		}
	}
	for i := range sites {
		id := fmt.Sprintf("s%04d", i)
		b.site(id, cpu(1000))
		x := rng.IntN(exchanges)
		b.link(id, fmt.Sprintf("ix%02d", x), 10e9)
		b.link(id, fmt.Sprintf("ix%02d", (x+1+rng.IntN(exchanges-1))%exchanges), 10e9)
	}
	for i := range moves {
		from, to := rng.IntN(max(1, sites/10)), rng.IntN(sites)
		if from != to {
			b.workload(fmt.Sprintf("app/w%05d", i), cpu(1), fmt.Sprintf("s%04d", from), fmt.Sprintf("s%04d", to), memory(1e9*(1+rng.Int64N(16))))
		}
	}
	b.opts = &Options{SiteMoves: 8}
	return b
}

func BenchmarkRoutes(b *testing.B) {
	for _, n := range [][3]int{{50, 6, 200}, {200, 10, 2000}, {1000, 20, 10000}} {
		b.Run(fmt.Sprintf("sites=%d,moves=%d", n[0], n[2]), func(b *testing.B) {
			net := dualHomed(n[0], n[1], n[2])
			p := net.problem(b)
			var plan *Plan
			for range b.N {
				var err error
				plan, err = Order(context.Background(), p, net.from, net.to, net.opts)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(plan.Makespan)/1e6, "s-makespan")
			b.ReportMetric(100*plan.Gap, "%gap")
			b.ReportMetric(float64(plan.RouteBound)/1e6, "s-routebound")
			b.ReportMetric(float64(plainAttempt(b, net, p).timing.makespan)/1e6, "s-plain")
		})
	}
}
