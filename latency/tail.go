package latency

import (
	"math"

	"github.com/domicile-eu/domicile/topology"
)

// Tail is what adds up of independent round trips that follow each other, as far as one percentile of their sum needs it.
// The zero value is a round trip of no time.
type Tail struct {
	Mean     int64   // in microseconds, as are all others and their powers
	Variance float64 // second cumulant
	Third    float64 // third cumulant
	// Widest is the greatest variance of a single link or observation, Off what the form of the package doc gets wrong about
	// that one at the percentile that the tail was asked for.
	Widest, Off float64
}

// Plus returns the tail of one round trip after the other, both of one percentile. Sums of floats depend on their order:
// who compares adds up from the first one on.
func (t Tail) Plus(o Tail) Tail {
	if t.Mean += o.Mean; t.Mean < 0 && o.Mean > 0 {
		t.Mean = math.MaxInt64
	}
	t.Variance += o.Variance
	t.Third += o.Third
	if o.Widest > t.Widest || o.Widest == t.Widest && o.Off > t.Off {
		t.Widest, t.Off = o.Widest, o.Off
	}
	return t
}

// Latency returns the percentile of the round trip, which must be the one that the tails were asked for. It is
// math.MaxInt64, which meets no bound, where p is out of range.
func (t Tail) Latency(p Percentile) topology.Micros {
	if !p.valid() {
		return unknown
	}
	q := matched(float64(t.Mean), t.Variance, t.Third, p.z())
	if t.Widest > 0 {
		share := t.Widest / t.Variance
		q += share * share * t.Off
	}
	if !(q < math.MaxInt64) { // also where a cumulant is no number
		return unknown
	}
	return topology.Micros(max(math.Round(q), 0))
}

// Tail returns what adds up of the round trip to a node, on the way that [Row.Latency] takes at p, and false where that
// is unknown. Its own percentile is Row.Latency but for the last digits of a float. O(hops), as Row.Latency.
func (r *Row) Tail(to topology.NodeID, p Percentile) (Tail, bool) {
	node, ok := r.find(to)
	if !ok || !p.valid() {
		return unknownTail, false
	}
	if o := r.observation(node); o != nil {
		return r.g.tail(&o.shape, p), true
	}
	if r.sumTo(byMean, node) == unreached {
		e, ok := r.estimate(node)
		if !ok {
			return unknownTail, false
		}
		s := newShape(e.Upper)
		return r.g.tail(&s, p), true
	}
	_, w := r.best(node, p)
	s := r.sum(w, node)
	t := Tail{Mean: int64(s.mean), Variance: s.variance, Third: s.third}
	if s.width > 0 {
		t.Widest, t.Off = s.width, r.g.errorOf(s.widest, p)
	}
	return t, true
}

// unknownTail meets no bound, whoever forgets to ask whether it is known.
var unknownTail = Tail{Mean: math.MaxInt64}

// Shares says which of several round trips eats how much of the percentile of their sum: each its mean, and of what is
// above the sum of means (or below it) the share that its variance has in the sum's. The parts sum to the percentile.
func Shares(tails []Tail, p Percentile) []topology.Micros {
	var sum Tail
	for _, t := range tails {
		sum = sum.Plus(t)
	}
	parts := make([]part, len(tails))
	for i, t := range tails {
		parts[i] = part{topology.Micros(t.Mean), t.Variance}
	}
	return split(sum.Latency(p), topology.Micros(sum.Mean), sum.Variance, parts)
}

// part is one of several round trips that follow each other.
type part struct {
	mean     topology.Micros
	variance float64
}

// split divides a total among the parts that it is of.
func split(total, mean topology.Micros, variance float64, parts []part) []topology.Micros {
	out := make([]topology.Micros, len(parts))
	varied, given := 0.0, topology.Micros(0) // so far along the way
	for i, p := range parts {
		varied += p.variance
		upTo := total - mean
		if i < len(parts)-1 && variance > 0 {
			upTo = topology.Micros(math.Round(float64(upTo) * min(varied/variance, 1)))
		}
		out[i] = p.mean + upTo - given
		given = upTo
	}
	return out
}
