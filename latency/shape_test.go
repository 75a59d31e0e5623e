package latency

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// hops are round trips as links state them: assumed radio and fibre, measured radio (DETERMINISTIC6G), and all that is
// degenerate.
var hops = map[string]topology.RTT{
	"radio":      ms(14, 30, 45),
	"lognormal":  ms(14, 30, 41.1),
	"cmwave":     ms(14.4, 17.2, 18.7),
	"mmwave":     ms(12, 27.4, 31.6),
	"oran-near":  ms(24, 48, 156),
	"oran-far":   ms(29, 226, 244),
	"tower":      ms(0.5, 0.8, 1.4),
	"metro":      ms(1.2, 1.7, 2.7),
	"national":   ms(9.3, 10.6, 12.6),
	"far":        ms(16.5, 18.6, 21.6),
	"overland":   ms(47.1, 57, 70),
	"constant":   ms(5, 5, 5),
	"body":       ms(10, 20, 20),
	"burst":      ms(10, 10, 60),
	"normal":     {P50: 10_000, P95: 11_645, P99: 12_326},
	"steep":      ms(1, 900, 901),
	"least":      {P50: 1, P95: 1, P99: 1},
	"almost":     {P50: 1, P95: 1, P99: 2},
	"greatest":   {P50: 1, P95: longest, P99: longest},
	"all-of-it":  {P50: longest, P95: longest, P99: longest},
	"wide-tail":  {P50: 1, P95: 2, P99: longest},
	"nearly-one": ms(10, 10.001, 10.002),
}

func TestShapeMeetsPercentiles(t *testing.T) {
	check := func(r topology.RTT) {
		s := newShape(r)
		require.InDelta(t, float64(r.P50), s.at(P50.z()), 1e-6)
		require.InDelta(t, float64(r.P95), s.at(z95), 1e-6*float64(r.P95))
		require.InDelta(t, float64(r.P99), s.at(z99), 1e-6*float64(r.P99), "%v", r)
		for before, p := -1.0, Percentile(1); p < 1000; p++ {
			q := s.at(p.z())
			if math.IsInf(q, 0) || !(q >= 0 && q >= before-1e-6*q) { // NaN is none of it
				t.Fatalf("%v at %v: %v after %v", r, p, q, before)
			}
			before = q
		}
	}
	for _, r := range hops {
		check(r)
	}
	rng := rand.New(rand.NewPCG(6, 1))
	draw := func() topology.Micros { return topology.Micros(rng.Int64N(int64(1) << (1 + rng.IntN(30)))) }
	for range 2000 {
		p50 := 1 + draw()
		p95 := min(p50+draw(), longest)
		check(topology.RTT{P50: min(p50, p95), P95: p95, P99: min(p95+draw(), longest)})
	}
}

// Within its limits the shape is one shifted log-normal.
func TestShapeIsLogNormal(t *testing.T) {
	const shift, median, exponent = 3000, 9000, 0.45
	at := func(z float64) float64 { return shift + median*math.Exp(exponent*z) }
	s := newShape(topology.RTT{P50: shift + median, P95: topology.Micros(at(z95) + 0.5), P99: topology.Micros(at(z99) + 0.5)})
	for z := -4.0; z <= 4; z += 0.25 {
		assert.InEpsilon(t, at(z), s.at(z), 2e-3, "z %v", z)
	}
}

// The quadrature agrees with a sum over a fine grid.
func TestCumulants(t *testing.T) {
	r := newRule()
	for name, rtt := range hops {
		s := newShape(rtt)
		got := r.of(&s)
		const steps = 200_000
		var weights, mean, square, cube float64
		for i := range steps {
			z := -end + (float64(i)+0.5)*2*end/steps
			w, d := math.Exp(-z*z/2), s.at(z)-s.p50
			weights += w
			mean += w * d
			square += w * d * d
			cube += w * d * d * d
		}
		mean, square, cube = mean/weights, square/weights, cube/weights
		variance, third := square-mean*mean, cube-3*mean*square+2*mean*mean*mean
		assert.InDelta(t, s.p50+mean, float64(got.mean), 0.51+1e-4*mean, name)
		assert.InDelta(t, variance, got.variance, 1e-3*variance, name)
		assert.InDelta(t, third, got.third, 2e-3*math.Pow(square, 1.5)+2e-3*math.Abs(third), name)
		assert.NotZero(t, got.mean, name)
	}
}

func TestMatched(t *testing.T) {
	t.Run("nothing varies", func(t *testing.T) {
		assert.Equal(t, 7.0, matched(7, 0, 0, 2))
	})
	t.Run("no skew is normal", func(t *testing.T) {
		assert.InDelta(t, 100+3*1.5, matched(100, 9, 0, 1.5), 1e-9)
		assert.InDelta(t, 100+3*1.5, matched(100, 9, 1e-4, 1.5), 1e-3)
	})
	t.Run("negative skew mirrors", func(t *testing.T) {
		assert.InDelta(t, -matched(0, 9, 20, -1.5), matched(0, 9, -20, 1.5), 1e-9)
	})
	t.Run("its own log-normal", func(t *testing.T) {
		const s = 0.6
		w := math.Exp(s * s)
		mean, variance := math.Sqrt(w), w*(w-1)
		third := (w + 2) * math.Sqrt(w-1) * math.Pow(variance, 1.5)
		for _, z := range []float64{-2, 0, 1, 3} {
			assert.InEpsilon(t, math.Exp(s*z), matched(mean, variance, third, z), 1e-9)
		}
	})
}
