package latency

import (
	"math"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// sketch counts round trips by their size, in buckets that are at most 1/64 of their lower end wide: an exponent of two and
// the next six bits. That is the log-linear histogram of HdrHistogram, kept sparse. When there are more than mostBuckets,
// the scale falls by one bit and neighbours become one, as in OpenTelemetry's exponential histogram. What it holds depends
// on which round trips were added, not on their order.
type sketch struct {
	coarse  uint8 // how many of the six bits are gone
	buckets []bucket
	count   uint32
}

type bucket struct {
	index uint16
	count uint32
}

const (
	sketchBits  = 6
	mostBuckets = 192 // round trips of a factor of 8 apart, all different, keep the full scale
)

// indexOf returns the bucket of a round trip, which must be positive.
func indexOf(rtt topology.Micros, coarse uint8) uint16 {
	x := uint64(rtt)
	exponent := bits.Len64(x) - 1
	fraction := x << (63 - exponent) << 1 >> (64 - sketchBits)
	return uint16(exponent<<sketchBits|int(fraction)) >> coarse
}

// topOf returns the longest round trip of a bucket.
func topOf(index uint16, coarse uint8) topology.Micros {
	next := (uint64(index) + 1) << coarse
	exponent, fraction := next>>sketchBits, next&(1<<sketchBits-1)
	from := uint64(1)<<exponent + fraction<<exponent>>sketchBits
	if from<<sketchBits>>exponent < 1<<sketchBits+fraction { // a bound between two integers
		from++
	}
	return topology.Micros(from - 1)
}

// add counts a round trip. O(buckets).
func (s *sketch) add(rtt topology.Micros) { s.put(bucket{indexOf(rtt, s.coarse), 1}) }

func (s *sketch) put(b bucket) {
	if s.count > math.MaxUint32-b.count {
		return // it has seen enough
	}
	s.count += b.count
	i, ok := slices.BinarySearchFunc(s.buckets, b.index, func(b bucket, index uint16) int { return int(b.index) - int(index) })
	if ok {
		s.buckets[i].count += b.count
		return
	}
	s.buckets = slices.Insert(s.buckets, i, b)
	for len(s.buckets) > mostBuckets {
		s.coarsen()
	}
}

// coarsen makes buckets twice as wide.
func (s *sketch) coarsen() {
	s.coarse++
	out := s.buckets[:0]
	for _, b := range s.buckets {
		b.index >>= 1
		if n := len(out); n > 0 && out[n-1].index == b.index {
			out[n-1].count += b.count
			continue
		}
		out = append(out, b)
	}
	s.buckets = out
}

// merge adds all that another sketch holds.
func (s *sketch) merge(o *sketch) {
	for s.coarse < o.coarse {
		s.coarsen()
	}
	for _, b := range o.buckets {
		s.put(bucket{b.index >> (s.coarse - o.coarse), b.count}) // s may coarsen as it grows
	}
}

// rtt returns three percentiles, by nearest rank, each the longest round trip of its bucket: at least what was seen.
func (s *sketch) rtt() topology.RTT {
	at := func(p Percentile) topology.Micros {
		rank := (uint64(s.count)*uint64(p) + 999) / 1000
		for _, b := range s.buckets {
			if uint64(b.count) >= rank {
				return min(topOf(b.index, s.coarse), longestRTT)
			}
			rank -= uint64(b.count)
		}
		return longestRTT
	}
	return topology.RTT{P50: at(P50), P95: at(P95), P99: at(P99)}
}

// longestRTT is the longest round trip that a link or an observation may state.
const longestRTT topology.Micros = 3600e6
