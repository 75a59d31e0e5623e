package estimate

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// history is the running distribution of one pair: its last samples.
type history struct {
	samples []sample // in order of time, then size; at most mostSamples
}

type sample struct {
	at  time.Time
	rtt topology.RTT
	log float64 // of the median in ms
}

const (
	// mostSamples bounds a history. A pair of which more is known is known well enough.
	mostSamples = 32
	// leastHistory is how many samples a pair needs before one of them can be odd.
	leastHistory = 5
	// oddness is how many robust standard deviations a sample may be off, leastSpread the least there is of one (2 %), since
	// quiet pairs repeat themselves to the microsecond.
	oddness, leastSpread = 6.0, 0.02
)

func newSample(o latency.Observation) sample {
	return sample{o.At, o.RTT, math.Log(float64(o.RTT.P50) / 1000)}
}

func (s sample) compare(t sample) int {
	if c := s.at.Compare(t.at); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(s.rtt.P50, t.rtt.P50), cmp.Compare(s.rtt.P95, t.rtt.P95), cmp.Compare(s.rtt.P99, t.rtt.P99))
}

// with returns the history that also holds new samples; the old one stays as it is.
func (h history) with(more []sample) history {
	all := slices.Concat(h.samples, more)
	slices.SortStableFunc(all, sample.compare)
	return history{slices.Clone(all[max(0, len(all)-mostSamples):])}
}

// middle and deviation of the samples, of logarithms, both robust.
func (h history) middle() (center, deviation float64) {
	logs := make([]float64, len(h.samples))
	for i, s := range h.samples {
		logs[i] = s.log
	}
	center = median(logs)
	for i := range logs {
		logs[i] = math.Abs(logs[i] - center)
	}
	return center, max(1.4826*median(logs), leastSpread)
}

// odd says whether a sample does not fit the pair's history.
func (h history) odd(s sample) bool {
	if len(h.samples) < leastHistory {
		return false
	}
	center, deviation := h.middle()
	return math.Abs(s.log-center) > oddness*deviation
}

// typical returns the sample that stands for the pair: the one in the middle (the slower of two), in which a few odd ones
// have no say.
func (h history) typical() sample {
	sorted := slices.Clone(h.samples)
	slices.SortStableFunc(sorted, func(s, t sample) int { return cmp.Compare(s.log, t.log) })
	return sorted[len(sorted)/2]
}
