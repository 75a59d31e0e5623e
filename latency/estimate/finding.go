package estimate

import (
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Kind says what is odd about a sample.
type Kind string

// The kinds. Only stale samples are left out; the others count as one among those of their pair, of which the middle one
// stands for it.
const (
	Stale      Kind = "stale"      // older than MaxAge, or later than AsOf
	Outlying   Kind = "outlying"   // far from the other samples of its pair
	Unexpected Kind = "unexpected" // far from what all other pairs say about its pair
)

// Finding is an odd sample.
type Finding struct {
	Kind     Kind
	Sample   int // index into the observations that were given
	A, B     topology.NodeID
	Measured topology.Micros
	Expected topology.Micros // by the pair's other samples, or by the other pairs; 0 where it is stale
}

// unexpected is how many times its interval a sample may be off before it is found odd: what no honest pair in a thousand
// shows, so that in a world of many pairs the list stays short.
const unexpected = 3.0

// heldOutEnds answers with what the other pairs say about one, for find.
func (e *Estimator) heldOutEnds() func(key) (middle, low, high float64, ok bool) {
	at := map[key]int{}
	if e.spread != nil {
		for k, pair := range e.spread.of.pair {
			at[key{e.w.pairs[pair].a, e.w.pairs[pair].b}] = k
		}
	}
	return func(k key) (middle, low, high float64, ok bool) {
		i, ok := at[k]
		if !ok {
			return 0, 0, 0, false
		}
		s := e.spread
		return s.middle[i], s.middle[i] - s.lower*s.sizes[i], s.middle[i] + s.upper*s.sizes[i], true
	}
}

// find returns the odd samples among observations that have been taken in. expected gives the guess about a pair and the
// ends of its interval as logarithms, without the pair itself where that can be had.
func (e *Estimator) find(list []latency.Observation, expected func(key) (middle, low, high float64, ok bool)) []Finding {
	var out []Finding
	for i, o := range list {
		f := Finding{Sample: i, A: o.A, B: o.B, Measured: o.RTT.P50}
		if e.opts.stale(o.At) {
			f.Kind = Stale
			out = append(out, f)
			continue
		}
		s, k := newSample(o), e.key(o)
		h := e.histories[k]
		if h.odd(s) {
			center, _ := h.middle()
			f.Kind, f.Expected = Outlying, micros(center)
			out = append(out, f)
			continue
		}
		middle, low, high, ok := expected(k)
		if ok && (s.log < middle-unexpected*(middle-low) || s.log > middle+unexpected*(high-middle)) {
			f.Kind, f.Expected = Unexpected, micros(middle)
			out = append(out, f)
		}
	}
	return out
}
