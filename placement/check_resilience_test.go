package placement

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// resilienceWorld is a random world with spare links, so that a failure may lead to a detour, and with observations.
func resilienceWorld(t testing.TB, seed uint64) (*checkWorld, []latency.Observation) {
	w := newWorld(t, seed, 5+int(seed%4), 3)
	r := rand.New(rand.NewPCG(seed, 2))
	for i := range w.spec.Sites {
		if s := w.spec.Sites[i]; r.IntN(2) == 0 {
			at := w.spec.Exchanges[r.IntN(2)]
			both := []topology.Jurisdiction{s.Country, at.Country}
			slices.Sort(both)
			w.spec.Links = append(w.spec.Links, topology.Link{
				ID: topology.LinkID(fmt.Sprintf("spare-%s", s.ID)), A: s.ID.Node(), B: at.ID, Operator: "spare",
				Jurisdictions: slices.Compact(both), Bandwidth: 1e9,
				RTT: topology.RTT{P50: topology.Micros(2000 + r.IntN(9000)), P95: 12_000, P99: 15_000},
			})
		}
	}
	w.p.Continuum = mustContinuum(t, w.spec)
	var seen []latency.Observation
	for range 3 {
		a, b := randomSite(r, w.spec).ID.Node(), topology.NodeID(fmt.Sprintf("u%d", r.IntN(2)))
		p50 := topology.Micros(1000 + r.IntN(9000))
		seen = append(seen, latency.Observation{A: min(a, b), B: max(a, b), RTT: topology.RTT{P50: p50, P95: p50 + 500, P99: p50 + 900}})
	}
	g, err := latency.New(w.p.Continuum, &latency.Options{Observations: seen})
	require.NoError(t, err)
	w.p.Latency = g
	w.p.Current = nil // what it breaks already plays no part
	return w, seen
}

// without is the world after a failure: nodes and links removed, and observations whose ends or ways they hit.
func (w *checkWorld) without(t testing.TB, seen []latency.Observation, f *checkFailure) (*Problem, Assignment) {
	p, a := *w.p, maps.Clone(w.a)
	c, err := w.p.Continuum.Update(topology.Changes{RemoveNodes: f.nodes, RemoveLinks: f.links})
	require.NoError(t, err)
	opts := &latency.Options{}
	for _, o := range seen {
		hit := slices.Contains(f.nodes, o.A) || slices.Contains(f.nodes, o.B)
		for _, l := range w.p.Latency.Row(o.A, latency.Transit{}).Support(o.B) {
			hit = hit || slices.Contains(f.links, l)
		}
		if !hit {
			opts.Observations = append(opts.Observations, o)
		}
	}
	p.Latency, err = latency.New(c, opts)
	require.NoError(t, err)
	for id, site := range a {
		if slices.Contains(f.nodes, site.Node()) {
			delete(a, id)
		}
	}
	return &p, a
}

// promisesBroken is how far off flows and paths are by what Check finds: those that a failure makes worse show.
func promisesBroken(t testing.TB, p *Problem, a Assignment) map[string]int64 {
	found, err := Check(context.Background(), p, a)
	require.NoError(t, err)
	broken := map[string]int64{}
	for _, v := range found {
		have := v.Have
		if have < 0 {
			have = 1 << 50
		}
		switch v.Kind {
		case ByLatency, ByTransit: // two flows may have the same ends
			broken[fmt.Sprint(v.Workloads, v.Want, strings.Contains(v.Message, "u0"), strings.Contains(v.Message, "u1"))] += have
		case ByPath: // the worst choice may be another one
			label, _, _ := strings.Cut(v.Message, ":")
			broken[fmt.Sprint(label, v.Workloads[0][:4], v.Want)] += have
		}
	}
	return broken
}

// The oracle takes away what fails, builds everything anew and has Check look at all of it: a failure is harmless exactly
// where that finds nothing that was not there before.
func TestResilienceAgreesWithCheck(t *testing.T) {
	ctx := context.Background()
	harmless, harmful, detours := 0, 0, 0
	for seed := range uint64(25) {
		w, seen := resilienceWorld(t, seed)
		r, err := newResilience(ctx, Answer{w.p, w.a})
		require.NoError(t, err)
		report, err := Resilience(ctx, Answer{w.p, w.a})
		require.NoError(t, err)
		byName := map[string]Loss{}
		for _, l := range report.Losses {
			byName[string(l.Kind)+l.ID] = l
		}
		for _, f := range r.failures() {
			p, a := w.without(t, seen, f)
			left, err := newResilience(ctx, Answer{p, a})
			require.NoError(t, err)
			loss := byName[string(f.kind)+f.id]
			lost := 0
			for id := range w.a {
				if _, ok := a[id]; !ok {
					lost++
					require.Contains(t, loss.Workloads, id)
				}
			}
			require.Len(t, loss.Workloads, lost)

			// every pair, path and constraint anew
			var want []string
			for key, b := range left.before {
				if !b.inherits(r.before) {
					want = append(want, fmt.Sprint(key, " ", b.Kind, b.Have, b.Want))
				}
			}
			var got []string
			var items []*checkItem
			for _, node := range f.nodes {
				items = append(items, r.on[node]...)
			}
			require.NoError(t, r.without(f, items, func() error {
				found, err := r.worse(items, r.legs.hit(f))
				for _, b := range found {
					got = append(got, fmt.Sprint(b.key, " ", b.Kind, b.Have, b.Want))
				}
				return err
			}))
			require.ElementsMatch(t, want, got, "seed %d, %s %s", seed, f.kind, f.id)

			before, after := promisesBroken(t, w.p, w.a), promisesBroken(t, p, a)
			worse := false
			for key, have := range after {
				worse = worse || have > before[key]
			}
			if worse {
				require.NotEmpty(t, loss.Promises, "seed %d, %s %s", seed, f.kind, f.id)
				harmful++
			} else if len(loss.Promises) == 0 {
				harmless++
			}
			for _, b := range loss.Promises {
				if b.Unit == "us" && b.Have > 0 {
					detours++
				}
			}
		}
	}
	assert.Greater(t, harmless, 50)
	assert.Greater(t, harmful, 100)
	assert.Greater(t, detours, 20)
}
