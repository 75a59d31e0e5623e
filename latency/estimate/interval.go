package estimate

import "math"

// spread says how far off guesses are, pair by pair, and how much of that an interval must take in.
type spread struct {
	terms        [4]float64 // what each of the signs of doubt below counts, at least 0
	noise        []float64  // mean absolute error of the logarithm at each place, drawn towards that of all
	lower, upper float64    // in units of size
	of           *heldOut   // what it was learnt from, and what it makes of each pair
	middle       []float64  // of the held-out pairs, without themselves
	sizes        []float64
	known        bool // whether there were enough held-out pairs to say
}

// signs are what tells a doubtful guess: a constant, how far the families are apart, how noisy the two places are, and how
// few pairs the lesser known of them has.
func signs(apart, noiseA, noiseB float64, degree int32) [4]float64 {
	return [4]float64{0.01, apart, math.Sqrt(noiseA * noiseB), 1 / float64(max(degree, 1))}
}

func (s *spread) size(x [4]float64) float64 {
	sum := 1e-4
	for i, v := range x {
		sum += s.terms[i] * v
	}
	return sum
}

// noiseWeight is with how many pairs' strength a place's noise is drawn towards that of all.
const noiseWeight = 5.0

// calibrate fits the size of errors to those on held-out pairs, then the ends of the interval so that each tail holds its
// share of them (conformalised, with a scale of its own for each pair as in Lei et al. 2018).
func (h *heldOut) calibrate(w *world, weights []float64, coverage float64) *spread {
	s := &spread{terms: [4]float64{1, 1, 1, 0.1}, middle: make([]float64, len(h.pair)), sizes: make([]float64, len(h.pair))}
	errs := make([]float64, len(h.pair)) // of the logarithm: true - guess
	apart := make([]float64, len(h.pair))
	row := make([]float64, len(weights))
	for k, pair := range h.pair {
		h.row(k, row)
		middle, a := mix(row, weights)
		errs[k], apart[k] = w.pairs[pair].log-middle, a
		s.middle[k] = middle
	}
	sum, count, mean := h.noises(w, errs)
	s.noise = make([]float64, w.n)
	for i := range s.noise {
		s.noise[i] = (sum[i] + noiseWeight*mean) / (count[i] + noiseWeight)
	}
	x := make([][4]float64, len(errs))
	for k, pair := range h.pair {
		p, e := w.pairs[pair], math.Abs(errs[k])
		without := func(i int32) float64 { // a pair does not vouch for itself
			return (sum[i] - e + noiseWeight*mean) / (count[i] - 1 + noiseWeight)
		}
		x[k] = signs(apart[k], without(p.a), without(p.b), h.degree[k])
	}
	s.weigh(x, errs)
	low, high := make([]float64, len(errs)), make([]float64, len(errs))
	for k, e := range errs {
		s.sizes[k] = s.size(x[k])
		high[k] = e / s.sizes[k]
		low[k] = -high[k]
	}
	tail := 1 - (1-coverage)/2
	lower, okL := upperOf(low, tail)
	upper, okU := upperOf(high, tail)
	s.lower, s.upper, s.known = max(lower, 0), max(upper, 0), okL && okU
	return s
}

// noises sums up the errors at each place, and returns the mean of all.
func (h *heldOut) noises(w *world, errs []float64) (sum, count []float64, mean float64) {
	sum, count = make([]float64, w.n), make([]float64, w.n)
	for k, pair := range h.pair {
		p, e := w.pairs[pair], math.Abs(errs[k])
		sum[p.a] += e
		sum[p.b] += e
		count[p.a]++
		count[p.b]++
		mean += e / float64(len(errs))
	}
	return sum, count, mean
}

// weigh fits the terms to the absolute errors: least squares over terms of at least zero, by coordinate descent.
func (s *spread) weigh(x [][4]float64, errs []float64) {
	const rounds = 100
	const ridge = 1e-6
	for range rounds {
		for i := range s.terms {
			num, den := 0.0, ridge
			for k := range x {
				rest := math.Abs(errs[k]) - s.size(x[k]) + s.terms[i]*x[k][i]
				weight := 1 / (x[k][2]*x[k][2] + 1e-4) // relative to what is usual there
				num += weight * rest * x[k][i]
				den += weight * x[k][i] * x[k][i]
			}
			s.terms[i] = max(num/den, 0)
		}
	}
	s.terms[0] = max(s.terms[0], 0.1)
}

// ends returns the interval around a guess.
func (s *spread) ends(middle, apart float64, a, b, degree int32) (low, high float64) {
	size := s.size(signs(apart, s.noise[a], s.noise[b], degree))
	return middle - s.lower*size, middle + s.upper*size
}
