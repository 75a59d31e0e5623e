package latency

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// streamKey is what is measured: a link, or a pair in order.
type streamKey struct {
	link topology.LinkID
	a, b topology.NodeID
}

func (k streamKey) compare(o streamKey) int {
	return cmp.Or(cmp.Compare(k.link, o.link), cmp.Compare(k.a, o.a), cmp.Compare(k.b, o.b))
}

// panes is in how many parts the window moves on.
const panes = 4

// stream is what was measured of one pair or link.
type stream struct {
	panes  [panes]sketch // by number of the pane, modulo
	newest int64         // number of the newest pane
	first  bool          // there is one
	last   time.Time     // of the newest sample

	spoken   bool
	written  bool         // the continuum has it, of a link
	rtt      topology.RTT // in the last version, if spoken
	at       time.Time    // how new that is
	outliers uint64
}

// take counts a sample in the pane of its time, false where that has left the window.
func (t *stream) take(s Sample, pane int64) bool {
	n := s.At.UnixNano() / pane
	switch {
	case !t.first:
		t.first, t.newest = true, n
	case n <= t.newest-panes:
		return false
	case n > t.newest:
		for i := max(t.newest+1, n-panes+1); i <= n; i++ {
			t.panes[i%panes] = sketch{}
		}
		t.newest = n
	}
	t.panes[n%panes].add(s.RTT)
	if s.At.After(t.last) {
		t.last = s.At
	}
	return true
}

// all is what is in the window.
func (t *stream) all() (s sketch) {
	for i := range t.panes {
		s.merge(&t.panes[i])
	}
	return s
}

// figure returns the percentiles of the window, if there are enough samples in it.
func (t *stream) figure(least int) (topology.RTT, bool) {
	s := t.all()
	if uint64(s.count) < uint64(least) {
		return topology.RTT{}, false
	}
	return s.rtt(), true
}

// outlying says whether a round trip is far from what is known: less than half the median, or above the 99th percentile
// by more than three times what that is above the median, and than half the median.
func (t *stream) outlying(rtt topology.Micros) bool {
	if !t.spoken {
		return false
	}
	return rtt < t.rtt.P50/2 || rtt > t.rtt.P99+max(3*(t.rtt.P99-t.rtt.P50), t.rtt.P50/2)
}

// leastChange is a difference that is never worth a new version.
const leastChange topology.Micros = 50

// differs says whether a percentile differs by more than so many percent.
func differs(before, after topology.RTT, percent int) bool {
	off := func(x, y topology.Micros) bool {
		d := y - x
		if d < 0 {
			d = -d
		}
		return d > leastChange && float64(d) > float64(x)*float64(percent)/100
	}
	return off(before.P50, after.P50) || off(before.P95, after.P95) || off(before.P99, after.P99)
}

// PairState is what an [Observer] knows of one pair or link.
type PairState struct {
	A    topology.NodeID `json:"a,omitempty"` // ends, in order; none of a link
	B    topology.NodeID `json:"b,omitempty"`
	Link topology.LinkID `json:"link,omitempty"`
	// Samples in the window, and when the newest was measured.
	Samples int       `json:"samples"`
	Last    time.Time `json:"last"`
	// RTT is the figure in the last version, where Known says that there is one.
	RTT   topology.RTT `json:"rtt"`
	Known bool         `json:"known"`
	// Stale says that there was no sample for longer than the window: what is known is what was.
	Stale bool `json:"stale,omitempty"`
	// Outliers are the samples so far that were less than half the known p50, or beyond p99 by more than half of p50 and
	// three times p99 - p50. They count like all others, since a tail that is seen again is one: two in 100 are the p99.
	Outliers uint64 `json:"outliers,omitempty"`
}

// Pairs returns the state of all pairs and links that are kept, pairs first, in order. O(pairs log pairs).
func (o *Observer) Pairs() []PairState {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := make([]PairState, 0, len(o.streams))
	for _, k := range slices.SortedFunc(maps.Keys(o.streams), streamKey.compare) {
		t := o.streams[k]
		samples := 0
		for i := range t.panes {
			samples += int(t.panes[i].count)
		}
		out = append(out, PairState{
			A: k.a, B: k.b, Link: k.link, Samples: samples, Last: t.last, RTT: t.rtt, Known: t.spoken,
			Stale: o.now.Sub(t.last) > o.opts.Window, Outliers: t.outliers,
		})
	}
	return out
}
