package estimate

import (
	"math"
	"math/rand/v2"
)

// spread says how far off guesses are, pair by pair, and how much of that an interval must take in.
type spread struct {
	terms        [4]float64 // what each of the signs of doubt below counts, at least 0
	noise        []float64  // mean absolute error of the logarithm at each place, drawn towards that of all
	lower, upper float64    // in units of size
	of           *heldOut   // what it was learnt from, and what it makes of each pair
	middle       []float64  // of the held-out pairs, without themselves
	sizes        []float64
	inflate      float64 // how much farther apart the families are in a fold than with all pairs
	known        bool    // whether there were enough held-out pairs to say
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
	s := &spread{terms: [4]float64{1, 1, 1, 0.1}, inflate: 1, middle: make([]float64, len(h.pair)), sizes: make([]float64, len(h.pair))}
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

// mostCompared bounds the pairs that match looks at.
const mostCompared = 4000

// match makes up for that models of all pairs agree more than those of a fold, which the interval was learnt from, while their
// errors hardly shrink: it compares the two on random pairs that neither has seen.
func (s *spread) match(b *blend, parts []int32, seed uint64) {
	fold := &blend{b.w, b.families, s.of.sample, b.weights}
	measured := make(map[key]bool, len(b.w.pairs))
	for _, p := range b.w.pairs {
		measured[key{p.a, p.b}] = true
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	less, all := 0.0, 0.0
	for range mostCompared {
		k := key{rng.Int32N(int32(b.w.n)), rng.Int32N(int32(b.w.n))}
		if k.a >= k.b || measured[k] || !related(parts, k.a, k.b) || !related(s.of.parts, k.a, k.b) {
			continue
		}
		_, apart := fold.guess(k.a, k.b)
		less += apart
		_, apart = b.guess(k.a, k.b)
		all += apart
	}
	if all > 0 {
		s.inflate = max(less/all, 1)
	}
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
	size := s.size(signs(s.inflate*apart, s.noise[a], s.noise[b], degree))
	return middle - s.lower*size, middle + s.upper*size
}
