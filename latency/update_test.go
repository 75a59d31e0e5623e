package latency

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// randomChanges changes, removes and adds a few links.
func randomChanges(rng *rand.Rand, c *topology.Continuum, round int) topology.Changes {
	var ch topology.Changes
	var all []*topology.Link
	for l := range c.Links() {
		all = append(all, l)
	}
	draft := randomSpec(rng, c.NumNodes(), 2*c.NumNodes()).Links
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i := range 1 + rng.IntN(3) {
		switch kind := rng.IntN(4); {
		case kind == 0 && i < len(all):
			ch.RemoveLinks = append(ch.RemoveLinks, all[i].ID)
		case kind == 1 && len(draft) > 0:
			l := draft[rng.IntN(len(draft))]
			l.ID, l.Jurisdictions = topology.LinkID(fmt.Sprintf("l%03d-%d-%d", rng.IntN(100), round, i)), nil
			ch.Put.Links = append(ch.Put.Links, l)
		case i < len(all):
			l := *all[i]
			p50 := topology.Micros(1 + rng.IntN(20))
			l.RTT = topology.RTT{P50: p50, P95: p50 + topology.Micros(rng.IntN(20)), P99: p50 + topology.Micros(20+rng.IntN(60))}
			if kind == 2 {
				l.Operator = "blue"
			}
			ch.Put.Links = append(ch.Put.Links, l)
		}
	}
	return ch
}

// requireSame requires that a row says what another says, of which every step and all that is read off them.
func requireSame(t testing.TB, want, got *Row) {
	t.Helper()
	require.Equal(t, want.base == nil, got.base == nil)
	for i, to := range want.g.ids {
		node := int32(i)
		for _, w := range []weighing{byMean, byTail} {
			a, b := want.of(w).at(node), got.of(w).at(node)
			require.Equal(t, a.sum, b.sum, "to %s", to)
			require.Equal(t, a.link == noLink, b.link == noLink, "to %s", to)
			if a.link != noLink {
				require.Equal(t, want.g.line(a.link).ID, got.g.line(b.link).ID, "to %s", to)
			}
		}
		require.Equal(t, want.g.Routes(want.g.ids[want.origin], to, Transit{}, 3, nil), got.g.Routes(got.g.ids[got.origin], to, Transit{}, 3, nil))
		wantLeg, ok := want.Leg(to)
		leg, reached := got.Leg(to)
		require.Equal(t, ok, reached)
		require.Equal(t, wantLeg, leg)
		for _, p := range []Percentile{P50, P95, 999} {
			wantMicros, ok := want.Latency(to, p)
			micros, known := got.Latency(to, p)
			require.Equal(t, ok, known)
			require.Equal(t, wantMicros, micros)
			wantTail, _ := want.Tail(to, p)
			tail, _ := got.Tail(to, p)
			require.Equal(t, wantTail, tail)
			wantRoute, ok := want.Route(to, p)
			route, known := got.Route(to, p)
			require.Equal(t, ok, known)
			require.Equal(t, wantRoute, route)
			require.Equal(t, want.g.Budget(wantRoute, p), got.g.Budget(route, p))
		}
	}
}

// A version made by changes says what a graph built from scratch says, whatever was asked before, and the old ones still
// say what they said.
func TestUpdatesAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	repaired := 0
	for range 25 {
		n := 2 + rng.IntN(24)
		g := build(t, randomSpec(rng, n, n+rng.IntN(2*n)), nil)
		first, before := g, build(t, g.continuum.Spec(), nil)
		for round := range 8 {
			for range rng.IntN(2 * n) {
				row := g.Row(g.ids[rng.IntN(n)], transits[rng.IntN(len(transits))])
				if rng.IntN(2) == 0 {
					row.of(byTail)
				}
			}
			ch := randomChanges(rng, g.continuum, round)
			next, err := g.Update(ch)
			require.NoError(t, err)
			if rng.IntN(3) == 0 {
				c, err := g.continuum.Update(ch)
				require.NoError(t, err)
				next, err = g.Follow(c)
				require.NoError(t, err)
			}
			require.Same(t, g.frame, next.frame)
			repaired += len(next.stale)
			g = next
			fresh, err := New(g.continuum, nil)
			require.NoError(t, err)
			require.Equal(t, fresh.Digest(), g.Digest())
			var carrying []topology.LinkID
			for _, l := range g.all() {
				carrying = append(carrying, l.ID)
			}
			for i, l := range fresh.all() {
				require.Equal(t, l.ID, carrying[i])
			}
			require.Len(t, carrying, len(fresh.lines))
			for range 6 {
				from, transit := g.ids[rng.IntN(n)], transits[rng.IntN(len(transits))]
				requireSame(t, fresh.Row(from, transit), g.Row(from, transit))
			}
		}
		for _, from := range first.ids {
			requireSame(t, before.Row(from, Transit{}), first.Row(from, Transit{}))
		}
	}
	assert.Greater(t, repaired, 1000)
}

// Changes of nodes, and more changes than are worth following, build a new frame.
func TestUpdatesThatBuildAnew(t *testing.T) {
	g := build(t, twoWays(), nil)
	next, err := g.Update(topology.Changes{Put: topology.Spec{Exchanges: nodes("new DE")}})
	require.NoError(t, err)
	assert.NotSame(t, g.frame, next.frame)
	assert.Equal(t, len(g.ids)+1, len(next.ids))
	followed, err := g.Follow(next.continuum)
	require.NoError(t, err)
	assert.Equal(t, next.ids, followed.ids)

	_, err = g.Update(topology.Changes{RemoveLinks: []topology.LinkID{"no such link"}})
	assert.ErrorIs(t, err, topology.ErrInvalid)

	l := *g.lines[0].Link
	at := g
	for i := range 200 {
		l.RTT = constant(topology.Micros(1000 + i))
		at, err = at.Update(topology.Changes{Put: topology.Spec{Links: []topology.Link{l}}})
		require.NoError(t, err)
		require.LessOrEqual(t, len(at.log), at.mostChanges())
	}
	fresh, err := New(at.continuum, nil)
	require.NoError(t, err)
	requireSame(t, fresh.Row("a", Transit{}), at.Row("a", Transit{}))
}

// As time goes by, links and observations get stale and what was measured ahead of its time counts.
func TestUpdatesOfTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 1))
	shared := 0
	for range 12 {
		spec := randomSpec(rng, 12, 30)
		spec.AsOf = day
		for i := range spec.Links {
			if rng.IntN(2) == 0 {
				spec.Links[i].MeasuredAt = day.Add(-time.Duration(rng.IntN(48)) * time.Hour)
			}
		}
		opts := &Options{MaxAge: 24 * time.Hour}
		if rng.IntN(2) == 0 {
			opts.Observations = []Observation{{A: node(1), B: node(2), RTT: constant(3), At: day.Add(-time.Duration(rng.IntN(30)) * time.Hour)}}
		}
		g := build(t, spec, opts)
		for hour := range 10 {
			g.Row(node(rng.IntN(12)), Transit{}).of(byTail)
			ch := randomChanges(rng, g.continuum, hour)
			ch.Put.AsOf = day.Add(time.Duration(3*hour+rng.IntN(3)) * time.Hour)
			for i := range ch.Put.Links {
				ch.Put.Links[i].MeasuredAt = ch.Put.AsOf.Add(time.Duration(rng.IntN(30)-26) * time.Hour)
			}
			next, err := g.Update(ch)
			require.NoError(t, err)
			if next.frame == g.frame {
				shared++
			}
			g = next
			fresh, err := New(g.continuum, opts)
			require.NoError(t, err)
			for i := range 12 {
				requireSame(t, fresh.Row(node(i), Transit{}), g.Row(node(i), Transit{}))
			}
		}
	}
	assert.Greater(t, shared, 20)
}

// Readers of one version do not notice that others make the next, nor those of the next that rows are shared. Run with
// -race.
func TestConcurrentUpdates(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 1))
	g := build(t, randomSpec(rng, 30, 80), nil)
	changes := make([]topology.Changes, 4)
	for i := range changes {
		changes[i] = randomChanges(rng, g.continuum, i)
	}
	want := build(t, g.continuum.Spec(), nil)
	var callers sync.WaitGroup
	for caller := range changes {
		callers.Go(func() {
			next, err := g.Update(changes[caller])
			if !assert.NoError(t, err) {
				return
			}
			fresh, err := New(next.continuum, nil)
			assert.NoError(t, err)
			for i := range g.ids {
				id := g.ids[(i+7*caller)%len(g.ids)]
				requireSame(t, want.Row(id, Transit{}), g.Row(id, Transit{}))
				requireSame(t, fresh.Row(id, Transit{}), next.Row(id, Transit{}))
			}
		})
	}
	callers.Wait()
}

// FuzzUpdates repairs rows of any graph after any changes.
func FuzzUpdates(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed, uint8(3+5*seed), uint8(10*seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, nodes, links uint8) {
		rng := rand.New(rand.NewPCG(seed, 24))
		n := 2 + int(nodes)%40
		g := build(t, randomSpec(rng, n, int(links)%(3*n)), nil)
		from, transit := g.ids[rng.IntN(n)], transits[rng.IntN(len(transits))]
		for round := range 4 {
			g.Row(from, transit)
			next, err := g.Update(randomChanges(rng, g.continuum, round))
			require.NoError(t, err)
			g = next
		}
		fresh, err := New(g.continuum, nil)
		require.NoError(t, err)
		requireSame(t, fresh.Row(from, transit), g.Row(from, transit))
	})
}
