package estimate

import (
	"math"
	"math/rand/v2"
)

// euclid embeds the places: a round trip is the distance of two points and the heights of both (Dabek et al. 2004, "Vivaldi:
// A Decentralized Network Coordinate System"). Where the original adds noise to spread points, this starts from random ones.
type euclid struct {
	dim    int
	point  []float64 // dim a place, ms
	height []float64 // ms, above 0
}

// leastRTT keeps logarithms away from zero, in ms.
const leastRTT = 0.001

// newEuclid starts from random points about as far apart as the round trips are long.
func newEuclid(w *world, dim int, rng *rand.Rand) *euclid {
	e := &euclid{dim: dim, point: make([]float64, dim*w.n), height: make([]float64, w.n)}
	scale := typical(w.pairs)
	for i := range e.point {
		e.point[i] = rng.NormFloat64() * scale / 2
	}
	for i := range e.height {
		e.height[i] = scale / 20
	}
	return e
}

func (e *euclid) at(i int32) []float64 { return e.point[int(i)*e.dim : (int(i)+1)*e.dim] }

// length returns the guess in ms, and the part of it that is not height.
func (e *euclid) length(a, b int32) (rtt, flat float64) {
	p, q := e.at(a), e.at(b)
	for k := range p {
		d := p[k] - q[k]
		flat += d * d
	}
	flat = math.Sqrt(flat)
	return flat + e.height[a] + e.height[b], flat
}

func (e *euclid) guess(a, b int32) float64 {
	rtt, _ := e.length(a, b)
	return math.Log(max(rtt, leastRTT))
}

// vivaldi runs the algorithm of the paper: each sample pulls its ends by a share of the error that shrinks as the local
// error does. O(rounds x pairs x dim).
func (e *euclid) vivaldi(w *world, rounds int, rng *rand.Rand) {
	const ce, cc = 0.25, 0.25
	local := make([]float64, w.n)
	for i := range local {
		local[i] = 1
	}
	order := indices(len(w.pairs))
	for range rounds {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, k := range order {
			p := w.pairs[k]
			rtt, flat := e.length(p.a, p.b)
			wrong := min(math.Abs(rtt-p.rtt)/p.rtt, 10)
			share := local[p.a] / max(local[p.a]+local[p.b], 1e-9)
			local[p.a] += (wrong - local[p.a]) * ce * share
			local[p.b] += (wrong - local[p.b]) * ce * (1 - share)
			e.pull(p, p.rtt-rtt, flat, cc*share, cc*(1-share))
		}
	}
}

// pull moves the ends of a pair by shares of what is missing.
func (e *euclid) pull(p pair, missing, flat, shareA, shareB float64) {
	rtt := flat + e.height[p.a] + e.height[p.b]
	x, y := e.at(p.a), e.at(p.b)
	if flat > 0 {
		// of the vector (point, height), as the paper has it: the height takes its part of the length
		for k := range x {
			d := missing * (x[k] - y[k]) / max(rtt, leastRTT)
			x[k] += shareA * d
			y[k] -= shareB * d
		}
	}
	high := missing * (e.height[p.a] + e.height[p.b]) / max(rtt, leastRTT)
	e.height[p.a] = max(e.height[p.a]+shareA*high, leastRTT)
	e.height[p.b] = max(e.height[p.b]+shareB*high, leastRTT)
}

// polish minimises the absolute error of logarithms (smoothed), which is what a relative error asks for, by Adam's
// descent over all pairs with a falling step. O(rounds x pairs x dim).
func (e *euclid) polish(w *world, rounds int) { e.polishSome(w, rounds, nil) }

// polishSome moves some places only; nil: all.
func (e *euclid) polishSome(w *world, rounds int, moving []bool) {
	m := len(e.point) + len(e.height)
	gradient := make([]float64, m)
	a := newAdam(m)
	scale := typical(w.pairs)
	for round := range rounds {
		clear(gradient)
		for _, p := range w.pairs {
			e.slope(p, gradient)
		}
		e.freeze(gradient, moving)
		rate := scale * 0.03 * math.Pow(0.02, float64(round)/float64(rounds))
		a.step(gradient, rate)
		for i := range e.point {
			e.point[i] -= a.move[i]
		}
		for i := range e.height {
			e.height[i] = max(e.height[i]-a.move[len(e.point)+i], leastRTT)
		}
	}
}

// freeze takes the places that do not move out of a gradient.
func (e *euclid) freeze(gradient []float64, moving []bool) {
	for i, moves := range moving {
		if !moves {
			clear(gradient[i*e.dim : (i+1)*e.dim])
			gradient[len(e.point)+i] = 0
		}
	}
}

// slope adds a pair's part to the gradient.
func (e *euclid) slope(p pair, gradient []float64) {
	rtt, flat := e.length(p.a, p.b)
	rtt = max(rtt, leastRTT)
	d := math.Log(rtt) - p.log
	g := d / math.Sqrt(d*d+smooth*smooth) / rtt
	x, y := e.at(p.a), e.at(p.b)
	if flat > 0 {
		for k := range x {
			s := g * (x[k] - y[k]) / flat
			gradient[int(p.a)*e.dim+k] += s
			gradient[int(p.b)*e.dim+k] -= s
		}
	}
	gradient[len(e.point)+int(p.a)] += g
	gradient[len(e.point)+int(p.b)] += g
}

// smooth is the error of a logarithm below which the loss is about square.
const smooth = 0.05

// adam is the state of Adam's descent (Kingma and Ba 2015).
type adam struct {
	first, second, move []float64
	steps               float64
}

func newAdam(m int) *adam {
	return &adam{first: make([]float64, m), second: make([]float64, m), move: make([]float64, m)}
}

func (a *adam) step(gradient []float64, rate float64) {
	const b1, b2 = 0.9, 0.99
	a.steps++
	c1, c2 := 1-math.Pow(b1, a.steps), 1-math.Pow(b2, a.steps)
	for i, g := range gradient {
		a.first[i] = b1*a.first[i] + (1-b1)*g
		a.second[i] = b2*a.second[i] + (1-b2)*g*g
		a.move[i] = 0
		if s := math.Sqrt(a.second[i] / c2); s > 0 {
			a.move[i] = rate * a.first[i] / c1 / s
		}
	}
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// typical returns the geometric mean of the round trips, 1 where there are none.
func typical(pairs []pair) float64 {
	sum := 0.0
	for _, p := range pairs {
		sum += p.log
	}
	return math.Exp(sum / float64(max(len(pairs), 1)))
}
