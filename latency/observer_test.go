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

// world is three nodes in a row, of which the first link was measured just now.
func world(t testing.TB) *topology.Continuum {
	first := link("a", "b", ms(5, 6, 7), "x", "DE")
	first.MeasuredAt = day
	c, err := topology.New(topology.Spec{
		AsOf: day, Exchanges: nodes("a DE", "b DE", "c DE", "d DE"),
		Links: []topology.Link{first, link("b", "c", ms(1, 1, 1), "x", "DE"), link("c", "d", ms(1, 1, 1), "x", "DE")},
	})
	require.NoError(t, err)
	return c
}

func observe(t testing.TB, opts ObserverOptions) *Observer {
	o, err := NewObserver(world(t), &opts)
	require.NoError(t, err)
	return o
}

// feed gives n samples a second apart and returns the time of the last.
func feed(t testing.TB, o *Observer, s Sample, from time.Duration, n int) time.Duration {
	for i := range n {
		s.At = day.Add(from + time.Duration(i)*time.Second)
		require.True(t, o.Observe(s))
	}
	return from + time.Duration(n-1)*time.Second
}

func due(t testing.TB, o *Observer) *Graph {
	g, ok, err := o.Next()
	require.NoError(t, err)
	require.Same(t, g, o.Graph())
	if !ok {
		return nil
	}
	return g
}

func TestObserverSpeaksOfPairsAndLinks(t *testing.T) {
	o := observe(t, ObserverOptions{MinSamples: 10, Every: 10 * time.Second})
	first := o.Graph()
	before := p95Of(first, "a", "c", Transit{})
	at := feed(t, o, Sample{A: "c", B: "a", RTT: 20_000}, 0, 9)
	feed(t, o, Sample{Link: "a--b", RTT: 9000}, 0, 9)
	o.Advance(day.Add(time.Minute))
	assert.Nil(t, due(t, o), "nine are no figure")
	feed(t, o, Sample{A: "a", B: "c", RTT: 20_000}, at, 1)
	feed(t, o, Sample{A: "b", B: "a", Link: "a--b", RTT: 9000}, at, 1)
	g := due(t, o)
	require.NotNil(t, g)
	within(t, 20_000, p95Of(g, "a", "c", Transit{}), "as observed")
	within(t, 9000, p95Of(g, "a", "b", Transit{}), "as measured")
	inside := transits[3]
	within(t, 10_000, p95Of(g, "a", "c", inside), "the restricted go by links")
	l, _ := g.Continuum().Link("a--b")
	assert.Equal(t, day.Add(at), l.MeasuredAt)
	assert.Equal(t, []string(nil), l.Assumed)
	assert.Equal(t, day.Add(time.Minute), g.Continuum().AsOf())
	assert.Equal(t, before, p95Of(first, "a", "c", Transit{}), "the old one stays")
}

func within(t testing.TB, want, got topology.Micros, why string) {
	t.Helper()
	assert.GreaterOrEqual(t, got, want, why)
	assert.LessOrEqual(t, got, want+want/64+2, why)
}

func p95Of(g *Graph, from, to topology.NodeID, t Transit) topology.Micros {
	latency, _ := g.Row(from, t).Latency(to, P95)
	return latency
}

// No more than one version per Every of the samples' time and per EverySamples, and none where nothing changed.
func TestObserverIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 1))
	o := observe(t, ObserverOptions{MinSamples: 5, Every: 20 * time.Second, EverySamples: 80, Window: time.Minute})
	last, since, versions := day, 0, 0
	for i := range 4000 {
		at := day.Add(time.Duration(i) * 500 * time.Millisecond)
		level := topology.Micros(10_000)
		if i >= 1000 && i < 3000 {
			level = topology.Micros(5000 + 400*(i%50)) // restless
		}
		for range 1 + rng.IntN(2) {
			require.True(t, o.Observe(Sample{A: "a", B: "d", RTT: level, At: at}))
			since++
		}
		if g := due(t, o); g != nil {
			require.GreaterOrEqual(t, at.Sub(last), 20*time.Second)
			require.GreaterOrEqual(t, since, 80)
			last, since = at, 0
			versions++
		}
		switch i {
		case 999:
			require.Equal(t, 1, versions, "the first figure, and nothing new since")
		case 3999:
			require.Greater(t, versions, 3)
		}
	}
	calm := versions
	feed(t, o, Sample{A: "a", B: "d", RTT: 10_100}, 2000*time.Second, 300)
	assert.Nil(t, due(t, o), "one percent is nothing new")
	assert.Equal(t, uint64(calm), o.Stats().Versions)
}

// Rises are seen soon, falls late, and a few wild ones are counted and move nothing.
func TestObserverIsRobust(t *testing.T) {
	o := observe(t, ObserverOptions{Every: time.Second, Window: 400 * time.Second})
	s := Sample{A: "a", B: "d", RTT: 10_000}
	at := feed(t, o, s, 0, 300)
	require.NotNil(t, due(t, o))
	s.RTT = 900_000
	at = feed(t, o, s, at+time.Second, 2)
	s.RTT = 3
	at = feed(t, o, s, at+time.Second, 1)
	assert.Nil(t, due(t, o))
	assert.Equal(t, uint64(3), o.Stats().Outliers)
	assert.Equal(t, uint64(3), o.Pairs()[0].Outliers)

	s.RTT = 40_000
	at = feed(t, o, s, at+time.Second, 25)
	g := due(t, o)
	require.NotNil(t, g)
	within(t, 40_000, p95Of(g, "a", "d", Transit{}), "a twelfth of the window is slow")
	p50, _ := g.Row("a", Transit{}).Latency("d", P50)
	within(t, 10_000, p50, "most of it is not")
	s.RTT = 10_000
	feed(t, o, s, at+time.Second, 500)
	g = due(t, o)
	require.NotNil(t, g)
	within(t, 10_000, p95Of(g, "a", "d", Transit{}), "the slow ones have left the window")
}

// What was measured too long ago is unknown again, also when nothing is measured any more.
func TestObserverForgetsWithMaxAge(t *testing.T) {
	o := observe(t, ObserverOptions{MinSamples: 5, Window: time.Minute, Graph: Options{MaxAge: 10 * time.Minute}})
	at := feed(t, o, Sample{A: "a", B: "d", RTT: 1000}, 0, 100)
	at = max(at, feed(t, o, Sample{Link: "c--d", RTT: 30_000}, 0, 100))
	g := due(t, o)
	require.NotNil(t, g)
	within(t, 1000, p95Of(g, "a", "d", Transit{}), "observed")

	o.Advance(day.Add(at + 2*time.Minute))
	assert.True(t, o.Pairs()[0].Stale)
	assert.Nil(t, due(t, o), "stale is not too old")
	o.Advance(day.Add(10 * time.Minute))
	assert.Nil(t, due(t, o), "as old as it may be")
	o.Advance(day.Add(10*time.Minute + 1))
	g = due(t, o)
	require.NotNil(t, g, "the link a--b, measured at the start, is too old")
	assert.Equal(t, unknown, p95Of(g, "a", "b", Transit{}))
	within(t, 1000, p95Of(g, "a", "d", Transit{}), "still known")
	o.Advance(day.Add(at + 10*time.Minute))
	assert.Nil(t, due(t, o))
	o.Advance(day.Add(at + 10*time.Minute + 1))
	g = due(t, o)
	require.NotNil(t, g)
	for _, to := range []topology.NodeID{"b", "d"} {
		_, ok := g.Row("a", Transit{}).Latency(to, P50)
		assert.False(t, ok)
	}
	assert.Equal(t, unknown, p95Of(g, "c", "d", Transit{}), "a measured link does not turn into a plan again")
	assert.Nil(t, due(t, o))
}

func TestObserverRefuses(t *testing.T) {
	o := observe(t, ObserverOptions{Window: 4 * time.Minute})
	require.True(t, o.Observe(Sample{A: "a", B: "b", RTT: 1, At: day}))
	want := ObserverStats{Taken: 1}
	for _, c := range []struct {
		count *uint64
		s     Sample
	}{
		{&want.Unknown, Sample{A: "a", B: "x", RTT: 1, At: day}},
		{&want.Unknown, Sample{A: "x", B: "a", RTT: 1, At: day}},
		{&want.Unknown, Sample{A: "a", B: "a", RTT: 1, At: day}},
		{&want.Unknown, Sample{RTT: 1, At: day}},
		{&want.Unknown, Sample{Link: "x", RTT: 1, At: day}},
		{&want.Unknown, Sample{A: "a", B: "c", Link: "a--b", RTT: 1, At: day}},
		{&want.Unknown, Sample{A: "a", Link: "a--b", RTT: 1, At: day}},
		{&want.Invalid, Sample{A: "a", B: "b", At: day}},
		{&want.Invalid, Sample{A: "a", B: "b", RTT: -1, At: day}},
		{&want.Invalid, Sample{A: "a", B: "b", RTT: longest + 1, At: day}},
		{&want.Undated, Sample{A: "a", B: "b", RTT: 1}},
		{&want.Undated, Sample{A: "a", B: "b", RTT: 1, At: day.AddDate(300, 0, 0)}},
		{&want.Undated, Sample{A: "a", B: "b", RTT: 1, At: day.AddDate(-30_000, 0, 0)}},
		{&want.Late, Sample{A: "b", B: "a", RTT: 1, At: day.Add(-4 * time.Minute)}},
	} {
		*c.count++
		assert.False(t, o.Observe(c.s), "%v", c.s)
		assert.Equal(t, want, o.Stats(), "%v", c.s)
	}
	assert.True(t, o.Observe(Sample{A: "a", B: "b", RTT: 1, At: day.Add(-3 * time.Minute)}))
	assert.True(t, o.Observe(Sample{A: "a", B: "c", RTT: 1, At: day.AddDate(1, 0, 0)}), "nobody said what time it is")
	o.Advance(day.Add(time.Hour))
	assert.True(t, o.Observe(Sample{A: "a", B: "b", RTT: 1, At: day.Add(time.Hour + time.Minute)}))
	assert.False(t, o.Observe(Sample{A: "a", B: "b", RTT: 1, At: day.Add(time.Hour + time.Minute + 1)}))
	o.Advance(day)
	assert.False(t, o.Observe(Sample{A: "a", B: "b", RTT: 1, At: day.Add(2 * time.Hour)}), "time does not go back")
	assert.Equal(t, uint64(2), o.Stats().Early)
	assert.Equal(t, uint64(16), o.Stats().Refused())
}

// There is room for so many; the one that was silent for longest goes first, and none that is not.
func TestObserverEvicts(t *testing.T) {
	o := observe(t, ObserverOptions{MinSamples: 2, Most: 2, Window: time.Minute, Every: time.Second})
	feed(t, o, Sample{A: "a", B: "d", RTT: 70_000}, 0, 2)
	feed(t, o, Sample{A: "b", B: "d", RTT: 70_000}, time.Second, 2)
	require.NotNil(t, due(t, o))
	third := Sample{A: "a", B: "c", RTT: 1000, At: day.Add(time.Second)}
	assert.False(t, o.Observe(third))
	feed(t, o, Sample{A: "a", B: "d", RTT: 70_000}, 30*time.Second, 1)
	third.At = day.Add(62 * time.Second)
	o.Advance(third.At)
	assert.False(t, o.Observe(third), "a minute is not longer than a minute")
	assert.Equal(t, uint64(2), o.Stats().Full)
	feed(t, o, Sample{A: "b", B: "d", RTT: 70_000}, 62*time.Second, 1)
	o.Advance(third.At.Add(20 * time.Second))
	assert.False(t, o.Observe(third), "both were heard of meanwhile")
	require.Nil(t, due(t, o))
	o.Advance(third.At.Add(29 * time.Second))
	assert.True(t, o.Observe(third))
	assert.Equal(t, uint64(1), o.Stats().Evicted)
	g := due(t, o)
	require.NotNil(t, g)
	assert.Less(t, p95Of(g, "a", "d", Transit{}), topology.Micros(20_000), "its figure went with it")
	within(t, 70_000, p95Of(g, "b", "d", Transit{}), "the others stay")
	pairs := o.Pairs()
	require.Len(t, pairs, 2)
	assert.Equal(t, []topology.NodeID{"a", "c", "b", "d"}, []topology.NodeID{pairs[0].A, pairs[0].B, pairs[1].A, pairs[1].B})
}

func TestObserverRebase(t *testing.T) {
	o := observe(t, ObserverOptions{MinSamples: 1, Graph: Options{Observations: []Observation{{A: "c", B: "d", RTT: ms(8, 8, 8)}}}})
	feed(t, o, Sample{Link: "a--b", RTT: 70_000}, 0, 100)
	feed(t, o, Sample{Link: "c--d", RTT: 60_000}, 0, 100)
	feed(t, o, Sample{A: "a", B: "d", RTT: 50_000}, 0, 100)
	feed(t, o, Sample{A: "a", B: "c", RTT: 40_000}, 0, 100)
	require.NotNil(t, due(t, o))
	next, err := world(t).Update(topology.Changes{RemoveNodes: []topology.NodeID{"d"}})
	require.NoError(t, err)
	o.Rebase(next)
	g := due(t, o)
	require.NotNil(t, g)
	within(t, 70_000, p95Of(g, "a", "b", Transit{}), "what was measured is written into it")
	within(t, 40_000, p95Of(g, "a", "c", Transit{}), "observed")
	assert.Len(t, o.Pairs(), 2)
	assert.Nil(t, due(t, o))
	assert.False(t, o.Observe(Sample{A: "a", B: "d", RTT: 1, At: day}))
	o.Rebase(world(t))
	g = due(t, o)
	require.NotNil(t, g)
	within(t, 8000, p95Of(g, "c", "d", Transit{}), "its ends are back")
}

func TestObserverNamesEveryDefect(t *testing.T) {
	_, err := NewObserver(world(t), &ObserverOptions{
		Graph: Options{MaxAge: -1}, Window: -1, MinSamples: -1, Every: -1, EverySamples: -1, Change: -1, Most: -1,
	})
	require.ErrorIs(t, err, ErrInvalid)
	for _, name := range []string{"MaxAge", "Window", "MinSamples", "Every is", "EverySamples", "Change", "Most"} {
		assert.ErrorContains(t, err, name)
	}
	_, err = NewObserver(world(t), nil)
	assert.NoError(t, err)
}

// Whatever comes in, memory stays bounded, figures are legal, and the order of samples between two versions does not matter.
func TestObserverOfGarbage(t *testing.T) {
	rng := rand.New(rand.NewPCG(44, 1))
	versions := 0
	for range 30 {
		opts := ObserverOptions{MinSamples: 1 + rng.IntN(20), Window: time.Minute, Every: time.Second, Most: 10}
		o, turned := observe(t, opts), observe(t, opts)
		now := day
		for range 20 {
			var batch []Sample
			for range rng.IntN(200) {
				s := Sample{
					A: topology.NodeID("abcde"[rng.IntN(5):][:1]), B: topology.NodeID("abcde"[rng.IntN(5):][:1]),
					RTT: topology.Micros(rng.Int64N(1 << (1 + rng.IntN(33)))), At: now.Add(-time.Duration(rng.IntN(40)) * time.Second),
				}
				if rng.IntN(3) == 0 {
					s.A, s.B, s.Link = "", "", []topology.LinkID{"a--b", "b--c", "e"}[rng.IntN(3)]
				}
				batch = append(batch, s)
			}
			// The newest pane comes first in both, so that none is late in one of them only.
			for _, k := range []topology.NodeID{"a", "b", "c"} {
				for _, l := range []topology.NodeID{"b", "c", "d"} {
					for _, o := range []*Observer{o, turned} {
						o.Observe(Sample{A: k, B: l, RTT: 100, At: now})
					}
				}
			}
			for i := range batch {
				o.Observe(batch[i])
				turned.Observe(batch[len(batch)-1-i])
			}
			g, h := due(t, o), due(t, turned)
			require.Equal(t, g == nil, h == nil)
			if g != nil {
				versions++
				require.Equal(t, g.Digest(), h.Digest())
			}
			for _, p := range o.Pairs() {
				require.True(t, !p.Known || p.RTT.Check() == nil)
			}
			require.LessOrEqual(t, len(o.streams), 10)
			now = now.Add(time.Duration(rng.IntN(30)) * time.Second)
		}
	}
	assert.Greater(t, versions, 100)
}

// Those who measure and the one who makes versions do not wait for each other. Run with -race.
func TestObserverConcurrently(t *testing.T) {
	o := observe(t, ObserverOptions{MinSamples: 5, Every: time.Second, Graph: Options{MaxAge: time.Hour}})
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			for i := range 500 {
				s := Sample{A: "a", B: topology.NodeID(fmt.Sprintf("%c", 'b'+caller%3)), RTT: topology.Micros(1000 + i*10), At: day.Add(time.Duration(i) * time.Second)}
				if i%3 == 0 {
					s = Sample{Link: "b--c", RTT: s.RTT, At: s.At}
				}
				assert.True(t, o.Observe(s))
				if i%50 == caller {
					_, _, err := o.Next()
					assert.NoError(t, err)
					o.Rebase(world(t))
					o.Pairs()
					o.Graph().Row("a", Transit{}).Latency("d", P99)
				}
			}
		})
	}
	callers.Wait()
	assert.Equal(t, uint64(2000), o.Stats().Taken)
	assert.Positive(t, o.Stats().Versions)
}

// A sample whose clock is years ahead carries everything into its time, until somebody says what time it is.
func TestObserverTurnsBack(t *testing.T) {
	o, err := NewObserver(world(t), &ObserverOptions{MinSamples: 1, Every: time.Second, Graph: Options{MaxAge: time.Hour}})
	require.NoError(t, err)
	require.True(t, o.Observe(Sample{A: "a", B: "d", RTT: 5, At: day.AddDate(50, 0, 0)}))
	g, due, err := o.Next()
	require.NoError(t, err)
	require.True(t, due)
	require.Equal(t, topology.Micros(5), p95Of(g, "a", "d", Transit{}))

	now := day.Add(time.Minute)
	o.Advance(now)
	require.False(t, o.Observe(Sample{A: "a", B: "d", RTT: 5, At: day.AddDate(50, 0, 0)}))
	require.True(t, o.Observe(Sample{A: "a", B: "b", RTT: 90_000, At: now}))
	g, due, err = o.Next()
	require.NoError(t, err)
	require.True(t, due)
	within(t, 90_000, p95Of(g, "a", "b", Transit{}), "as measured")
	assert.NotEqual(t, topology.Micros(5), p95Of(g, "a", "d", Transit{}), "the sample from the future is forgotten")
	assert.Equal(t, now, g.Continuum().AsOf())
}
