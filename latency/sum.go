package latency

import (
	"math"

	"github.com/domicile-eu/domicile/topology"
)

// sum is the distribution of the sum of a route's hops. Adding hops in another order may change the last bit of a float,
// so everything adds them from the far end to the origin.
type sum struct {
	mean     uint64
	variance float64
	third    float64
	widest   int32 // the link with the greatest variance, the first of equals; -1 where nothing varies
	width    float64
}

// add adds to a sum the round trip of a link.
func (g *Graph) add(s *sum, link int32) {
	c := &g.line(link).cumulants
	s.mean += uint64(c.mean)
	s.variance += c.variance
	s.third += c.third
	if c.variance > s.width || c.variance == s.width && c.variance > 0 && g.earlier(link, s.widest) {
		s.widest, s.width = link, c.variance
	}
}

// percentile returns a percentile of the sum, of which s are the cumulants. See the package doc for the method.
func (g *Graph) percentile(s *sum, p Percentile) topology.Micros {
	q := matched(float64(s.mean), s.variance, s.third, p.z())
	if s.width > 0 {
		share := s.width / s.variance
		q += share * share * g.errorOf(s.widest, p)
	}
	return topology.Micros(max(math.Round(q), 0))
}

// errorOf returns what the matched form gets wrong about a link by itself.
func (g *Graph) errorOf(link int32, p Percentile) float64 {
	l := g.line(link)
	switch p {
	case P50:
		return l.errors[0]
	case P95:
		return l.errors[1]
	case P99:
		return l.errors[2]
	}
	return mismatch(&l.shape, &l.cumulants, p.z())
}

// mismatch is what a shape has at z beyond the form matched to its cumulants.
func mismatch(s *shape, c *cumulants, z float64) float64 {
	return s.at(z) - matched(float64(c.mean), c.variance, c.third, z)
}

// matched returns the quantile at z of the shifted log-normal with these cumulants; a negative third cumulant mirrors it
// and zero makes it normal. With w = e^(s^2), the skewness of a log-normal of exponent s is (w+2) sqrt(w-1), a cubic in
// y = sqrt(w-1) with the one real root below.
func matched(mean, variance, third, z float64) float64 {
	if variance <= 0 {
		return mean
	}
	deviation := math.Sqrt(variance)
	skewness := third / (variance * deviation)
	y := 2 * math.Sinh(math.Asinh(skewness/2)/3)
	if math.Abs(y) < 1e-6 {
		return mean + deviation*z
	}
	square := math.Log1p(y * y)
	exponent := math.Copysign(math.Sqrt(square), y)
	return mean + deviation/y*math.Expm1(exponent*z-square/2)
}
