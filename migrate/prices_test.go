package migrate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// forked has two disjoint routes from a to b, and several moves.
func forked(moves int) *build {
	b := newBuild()
	for _, id := range []string{"a", "b", "x", "y"} {
		b.site(id, cpu(64))
	}
	b.link("a", "x", 1e9)
	b.link("x", "b", 1e9)
	b.link("a", "y", 1e9)
	b.link("y", "b", 1e9)
	for i := range moves {
		b.workload(fmt.Sprintf("app/w%d", i), cpu(1), "a", "b", memory(4e9))
	}
	b.opts = &Options{SiteMoves: 8}
	return b
}

// TestPricesAreJudged plants false claims into certificates for all routes.
func TestPricesAreJudged(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(p *Plan)
		want  string
	}{
		{"a bound that does not follow", func(p *Plan) { p.Bound++; p.RouteBound++ }, "follow from the prices"},
		{"a lane left out", func(p *Plan) { p.Certificate.Prices = p.Certificate.Prices[:1] }, "follow from the prices"},
		{"another price", func(p *Plan) { p.Certificate.Prices[0].Price *= 3 }, "follow from the prices"},
		{"a negative price", func(p *Plan) { p.Certificate.Prices[0].Price = -1 }, "makes no sense"},
		{"a price beyond all", func(p *Plan) { p.Certificate.Prices[0].Price = 1 << 40 }, "makes no sense"},
		{"a price twice", func(p *Plan) {
			p.Certificate.Prices = append(p.Certificate.Prices, p.Certificate.Prices[0])
		}, "makes no sense"},
		{"a link that is none", func(p *Plan) { p.Certificate.Prices[0].Lane.Name = "air" }, "makes no sense"},
		{"a link from elsewhere", func(p *Plan) { p.Certificate.Prices[0].Lane.At = "ix" }, "makes no sense"},
		{"a lane of no kind", func(p *Plan) { p.Certificate.Prices[0].Lane.Kind = "luck" }, "makes no sense"},
		{"a cap that is not set", func(p *Plan) { p.Certificate.Prices[0].Lane = Lane{Kind: "linkMoves", Name: "a--x"} }, "makes no sense"},
		{"no prices", func(p *Plan) { p.Certificate.Prices = nil }, "prove nothing"},
		{"prices with a tail", func(p *Plan) { p.Certificate.Tail = 1 }, "does not hold"},
		{"one lane that holds for all routes", func(p *Plan) {
			p.Certificate = Certificate{Kind: "lane", Holds: "routes", Moves: []int{0}, Lane: &Lane{"link", "a--x", "a"}}
		}, "does not hold"},
		{"one move for all", func(p *Plan) {
			p.Certificate = Certificate{Kind: "move", Holds: "routes", Moves: []int{0}}
		}, "the bound is"},
		{"a bound for all above that for some", func(p *Plan) { p.RouteBound++ }, "that for some"},
		{"a bound for all that nothing proves", func(p *Plan) { p.RouteBound-- }, "nothing proves"},
		{"a bound for all that only holds for some", func(p *Plan) {
			p.RouteCertificate = &Certificate{Kind: "lane", Holds: "chosen", Moves: []int{0}, Lane: &Lane{"link", "a--x", "a"}}
		}, "nothing proves"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := forked(4)
			p, plan := b.plan(t)
			require.Equal(t, "prices", plan.Certificate.Kind)
			require.Len(t, plan.Certificate.Prices, 2)
			c.plant(plan)
			faults, err := Replay(context.Background(), p, b.from, b.to, plan, b.opts)
			require.NoError(t, err)
			assert.True(t, slices.ContainsFunc(faults, func(f Fault) bool {
				return strings.HasPrefix(f.Message, "certificate:") && strings.Contains(f.Message, c.want)
			}), "%+v", faults)
		})
	}
}

// TestPricesKnowEveryWay keeps the certificate and adds a way: what it said no longer holds.
func TestPricesKnowEveryWay(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(b *build)
		sound  bool
	}{
		{"nothing", func(*build) {}, true},
		{"a third way", func(b *build) { b.link("a", "b", 1e9) }, false},
		{"a wider link", func(b *build) { b.spec.Links[1].Bandwidth = 2e9 }, false},
		{"a third way that data may not take", func(b *build) {
			b.link("a", "b", 1e9, func(l *topology.Link) { l.Operator = "other" })
			b.rules.forbid("", "other")
		}, true},
		{"a dead end", func(b *build) { b.link("x", "y", 1e9) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := forked(4)
			_, plan := b.plan(t)
			c.change(b)
			faults, err := Replay(context.Background(), b.problem(t), b.from, b.to, plan, b.opts)
			require.NoError(t, err)
			assert.Equal(t, c.sound, len(faults) == 0, "%+v", faults)
		})
	}
}

// TestRouteBoundHoldsForAllRoutes tries all combinations of routes on small networks: over none of them can the lanes carry
// the moves in less than the bound.
func TestRouteBoundHoldsForAllRoutes(t *testing.T) {
	tight, better := 0, 0
	for seed := range uint64(100) {
		b := randomMesh(seed)
		p, plan := b.plan(t)
		least := leastOverRoutes(t, b, p, plan)
		require.LessOrEqual(t, plan.RouteBound, least, "seed %d", seed)
		if plan.RouteBound >= least-2 {
			tight++
		}
		if plan.Makespan == least {
			better++
		}
	}
	t.Logf("of 100: %d bounds are what the best routes need, %d plans take no longer", tight, better)
	assert.Greater(t, tight, 80)
}

// randomMesh has five nodes, some links of three bandwidths, some of them closed to secret data, and a few moves.
func randomMesh(seed uint64) *build {
	rng := rand.New(rand.NewPCG(seed, 5))
	b := newBuild()
	names := []string{"a", "b", "c", "d", "e"}
	for i, id := range names {
		b.site(id, cpu(64), func(s *topology.Site) {
			if i == 4 && rng.IntN(2) == 0 {
				s.Country = "FR"
			}
		})
	}
	for i := range names {
		for k := range i {
			if rng.IntN(10) < 6 || k == i-1 {
				b.link(names[i], names[k], []int64{5e8, 1e9, 1e9, 15e8}[rng.IntN(4)], func(l *topology.Link) {
					if b.spec.Sites[i].Country == "FR" {
						l.Jurisdictions = []topology.Jurisdiction{"DE", "FR"}
					}
					if k != i-1 && rng.IntN(4) == 0 {
						l.Operator = "other"
					}
				})
			}
		}
	}
	b.rules.forbid("secret", "other")
	b.rules.forbid("secret", "FR")
	for i := range 2 + rng.IntN(3) {
		from, to := rng.IntN(5), rng.IntN(4)
		if to >= from {
			to++
		}
		b.workload(fmt.Sprintf("app/w%d", i), cpu(1), names[from], names[to], memory(1e9*(1+rng.Int64N(8))), func(w *placement.Workload) {
			if rng.IntN(3) == 0 {
				w.Data = "secret"
			}
			if rng.IntN(2) == 0 {
				w.Migration.HotSet, w.Migration.HotPeriod, w.Migration.DirtyRate = 1e8, 5e6, 1e6
			}
		})
	}
	b.opts = &Options{SiteMoves: 1 + rng.IntN(3), LinkMoves: rng.IntN(3), Passes: 20}
	return b
}

// leastOverRoutes returns the least time, over all choices of a route for each move, in which the lanes can carry them and
// none takes longer by itself.
func leastOverRoutes(t *testing.T, b *build, p *placement.Problem, plan *Plan) topology.Micros {
	w, err := newWorld(p, b.from, b.to, b.opts)
	require.NoError(t, err)
	var choices [][]*hop
	for i := range plan.Moves {
		m := &plan.Moves[i]
		work := w.workIndex[m.Workload]
		transit, err := w.transitOf(context.Background(), work)
		require.NoError(t, err)
		var list []*hop
		for _, route := range w.graph.Routes(m.From.Node(), m.To.Node(), transit, 1000, nil) {
			e, err := w.predict(work, m.Method, route.Bandwidth)
			if err == nil {
				list = append(list, &hop{work: work, from: w.siteIndex[m.From], to: w.siteIndex[m.To], method: m.Method, route: route, rate: route.Bandwidth, estimate: e})
			}
		}
		require.NotEmpty(t, list)
		choices = append(choices, list)
	}
	best := never
	hops := make([]*hop, len(choices))
	var try func(i int)
	try = func(i int) {
		if i < len(choices) {
			for _, h := range choices[i] {
				hops[i] = h
				try(i + 1)
			}
			return
		}
		time := topology.Micros(0)
		for _, h := range hops {
			time = max(time, h.rest())
		}
		for _, busy := range busyTimes(newNetwork(w, hops), hops) {
			time = max(time, busy)
		}
		best = min(best, time)
	}
	try(0)
	return best
}
