package estimate

import (
	"math/rand/v2"
	"slices"
)

// folds is how many parts the pairs are held out in. Models of nine tenths of the pairs stand for those of all: with four
// fifths, intervals were up to 3 % short of pairs on small matrices; more parts cost more.
const folds = 10

// leastPairs is how many measured pairs the network models need. Below it there are more unknowns than figures.
const leastPairs = 60

// leastDegree is how many measured pairs a place needs to take part in the network models.
const leastDegree = 3

// split deals the pairs out to folds.
func (w *world) split(seed uint64) []int {
	out := make([]int, len(w.pairs))
	for i, k := range rand.New(rand.NewPCG(seed, 1)).Perm(len(out)) {
		out[k] = i % folds
	}
	return out
}

// without returns the world that has not seen a fold.
func (w *world) without(fold int, of []int) *world {
	part := &world{n: w.n, where: w.where}
	for k, p := range w.pairs {
		if of[k] != fold {
			part.pairs = append(part.pairs, p)
		}
	}
	return part
}

// parts tells which places the network models can relate: those of one part, by number; -1 where a place has too few
// measured pairs for any.
func (w *world) parts() []int32 {
	alive := make([]bool, w.n)
	for i := range alive {
		alive[i] = true
	}
	degree := w.degrees()
	for i, d := range degree {
		alive[i] = d >= leastDegree
	}
	root := make([]int32, w.n)
	for i := range root {
		root[i] = int32(i)
	}
	find := func(i int32) int32 {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, p := range w.pairs {
		if a, b := find(p.a), find(p.b); alive[p.a] && alive[p.b] && a != b {
			root[max(a, b)] = min(a, b)
		}
	}
	out := make([]int32, w.n)
	size := make([]int, w.n)
	for i := range out {
		out[i] = find(int32(i))
		size[out[i]]++
	}
	for i := range out {
		if !alive[i] || size[out[i]] < leastDegree+1 {
			out[i] = -1
		}
	}
	return out
}

// related says whether the network models can say anything about a pair.
func related(parts []int32, a, b int32) bool { return parts[a] >= 0 && parts[a] == parts[b] }

// heldOut are guesses about pairs that the models had not seen.
type heldOut struct {
	pair    []int       // of the world, ascending
	guesses [][]float64 // by family, then as pair
	degree  []int32     // the lesser of both ends' in the fold
	sample  []model     // the models of one fold, and what they relate
	parts   []int32
}

// holdOut guesses each pair from the others.
func (w *world) holdOut(families []Family, seed uint64) *heldOut {
	of := w.split(seed)
	models := make([][]model, folds)
	parts := make([][]int32, folds)
	degrees := make([][]int, folds)
	for fold := range folds {
		part := w.without(fold, of)
		parts[fold], degrees[fold] = part.parts(), part.degrees()
		models[fold] = part.fitAll(families, seed, fold+1)
	}
	h := &heldOut{guesses: make([][]float64, len(families)), sample: models[0], parts: parts[0]}
	for k, p := range w.pairs {
		fold := of[k]
		if !related(parts[fold], p.a, p.b) {
			continue
		}
		h.pair = append(h.pair, k)
		h.degree = append(h.degree, int32(min(degrees[fold][p.a], degrees[fold][p.b])))
		for f, m := range models[fold] {
			h.guesses[f] = append(h.guesses[f], guessOf(w, families[f], m, p.a, p.b))
		}
	}
	return h
}

// fitAll fits families, each with a random source of its own.
func (w *world) fitAll(families []Family, seed uint64, fold int) []model {
	out := make([]model, len(families))
	for i, f := range families {
		name := uint64(slices.Index(combined, f) + 2)
		out[i] = w.fit(f, rand.New(rand.NewPCG(seed, uint64(fold)<<8|name)))
	}
	return out
}
