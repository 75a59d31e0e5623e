package latency

import (
	"math"

	"github.com/domicile-eu/domicile/topology"
)

// The limits of a shape's exponent. A log-normal of exponent 1.5 has p99 - p50 three times p95 - p50; a longer tail gets
// a scale of its own instead of a larger exponent, whose moments would be those of events that nobody ever measured. An
// exponent below -1 (p95 and p99 nearly equal) would crowd half of all round trips at p95.
const (
	leastExponent = -1.0
	mostExponent  = 1.5
)

var (
	z95 = P95.z()
	z99 = P99.z()
)

// shape is the distribution of a round trip, as its quantile function over the standard normal quantile z. In
// microseconds.
type shape struct {
	p50, p95 float64
	exponent float64 // of both parts above the median
	mid      float64 // scale from p50 to p95
	tail     float64 // scale from p95 on
	drop     float64 // p50 less the floor
	fall     float64 // exponent below the median
}

// newShape fits a shape to three percentiles, which it meets exactly.
func newShape(r topology.RTT) shape {
	s := shape{p50: float64(r.P50), p95: float64(r.P95)}
	body, rest := float64(r.P95-r.P50), float64(r.P99-r.P95)
	if body == 0 && rest == 0 {
		return s
	}
	s.exponent = fitExponent((body + rest) / body) // +Inf where body is 0
	s.mid = body / growth(s.exponent, z95)
	s.tail = rest / growth(s.exponent, z99-z95)
	if natural := s.mid / s.exponent; s.exponent > 0 && natural <= s.p50 {
		s.drop, s.fall = natural, s.exponent
	} else {
		s.drop, s.fall = s.p50, min(s.mid/s.p50, 1)
	}
	return s
}

// at returns the quantile at the standard normal quantile z.
func (s *shape) at(z float64) float64 {
	switch {
	case z < 0:
		return s.p50 + s.drop*math.Expm1(s.fall*z)
	case z <= z95:
		return s.p50 + s.mid*growth(s.exponent, z)
	default:
		return s.p95 + s.tail*growth(s.exponent, z-z95)
	}
}

// growth is (e^(sz) - 1) / s, and z where s is 0.
func growth(s, z float64) float64 {
	if math.Abs(s) < 1e-9 {
		return z
	}
	return math.Expm1(s*z) / s
}

// fitExponent solves growth(s, z99) / growth(s, z95) = ratio for s, within the limits. The left side grows with s, so
// that bisection finds it; its logarithm is nearly straight, so that chords (regula falsi, Illinois) find it sooner.
func fitExponent(ratio float64) float64 {
	off := func(s float64) float64 { return math.Log(growth(s, z99) / growth(s, z95) / ratio) }
	lo, hi := leastExponent, mostExponent
	below, above := off(lo), off(hi)
	if below >= 0 {
		return lo
	}
	if above <= 0 {
		return hi
	}
	side := 0 // where the last chord ended; the end that stays twice counts half, or it would stay for ever
	for range 50 {
		s := (lo*above - hi*below) / (above - below)
		switch o := off(s); {
		case math.Abs(o) < 1e-13:
			return s
		case o < 0:
			lo, below = s, o
			if side < 0 {
				above /= 2
			}
			side = -1
		default:
			hi, above = s, o
			if side > 0 {
				below /= 2
			}
			side = 1
		}
	}
	return (lo + hi) / 2
}
