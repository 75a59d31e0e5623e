package estimate

import "math"

// blend is the geometric mean of the families, by weights learnt on pairs that were held out.
type blend struct {
	w        *world
	families []Family
	models   []model
	weights  []float64 // at least 0, of sum 1
}

// none is the guess of a family that has nothing to say about a pair.
var none = math.NaN()

func guessOf(w *world, f Family, m model, a, b int32) float64 {
	if f == Curve && !w.located(a, b) {
		return none
	}
	return m.guess(a, b)
}

// guess returns the blend and how far the families are apart: the weighted mean of their absolute deviations.
func (b *blend) guess(x, y int32) (middle, apart float64) {
	guesses := make([]float64, len(b.models))
	for i, m := range b.models {
		guesses[i] = guessOf(b.w, b.families[i], m, x, y)
	}
	return mix(guesses, b.weights)
}

// mix leaves out families that have nothing to say.
func mix(guesses, weights []float64) (middle, apart float64) {
	sum := 0.0
	for i, g := range guesses {
		if !math.IsNaN(g) {
			middle += weights[i] * g
			sum += weights[i]
		}
	}
	if sum <= 0 {
		return none, 0
	}
	middle /= sum
	for i, g := range guesses {
		if !math.IsNaN(g) {
			apart += weights[i] / sum * math.Abs(g-middle)
		}
	}
	return middle, apart
}

// learn finds the weights that minimise the mean (smoothed) absolute error of the logarithm over held-out pairs: a convex
// function on a simplex, by exponentiated gradients (Kivinen and Warmuth 1997). O(rounds x pairs x families).
func (h *heldOut) learn(w *world) []float64 {
	const rounds, rate = 300, 6.0
	weights := make([]float64, len(h.guesses))
	for i := range weights {
		weights[i] = 1 / float64(len(weights))
	}
	mean := make([]float64, len(weights))
	gradient := make([]float64, len(weights))
	row := make([]float64, len(weights))
	for round := range rounds {
		clear(gradient)
		for k, pair := range h.pair {
			h.row(k, row)
			middle, _ := mix(row, weights)
			d := middle - w.pairs[pair].log
			slope := d / math.Sqrt(d*d+smooth*smooth)
			for f, g := range row {
				if !math.IsNaN(g) {
					gradient[f] += slope * (g - middle)
				}
			}
		}
		sum := 0.0
		for f := range weights {
			step := rate / math.Sqrt(float64(round+1)) * gradient[f] / float64(max(len(h.pair), 1))
			weights[f] *= math.Exp(-min(max(step, -1), 1))
			sum += weights[f]
		}
		for f := range weights {
			weights[f] /= sum
			if round >= rounds/2 { // the way there does not count
				mean[f] += weights[f] / (rounds - rounds/2)
			}
		}
	}
	return mean
}

// row writes the guesses of all families about held-out pair k.
func (h *heldOut) row(k int, out []float64) {
	for f := range out {
		out[f] = h.guesses[f][k]
	}
}
