package knapsack

import (
	"math"
	"slices"
)

// candidate is an item that pays at a site.
type candidate struct {
	profit int64   // above zero
	rate   float64 // profit per unit of weight
	weight int32
	item   int32
	in     bool
}

// filler solves 0/1 knapsacks exactly, with memory of its own that it uses again.
type filler struct {
	list  []candidate
	core  []int32 // candidates that are not decided
	best  []int64 // by room in use
	taken []uint64
	work  int64 // so far, about a nanosecond each
}

// fill marks the candidates that pay most together within the room, and returns what they pay. It fixes what linear bounds
// decide (Dembo and Hammer, A reduction algorithm for knapsack problems, 1980) and solves the rest by dynamic programming
// over the room: O(n log n + core x room).
func (f *filler) fill(room int32) int64 {
	list := f.list
	f.work += int64(len(list))
	total, sum := int64(0), int64(0)
	for k := range list {
		total += int64(list[k].weight)
		sum += list[k].profit
		list[k].in = true
	}
	if total <= int64(room) {
		return sum
	}
	for k := range list {
		list[k].rate = float64(list[k].profit) / float64(list[k].weight) // infinite where weightless
	}
	f.work += 8 * int64(len(list))
	slices.SortFunc(list, byRate)
	first, prefix, greedy := f.greedy(room)
	before := 0
	for k := range list[:first] {
		before += int(list[k].weight)
	}
	rest := int32(int(room) - before)
	// Sums in floating point are off by less than the slack.
	slack := 1 + math.Ldexp(float64(greedy+list[0].profit), -40)
	f.core = f.core[:0]
	free, fixed := room, int64(0)
	for k := range list {
		c := &list[k]
		var most float64
		if k < first {
			most = float64(prefix-c.profit) + float64(rest+c.weight)*list[first].rate
		} else {
			most = float64(prefix+c.profit) + float64(rest-c.weight)*list[first].rate
		}
		if c.weight != 0 && most+slack >= float64(greedy) {
			f.core = append(f.core, int32(k))
		} else if k < first {
			free -= c.weight
			fixed += c.profit
		}
	}
	if value := fixed + f.table(free); value > greedy {
		f.trace(free, first)
		return value
	}
	return greedy
}

// byRate puts what pays most per unit first.
func byRate(a, b candidate) int {
	switch {
	case a.rate > b.rate:
		return -1
	case a.rate < b.rate:
		return 1
	}
	return int(a.item - b.item)
}

// greedy takes candidates in order as long as they fit and marks them. It returns the first that did not fit, what those
// before it pay, and what all that fit pay.
func (f *filler) greedy(room int32) (first int, prefix, sum int64) {
	first = -1
	for k := range f.list {
		c := &f.list[k]
		c.in = c.weight <= room
		switch {
		case c.in:
			room -= c.weight
			sum += c.profit
		case first < 0:
			first, prefix = k, sum
		}
	}
	return first, prefix, sum
}

// table fills the core: best[r] is the most that the candidates looked at pay within r.
func (f *filler) table(room int32) int64 {
	n, words := int(room)+1, int(room)/64+1
	f.work += int64(n) * int64(len(f.core)+1)
	f.best = grown(f.best, n)
	f.taken = grown(f.taken, words*len(f.core))
	later := 0 // weight of the candidates that are still to come
	for _, at := range f.core {
		later += int(f.list[at].weight)
	}
	for k, at := range f.core {
		c := &f.list[at]
		later -= int(c.weight)
		w, taken := int(c.weight), f.taken[k*words:(k+1)*words]
		best := f.best[:n]
		for r := n - 1; r >= max(w, n-1-later); r-- { // what is below no longer matters
			if x := best[r-w] + c.profit; x > best[r] {
				best[r] = x
				taken[r>>6] |= 1 << (r & 63)
			}
		}
	}
	return f.best[room]
}

// trace marks what the table has taken.
func (f *filler) trace(room int32, first int) {
	for k := range f.list {
		f.list[k].in = k < first
	}
	words := int(room)/64 + 1
	for k := len(f.core) - 1; k >= 0; k-- {
		c := &f.list[f.core[k]]
		c.in = f.taken[k*words+int(room>>6)]>>(room&63)&1 != 0
		if c.in {
			room -= c.weight
		}
	}
}

// grown returns a slice of n zeros, in the memory of s where that is enough.
func grown[T int64 | uint64](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n+n/2)[:n]
	}
	s = s[:n]
	clear(s)
	return s
}
