package estimate

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// factors explain a symmetric table of figures by products of short vectors, one a place for each role:
// (l(a).r(b) + l(b).r(a)) / 2. Found by alternating ridge regression.
type factors struct {
	rank        int
	left, right []float64 // rank a place
}

// entry is a known figure of the table and how much it counts.
type entry struct {
	a, b          int32
	value, weight float64
}

func (f *factors) at(a, b int32) float64 {
	i, j := int(a)*f.rank, int(b)*f.rank
	sum := 0.0
	for k := range f.rank {
		sum += f.left[i+k]*f.right[j+k] + f.left[j+k]*f.right[i+k]
	}
	return sum / 2
}

// factorise fits factors to entries. Weights should be about one; ridge counts as that many entries that say zero. O(rounds
// x (entries x rank^2 + n x rank^3)).
func factorise(n, rank int, entries []entry, ridge float64, rounds int, robust float64, rng *rand.Rand) *factors {
	f := &factors{rank: rank, left: make([]float64, n*rank), right: make([]float64, n*rank)}
	for i := range f.left {
		f.left[i] = rng.NormFloat64() * 0.1
		f.right[i] = rng.NormFloat64() * 0.1
	}
	of := byPlace(n, entries)
	s := newSolver(rank)
	weights := make([]float64, len(entries))
	for i, e := range entries {
		weights[i] = e.weight
	}
	for round := range rounds {
		if robust > 0 && round > 0 {
			for i, e := range entries {
				d := e.value - f.at(e.a, e.b)
				weights[i] = e.weight * robust / math.Sqrt(d*d+robust*robust)
			}
		}
		f.solve(s, f.left, f.right, of, entries, weights, ridge)
		f.solve(s, f.right, f.left, of, entries, weights, ridge)
	}
	return f
}

// solve finds the best vectors of one role for given ones of the other.
func (f *factors) solve(s *solver, out, given []float64, of [][]int32, entries []entry, weights []float64, ridge float64) {
	for i, list := range of {
		if list == nil {
			continue
		}
		s.reset(ridge)
		for _, k := range list {
			e := entries[k]
			other := int(e.a) ^ int(e.b) ^ i
			s.add(given[other*f.rank:(other+1)*f.rank], e.value, weights[k])
		}
		s.solve(out[i*f.rank : (i+1)*f.rank])
	}
}

// settle returns factors in which some places have found new vectors, given those of the others.
func (f *factors) settle(entries []entry, ridge float64, moving []bool) *factors {
	c := &factors{rank: f.rank, left: slices.Clone(f.left), right: slices.Clone(f.right)}
	of := byPlace(len(moving), entries)
	for i, moves := range moving {
		if !moves {
			of[i] = nil
		}
	}
	s := newSolver(f.rank)
	weights := make([]float64, len(entries))
	for i, e := range entries {
		weights[i] = e.weight
	}
	for range settleFactors {
		c.solve(s, c.left, c.right, of, entries, weights, ridge)
		c.solve(s, c.right, c.left, of, entries, weights, ridge)
	}
	return c
}

// settleFactors is how often the vectors of places that move are solved for.
const settleFactors = 5

// byPlace lists the entries of each place.
func byPlace(n int, entries []entry) [][]int32 {
	of := make([][]int32, n)
	for k, e := range entries {
		of[e.a] = append(of[e.a], int32(k))
		of[e.b] = append(of[e.b], int32(k))
	}
	return of
}

// solver is a small ridge regression.
type solver struct {
	size   int
	normal *mat.SymDense
	target *mat.VecDense
	out    *mat.VecDense
	chol   mat.Cholesky
}

func newSolver(size int) *solver {
	return &solver{size: size, normal: mat.NewSymDense(size, nil), target: mat.NewVecDense(size, nil), out: mat.NewVecDense(size, nil)}
}

func (s *solver) reset(ridge float64) {
	s.normal.Zero()
	s.target.Zero()
	for k := range s.size {
		s.normal.SetSym(k, k, ridge)
	}
}

func (s *solver) add(x []float64, y, weight float64) {
	raw, t := s.normal.RawSymmetric(), s.target.RawVector().Data
	for i, xi := range x {
		row := raw.Data[i*raw.Stride:]
		for j := i; j < s.size; j++ {
			row[j] += weight * xi * x[j]
		}
		t[i] += weight * xi * y
	}
}

// solve writes the solution, or zeros where there is none.
func (s *solver) solve(out []float64) {
	if s.chol.Factorize(s.normal) && s.chol.SolveVecTo(s.out, s.target) == nil {
		copy(out, s.out.RawVector().Data)
		return
	}
	clear(out)
}
