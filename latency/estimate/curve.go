package estimate

import "math"

// curve is how round trips grow with distance: the prior, times a factor that bends smoothly with the distance.
type curve struct {
	w      *world
	factor []float64 // logarithm of the factor at each knot
}

// knots are distances in km between which the factor's logarithm is interpolated; outside it stays.
var knots = [...]float64{30, 100, 300, 700, 1500, 3000, 6000, 12000}

const (
	curveRounds = 20
	// curveRidge ties each knot to the median factor with the strength of that many pairs.
	curveRidge = 2.0
)

// newCurve fits the factor to the pairs whose ends are located, minimising the (smoothed) absolute error of logarithms by
// reweighting. O(pairs).
func newCurve(w *world) *curve {
	c := &curve{w: w, factor: make([]float64, len(knots))}
	var off []float64
	var at [][2]float64 // knot and share of the next
	for _, p := range w.pairs {
		if w.located(p.a, p.b) {
			off = append(off, p.log-c.prior(p.a, p.b))
			k, share := knot(w.distance(p.a, p.b))
			at = append(at, [2]float64{float64(k), share})
		}
	}
	middle := median(off)
	s, x := newSolver(len(knots)), make([]float64, len(knots))
	for range curveRounds {
		s.reset(curveRidge)
		for i, y := range off {
			k, share := int(at[i][0]), at[i][1]
			clear(x)
			x[k] = 1 - share
			if share > 0 {
				x[k+1] = share
			}
			d := y - middle - dot(x, c.factor)
			s.add(x, y-middle, smooth/math.Sqrt(d*d+smooth*smooth))
		}
		s.solve(c.factor)
	}
	for k := range c.factor {
		c.factor[k] += middle
	}
	return c
}

// knot returns the knot below a distance and how far it is to the next one.
func knot(km float64) (int, float64) {
	x := math.Log(max(km, 1e-3))
	for k := range len(knots) - 1 {
		lo, hi := math.Log(knots[k]), math.Log(knots[k+1])
		if x < hi {
			return k, max(x-lo, 0) / (hi - lo)
		}
	}
	return len(knots) - 1, 0
}

// prior is the logarithm of [Prior] in ms.
func (c *curve) prior(a, b int32) float64 {
	return math.Log((routeFactor*c.w.distance(a, b)*microsPerKm + overhead) / 1000)
}

func (c *curve) guess(a, b int32) float64 {
	k, share := knot(c.w.distance(a, b))
	out := c.prior(a, b) + c.factor[k]*(1-share)
	if share > 0 {
		out += c.factor[k+1] * share
	}
	return out
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}
