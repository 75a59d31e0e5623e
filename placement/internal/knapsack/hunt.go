package knapsack

import (
	"math"
	"math/rand/v2"
	"sync"
)

// hunter looks for assignments by itself: it dives from slightly different prices, mends what it found until that brings
// nothing any more, and dives again.
type hunter struct {
	mender
	base   *climb // of the whole
	best   []int32
	least  int64
	active bool  // there is something to mend
	dived  int64 // work of the last dive: mending may take as much without bringing anything
}

// hunt works until it has done so much, counted from the beginning.
func (h *hunter) hunt(work int64) {
	for h.work < work && !h.m.over() && h.least > h.base.bound+unit-1 {
		if !h.active {
			h.dive()
			h.active = true
		} else if h.step(); h.work-h.fresh > h.dived {
			h.active = false
		}
		if h.value < h.least {
			h.least = h.value
			h.best = append(h.best[:0], h.at...)
		}
	}
}

// dive starts again. The noise in prices is a part of what stands between bound and assignment, per item.
func (h *hunter) dive() {
	noise := math.Abs(float64(h.base.bound)) / 1000
	if h.best != nil {
		noise = float64(h.least - h.base.bound)
	}
	noise /= float64(h.m.items)
	u := append([]int64(nil), h.base.best...)
	for i := range u {
		u[i] += int64(noise * h.rng.NormFloat64())
	}
	t := newTree(h.m, math.MaxInt64, 0, 0)
	t.dive(u, 200, 20+10*h.rng.IntN(5), noise*float64(h.m.items)/4+unit)
	if t.least == math.MaxInt64/4 { // it was not let finish
		for i := range t.at {
			t.at[i] = -1
		}
	}
	h.dived = t.v.fill.work
	h.work += h.dived
	h.set(t.at)
}

// hunters are several that share nothing, so that it does not matter which of them is faster.
type hunters []*hunter

func newHunters(m *Model, base *climb, seed uint64, workers int) hunters {
	var all hunters
	for w := range max(1, workers) {
		h := &hunter{base: base, least: math.MaxInt64 / 4}
		h.m, h.u, h.rng = m, base.best, rand.New(rand.NewPCG(seed, uint64(w)))
		all = append(all, h)
	}
	return all
}

// hunt lets all of them work until each has done so much.
func (all hunters) hunt(work int64) {
	var wait sync.WaitGroup
	for _, h := range all {
		wait.Go(func() { h.hunt(work) })
	}
	wait.Wait()
}

// best returns the best that any of them has; the first of equals.
func (all hunters) best() *hunter {
	best := all[0]
	for _, h := range all[1:] {
		if h.least < best.least {
			best = h
		}
	}
	return best
}
