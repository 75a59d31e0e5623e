package estimate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// truth is a world of which all is known: places in Europe, each with an access of its own, cables that are longer than the
// line of sight, and noise.
type truth struct {
	places []Place
	rtt    [][]float64 // ms
}

func newTruth(n int, noise float64, seed uint64) *truth {
	rng := rand.New(rand.NewPCG(seed, 99))
	w := &truth{rtt: make([][]float64, n)}
	access := make([]float64, n)
	for i := range n {
		w.places = append(w.places, Place{id(i), &topology.Location{Lat: 36 + 28*rng.Float64(), Lon: -9 + 39*rng.Float64()}})
		access[i] = 0.2 + 2*rng.ExpFloat64()
		w.rtt[i] = make([]float64, n)
	}
	for i := range n {
		for j := range i {
			floor := Distance(*w.places[i].Location, *w.places[j].Location) * microsPerKm / 1000
			// nothing is faster than light, noise included
			x := floor + (0.6*floor+access[i]+access[j])*math.Exp(noise*rng.NormFloat64())
			w.rtt[i][j], w.rtt[j][i] = x, x
		}
	}
	return w
}

func id(i int) topology.NodeID { return topology.NodeID(fmt.Sprintf("p%03d", i)) }

func observe(a, b topology.NodeID, ms float64) latency.Observation {
	us := topology.Micros(math.Round(ms * 1000))
	return latency.Observation{A: a, B: b, RTT: topology.RTT{P50: us, P95: us, P99: us}, At: day}
}

// draw shows each place's round trips to some others, and hides the rest.
func (w *truth) draw(neighbours int, seed uint64) (shown, hidden []latency.Observation) {
	rng := rand.New(rand.NewPCG(seed, 98))
	n := len(w.places)
	drawn := map[[2]int]bool{}
	for i := range n {
		left := neighbours
		for _, j := range rng.Perm(n) {
			if j != i && left > 0 {
				drawn[[2]int{min(i, j), max(i, j)}] = true
				left--
			}
		}
	}
	for i := range n {
		for j := i + 1; j < n; j++ {
			o := observe(id(i), id(j), w.rtt[i][j])
			if drawn[[2]int{i, j}] {
				shown = append(shown, o)
			} else {
				hidden = append(hidden, o)
			}
		}
	}
	return shown, hidden
}

func unlocated(places []Place) []Place {
	out := make([]Place, len(places))
	for i, p := range places {
		out[i] = Place{ID: p.ID}
	}
	return out
}

func fit(t testing.TB, places []Place, observations []latency.Observation, opts *Options) *Estimator {
	t.Helper()
	e, err := Fit(Problem{places, observations}, opts)
	require.NoError(t, err)
	return e
}

// judge returns the median relative error and the share inside the interval; every pair must be known.
func judge(t testing.TB, e *Estimator, hidden []latency.Observation) (middle, coverage float64) {
	t.Helper()
	var errs []float64
	in := 0
	for _, o := range hidden {
		g, ok := e.Estimate(o.A, o.B)
		require.True(t, ok)
		require.LessOrEqual(t, g.Lower, g.Likely.P50)
		require.LessOrEqual(t, g.Likely.P50, g.Upper.P50)
		errs = append(errs, math.Abs(float64(g.Likely.P50-o.RTT.P50))/float64(o.RTT.P50))
		if g.Lower <= o.RTT.P50 && o.RTT.P50 <= g.Upper.P50 {
			in++
		}
	}
	return median(errs), float64(in) / float64(len(hidden))
}
