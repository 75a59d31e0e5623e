package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

func TestFit_findsTheTruth(t *testing.T) {
	for _, c := range []struct {
		name    string
		noise   float64
		located bool
		most    float64 // median error
	}{
		{"no noise", 0, true, 0.02},
		{"noise of 10 %", 0.1, true, 0.06},
		{"noise of 30 %", 0.3, false, 0.15},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTruth(50, c.noise, 1)
			places := w.places
			if !c.located {
				places = unlocated(places)
			}
			shown, hidden := w.draw(10, 1)
			e := fit(t, places, shown, &Options{Seed: 1})
			middle, coverage := judge(t, e, hidden)
			assert.Less(t, middle, c.most)
			assert.Greater(t, coverage, 0.84) // a world without noise lies inside altogether
			if c.noise > 0 {
				assert.Less(t, coverage, 0.96)
			}
			g, _ := e.Estimate(hidden[0].A, hidden[0].B)
			assert.Equal(t, BasisNetwork, g.Basis)
			sum := 0.0
			for _, weight := range e.Weights() {
				sum += weight
			}
			assert.InDelta(t, 1, sum, 1e-9)
		})
	}
}

// The intervals hold what they promise over many worlds, and other promises as well.
func TestFit_coverage(t *testing.T) {
	for _, coverage := range []float64{0.8, 0.9} {
		sum, worlds := 0.0, 3
		for seed := range uint64(worlds) {
			w := newTruth(40, 0.2, seed)
			shown, hidden := w.draw(8, seed)
			_, in := judge(t, fit(t, w.places, shown, &Options{Seed: seed, Coverage: coverage}), hidden)
			sum += in / float64(worlds)
		}
		assert.InDelta(t, coverage, sum, 0.03, "%v", coverage)
	}
}

// Same input in another order, with ends swapped: the same numbers to the last digit.
func TestFit_order(t *testing.T) {
	w := newTruth(40, 0.2, 2)
	shown, hidden := w.draw(6, 2)
	e := fit(t, w.places, shown, &Options{Seed: 3})
	rng := rand.New(rand.NewPCG(7, 7))
	places, list := slices.Clone(w.places), slices.Clone(shown)
	rng.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for i := range list {
		list[i].A, list[i].B = list[i].B, list[i].A
	}
	f := fit(t, places, list, &Options{Seed: 3})
	assert.Equal(t, e.Digest(), f.Digest())
	for _, o := range hidden {
		want, _ := e.Estimate(o.A, o.B)
		got, _ := f.Estimate(o.B, o.A)
		require.Equal(t, want, got)
	}
	assert.NotEqual(t, e.Digest(), fit(t, w.places, shown, &Options{Seed: 4}).Digest())
	assert.NotEqual(t, e.Digest(), fit(t, w.places, shown[1:], &Options{Seed: 3}).Digest())
}

// Without coordinates nothing has a scale of its own: round trips of twice the length give estimates of twice the length.
func TestFit_scale(t *testing.T) {
	w := newTruth(40, 0.1, 3)
	shown, hidden := w.draw(8, 3)
	twice := make([]latency.Observation, len(shown))
	for i, o := range shown {
		twice[i] = observe(o.A, o.B, 2*float64(o.RTT.P50)/1000)
	}
	e := fit(t, unlocated(w.places), shown, nil)
	f := fit(t, unlocated(w.places), twice, nil)
	var off []float64
	for _, o := range hidden {
		g, _ := e.Estimate(o.A, o.B)
		h, _ := f.Estimate(o.A, o.B)
		off = append(off, math.Abs(float64(h.Likely.P50)/float64(g.Likely.P50)-2))
	}
	assert.Less(t, median(off), 0.01)
}

// Other names are other random starts, not other answers.
func TestFit_relabel(t *testing.T) {
	w := newTruth(40, 0, 4)
	shown, hidden := w.draw(8, 4)
	rename := func(id topology.NodeID) topology.NodeID { return id[2:] + id[1:2] }
	var places []Place
	for _, p := range w.places {
		places = append(places, Place{rename(p.ID), p.Location})
	}
	var list []latency.Observation
	for _, o := range shown {
		o.A, o.B = rename(o.A), rename(o.B)
		list = append(list, o)
	}
	e, f := fit(t, w.places, shown, nil), fit(t, places, list, nil)
	var off []float64
	for _, o := range hidden {
		g, _ := e.Estimate(o.A, o.B)
		h, ok := f.Estimate(rename(o.A), rename(o.B))
		require.True(t, ok)
		off = append(off, math.Abs(math.Log(float64(h.Likely.P50)/float64(g.Likely.P50))))
	}
	assert.Less(t, median(off), 0.03)
}

func TestEstimate_whatStaysUnknown(t *testing.T) {
	w := newTruth(60, 0, 5)
	apart := func(o latency.Observation) bool { return (o.A < id(30)) != (o.B < id(30)) }
	shown, _ := w.draw(12, 5)
	shown = slices.DeleteFunc(shown, func(o latency.Observation) bool {
		return apart(o) || o.A == id(0) || o.B == id(0) // two groups, and a place that measured nothing
	})
	shown = append(shown, observe(id(0), id(1), w.rtt[0][1]), observe(id(0), id(2), w.rtt[0][2]))
	known := func(e *Estimator, i, j int) string {
		g, _ := e.Estimate(id(i), id(j))
		return g.Basis
	}

	nowhere := fit(t, unlocated(w.places), shown, nil)
	assert.Equal(t, BasisNetwork, known(nowhere, 1, 29))
	assert.Empty(t, known(nowhere, 1, 31), "nothing connects the groups")
	assert.Empty(t, known(nowhere, 0, 5), "two neighbours are too few")
	assert.Empty(t, known(nowhere, 3, 3))
	_, ok := nowhere.Estimate("p001", "nobody")
	assert.False(t, ok)

	located := fit(t, w.places, shown, nil)
	assert.Equal(t, BasisNetwork, known(located, 1, 29))
	assert.Equal(t, BasisDistance, known(located, 1, 31))
	assert.Equal(t, BasisDistance, known(located, 0, 5))
	g, _ := located.Estimate(id(1), id(31))
	assert.GreaterOrEqual(t, g.Lower, Floor(*w.places[1].Location, *w.places[31].Location))

	few := fit(t, w.places, shown[:10], nil)
	assert.Equal(t, BasisPrior, known(few, 1, 31))
	assert.Empty(t, few.Weights())
	g, _ = few.Estimate(id(1), id(31))
	assert.InDelta(t, float64(Prior(*w.places[1].Location, *w.places[31].Location)), float64(g.Likely.P50), 1)
	assert.Empty(t, known(fit(t, nil, nil, nil), 1, 31))
}

// The higher percentiles of an estimate follow those of measured pairs, at the upper end the worse ones.
func TestEstimate_percentiles(t *testing.T) {
	w := newTruth(40, 0, 6)
	shown, hidden := w.draw(8, 6)
	for i := range shown {
		r := &shown[i].RTT
		r.P95, r.P99 = r.P50*3/2, r.P50*2
		if i%10 == 0 {
			r.P99 = r.P50 * 5
		}
	}
	g, ok := fit(t, w.places, shown, nil).Estimate(hidden[0].A, hidden[0].B)
	require.True(t, ok)
	times := func(x, y topology.Micros) float64 { return float64(x) / float64(y) }
	assert.InDelta(t, 1.5, times(g.Likely.P95, g.Likely.P50), 0.01)
	assert.InDelta(t, 2, times(g.Likely.P99, g.Likely.P50), 0.01)
	assert.InDelta(t, 1.5, times(g.Upper.P95, g.Upper.P50), 0.01)
	assert.InDelta(t, 5, times(g.Upper.P99, g.Upper.P50), 0.01)
}

func TestFit_defects(t *testing.T) {
	nan := math.NaN()
	_, err := Fit(Problem{
		Places: []Place{{ID: "a"}, {ID: "a"}, {}, {ID: "b", Location: &topology.Location{Lat: nan}}, {ID: "c", Location: &topology.Location{Lon: 181}}},
		Observations: []latency.Observation{
			observe("a", "x", 1), observe("y", "b", 1), observe("b", "b", 1), observe("a", "b", 0), observe("a", "b", -1), observe("a", "b", 4e6),
		},
	}, &Options{Coverage: nan, MaxAge: -1, Only: "magic"})
	require.ErrorIs(t, err, ErrInvalid)
	assert.EqualError(t, err, `invalid input of an estimate: Coverage NaN is not above 0.5 and below 1
invalid input of an estimate: MaxAge -1ns is negative
invalid input of an estimate: Only "magic" is no family
invalid input of an estimate: places[1]: id: "a" is there twice
invalid input of an estimate: places[2]: id: is empty
invalid input of an estimate: places[3]: location: NaN, 0 is not on Earth
invalid input of an estimate: places[4]: location: 0, 181 is not on Earth
invalid input of an estimate: observations[0]: b: unknown place "x"
invalid input of an estimate: observations[1]: a: unknown place "y"
invalid input of an estimate: observations[2]: b: "b" is also a
invalid input of an estimate: observations[3]: rtt: must be 0 < p50 <= p95 <= p99 <= 1 h, not 0s, 0s, 0s
invalid input of an estimate: observations[4]: rtt: must be 0 < p50 <= p95 <= p99 <= 1 h, not -1ms, -1ms, -1ms
invalid input of an estimate: observations[5]: rtt: must be 0 < p50 <= p95 <= p99 <= 1 h, not 4000s, 4000s, 4000s`)
	_, err = Fit(Problem{}, &Options{MaxAge: 1})
	assert.EqualError(t, err, "invalid input of an estimate: MaxAge needs AsOf")
}

func BenchmarkEstimate(b *testing.B) {
	w := newTruth(60, 0.1, 1)
	shown, _ := w.draw(10, 1)
	e := fit(b, w.places, shown, nil)
	for b.Loop() {
		e.Estimate(id(1), id(2))
	}
}
