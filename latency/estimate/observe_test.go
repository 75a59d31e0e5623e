package estimate

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
)

// A place that nobody had measured joins; the version before knows nothing of it.
func TestObserve_newPlace(t *testing.T) {
	w := newTruth(60, 0, 7)
	shown, hidden := w.draw(10, 7)
	ofLast := func(o latency.Observation) bool { return o.B == id(59) }
	joining := slices.DeleteFunc(slices.Clone(shown), func(o latency.Observation) bool { return !ofLast(o) })
	hidden = slices.DeleteFunc(hidden, func(o latency.Observation) bool { return !ofLast(o) })
	before := fit(t, unlocated(w.places), slices.DeleteFunc(shown, ofLast), nil)
	settled, _ := before.Estimate(id(1), id(2))

	after, err := before.Observe(joining)
	require.NoError(t, err)
	middle, _ := judge(t, after, hidden)
	assert.Less(t, middle, 0.1)
	assert.Empty(t, after.Findings())
	assert.NotEqual(t, before.Digest(), after.Digest())

	_, ok := before.Estimate(id(1), id(59))
	assert.False(t, ok)
	again, _ := before.Estimate(id(1), id(2))
	assert.Equal(t, settled, again)
	same, err := before.Observe(joining)
	require.NoError(t, err)
	assert.Equal(t, after.Digest(), same.Digest())

	_, err = before.Observe([]latency.Observation{observe("p001", "nobody", 1)})
	assert.ErrorIs(t, err, ErrInvalid)
}

// A place whose access becomes 30 ms slower is followed.
func TestObserve_change(t *testing.T) {
	w := newTruth(40, 0, 8)
	shown, hidden := w.draw(8, 8)
	e := fit(t, w.places, shown, nil)
	var slower, check []latency.Observation
	for _, list := range [][]latency.Observation{shown, hidden} {
		for _, o := range list {
			if o.A == id(0) {
				next := observe(o.A, o.B, float64(o.RTT.P50)/1000+30)
				next.At = day.Add(time.Hour)
				if len(list) == len(shown) {
					slower = append(slower, next, next) // twice, so that they outweigh the one before
				} else {
					check = append(check, next)
				}
			}
		}
	}
	worse, _ := judge(t, e, check)
	after, err := e.Observe(slower)
	require.NoError(t, err)
	better, _ := judge(t, after, check)
	assert.Greater(t, worse, 0.3)
	assert.Less(t, better, 0.1)
	refit, _ := judge(t, after.Refit(time.Time{}), check)
	assert.Less(t, refit, 0.1)
}

func TestFindings(t *testing.T) {
	w := newTruth(50, 0.05, 9)
	shown, _ := w.draw(10, 9)
	at := func(ms float64, when time.Time) latency.Observation {
		o := observe(shown[0].A, shown[0].B, ms)
		o.At = when
		return o
	}
	ms := float64(shown[0].RTT.P50) / 1000
	list := slices.Clone(shown)
	wild := observe(shown[5].A, shown[5].B, 20*float64(shown[5].RTT.P50)/1000)
	list[5] = wild
	n := len(list)
	for k := range 6 {
		list = append(list, at(ms*(1+0.001*float64(k)), day))
	}
	list = append(list, at(ms*2, day), at(ms, day.Add(-48*time.Hour)), at(ms, day.Add(time.Second)))
	e := fit(t, w.places, list, &Options{AsOf: day, MaxAge: 24 * time.Hour})
	var got []string
	for _, f := range e.Findings() {
		got = append(got, fmt.Sprintf("%s %d", f.Kind, f.Sample))
		if f.Kind != Stale {
			assert.Greater(t, math.Abs(math.Log(float64(f.Measured)/float64(f.Expected))), math.Log(1.5))
		}
	}
	assert.Equal(t, []string{
		"unexpected 5", fmt.Sprintf("outlying %d", n+6), fmt.Sprintf("stale %d", n+7), fmt.Sprintf("stale %d", n+8),
	}, got)

	// what is found stale has no say
	without := fit(t, w.places, list[:n+7], &Options{AsOf: day, MaxAge: 24 * time.Hour})
	g, _ := e.Estimate(id(3), id(7))
	h, _ := without.Estimate(id(3), id(7))
	assert.Equal(t, g, h)
	assert.Equal(t, e.Digest(), without.Digest())

	// a day later nothing is left but what is by distance assumed
	later := e.Refit(day.Add(25 * time.Hour))
	g, _ = later.Estimate(id(3), id(7))
	assert.Equal(t, BasisPrior, g.Basis)

	after, err := e.Observe([]latency.Observation{wild, observe(shown[8].A, shown[8].B, float64(shown[8].RTT.P50)/1000)})
	require.NoError(t, err)
	require.Len(t, after.Findings(), 1)
	assert.Equal(t, Unexpected, after.Findings()[0].Kind)
}

func TestHistory_bounded(t *testing.T) {
	var h history
	for k := range 100 {
		o := observe("a", "b", 10+float64(k))
		o.At = day.Add(time.Duration(k) * time.Minute)
		h = h.with([]sample{newSample(o)})
	}
	assert.Len(t, h.samples, mostSamples)
	assert.Equal(t, day.Add(99*time.Minute), h.samples[mostSamples-1].at)
}
