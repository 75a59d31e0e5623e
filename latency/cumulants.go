package latency

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// cumulants are what of a distribution adds up along a route, in microseconds and their powers.
type cumulants struct {
	mean     uint32 // rounded, at least 1: routes are decided by it
	variance float64
	third    float64
}

// end is where shapes end: the standard normal quantile of one in a million.
var end = math.Sqrt2 * math.Erfinv(1-2e-6)

// rule is a quadrature over the standard normal: points and weights that sum to one.
type rule struct{ z, weight []float64 }

// newRule makes a rule that is smooth where shapes are: below the median, up to p95, and beyond. Sixteen points a part
// integrate the third power of the steepest shape to a millionth.
func newRule() *rule {
	const points = 16
	r := &rule{z: make([]float64, 3*points), weight: make([]float64, 3*points)}
	sum := 0.0
	for i, part := range [3][2]float64{{-end, 0}, {0, z95}, {z95, end}} {
		z, weight := r.z[i*points:(i+1)*points], r.weight[i*points:(i+1)*points]
		quad.Legendre{}.FixedLocations(z, weight, part[0], part[1])
		for j := range z {
			weight[j] *= math.Exp(-z[j] * z[j] / 2)
			sum += weight[j]
		}
	}
	for i := range r.weight {
		r.weight[i] /= sum
	}
	return r
}

// of returns the cumulants of a shape.
func (r *rule) of(s *shape) cumulants {
	if s.mid == 0 && s.tail == 0 {
		return cumulants{mean: uint32(s.p50)}
	}
	mean, square, cube := 0.0, 0.0, 0.0 // of the difference from the median
	for i, z := range r.z {
		d, w := s.at(z)-s.p50, r.weight[i]
		mean += w * d
		square += w * d * d
		cube += w * d * d * d
	}
	return cumulants{
		mean:     uint32(min(max(math.Round(s.p50+mean), 1), unreached-1)),
		variance: max(square-mean*mean, 0),
		third:    cube - 3*mean*square + 2*mean*mean*mean,
	}
}
