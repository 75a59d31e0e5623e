package latency

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// Observer turns a stream of measured round trips into new versions of a graph, at a bounded rate and only when something
// changed. It keeps what was measured lately of each pair and each link in bounded memory, as p50, p95 and p99.
//
// It has no clock and starts no goroutine: the caller feeds samples with [Observer.Observe] and now and then asks for the
// [Observer.Next] version. Time is that of the newest sample; who has a clock, or does not trust the clocks of those who
// measure, tells it with [Observer.Advance]. The same calls in the same order give the same versions, and the order of
// samples between two calls of Next matters only to counters and where memory runs out.
//
// # What a figure is
//
// The samples of the last [ObserverOptions].Window of a pair's own time count alike, older ones not at all; they leave in
// quarters of it. A percentile is that of the nearest rank and at most 1/64 more than what was measured (where round
// trips are more than a factor of eight apart, 1/32 or 1/16), never less. So a p99 of 100 samples leaves out the worst, and what is
// measured twice in 100 times is no outlier but the tail. Rises are seen as soon as the slow share of the window makes up
// 5 or 1 %, falls once the slow ones left it. With fewer than MinSamples there is no figure. A figure stands until there
// is a new one or until MaxAge of the graph's options: it is as old as the newest sample in it, and goes the way of all
// measurements.
//
// # Concurrency
//
// All methods may be called at the same time. Observe holds a lock for about a microsecond; Next builds its version
// outside of it, one at a time, so that samples are taken meanwhile.
type Observer struct {
	opts ObserverOptions
	pane int64 // length in nanoseconds

	making sync.Mutex // held while a version is made

	mu      sync.Mutex // guards the rest
	graph   *Graph
	world   *topology.Continuum // what the next version is built on
	moved   bool                // world is not that of graph
	lost    bool                // a figure in graph is that of a pair not kept any more
	streams map[streamKey]*stream
	fresh   map[streamKey]*stream // those with samples that no version knows
	now     time.Time
	first   *topology.Continuum // as it was given
	clock   time.Time           // what Advance said last
	made    time.Time           // now of the last version
	since   int                 // samples since then
	expires time.Time           // when something that counts in graph gets too old; zero: never
	oldest  time.Time           // no stream's newest sample is older
	stats   ObserverStats
}

// ObserverOptions of [NewObserver]. The zero value is usable.
type ObserverOptions struct {
	// Graph are the options of all versions. Its observations stay in force where there is none newer; AsOf is for the
	// first version only. Without MaxAge a figure stands for ever.
	Graph Options
	// Window is how long samples count; zero: 10 minutes, in which a sample a second gives a p99 six samples above it.
	Window time.Duration
	// MinSamples is how many samples in the window make a figure; zero: 100, the fewest whose p99 is not their worst.
	MinSamples int
	// Every is the least time between two versions; zero: 30 seconds, as each costs a graph and all its rows.
	Every time.Duration
	// EverySamples is the least number of samples between two versions; zero: 1.
	EverySamples int
	// Change is by how many percent a percentile must differ from that of the last version to be worth a new one, and by
	// 50 microseconds at least; zero: 5.
	Change int
	// Most is how many pairs and links are kept; zero: 16,384. Each takes up to 6 KiB, most below 2.
	Most int
}

// Sample is one measured round trip: of a link, or from end to end.
type Sample struct {
	// A and B are the ends; a round trip holds both ways. With a Link they may be left out.
	A, B topology.NodeID
	Link topology.LinkID // empty: from end to end
	RTT  topology.Micros
	At   time.Time
}

// ObserverStats counts what became of samples.
type ObserverStats struct {
	Taken    uint64 `json:"taken"`
	Outliers uint64 `json:"outliers"` // of those taken, see [PairState]
	// Refused samples: of unknown nodes or links, with a round trip that is not positive or above an hour, with no usable
	// time, older than the window of their pair, from the future (as told by Advance), and of new pairs where there was
	// no room.
	Unknown uint64 `json:"unknown"`
	Invalid uint64 `json:"invalid"`
	Undated uint64 `json:"undated"`
	Late    uint64 `json:"late"`
	Early   uint64 `json:"early"`
	Full    uint64 `json:"full"`
	// Evicted are pairs without a sample for longer than the window that made room for others. The figure of a pair goes
	// with it; that of a link stays in the continuum.
	Evicted  uint64 `json:"evicted"`
	Versions uint64 `json:"versions"` // made so far, the first one not counted
}

// Refused is how many samples were refused.
func (s ObserverStats) Refused() uint64 {
	return s.Unknown + s.Invalid + s.Undated + s.Late + s.Early + s.Full
}

// NewObserver starts with the graph of a continuum and the given options. Errors are those of [New], and of options that
// cannot be, wrapped in [ErrInvalid].
func NewObserver(c *topology.Continuum, opts *ObserverOptions) (*Observer, error) {
	o := &Observer{world: c, streams: map[streamKey]*stream{}, fresh: map[streamKey]*stream{}}
	if opts != nil {
		o.opts = *opts
		o.opts.Graph.Observations = append([]Observation(nil), opts.Graph.Observations...)
	}
	var defects []error
	for _, f := range []struct {
		name     string
		negative bool
	}{
		{"Window", o.opts.Window < 0}, {"MinSamples", o.opts.MinSamples < 0}, {"Every", o.opts.Every < 0},
		{"EverySamples", o.opts.EverySamples < 0}, {"Change", o.opts.Change < 0}, {"Most", o.opts.Most < 0},
	} {
		if f.negative {
			defects = append(defects, fmt.Errorf("%w: %s is negative", ErrInvalid, f.name))
		}
	}
	o.setDefaults()
	g, err := nextVersion(nil, c, &o.opts.Graph)
	if err := errors.Join(append(defects, err)...); err != nil {
		return nil, err
	}
	o.first, o.graph, o.now, o.made = c, g, g.fresh.asOf, g.fresh.asOf
	o.expires = g.expiry()
	return o, nil
}

func (o *Observer) setDefaults() {
	set := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	set(&o.opts.MinSamples, 100)
	set(&o.opts.EverySamples, 1)
	set(&o.opts.Change, 5)
	set(&o.opts.Most, 16_384)
	if o.opts.Window == 0 {
		o.opts.Window = 10 * time.Minute
	}
	if o.opts.Every == 0 {
		o.opts.Every = 30 * time.Second
	}
	o.pane = max(int64(o.opts.Window)/panes, 1)
}

// nextVersion builds the version after another (nil: the first).
func nextVersion(_ *Graph, c *topology.Continuum, opts *Options) (*Graph, error) {
	return New(c, opts)
}

// Graph returns the last version.
func (o *Observer) Graph() *Graph {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.graph
}

// Stats returns what became of samples so far.
func (o *Observer) Stats() ObserverStats {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stats
}

// Advance says what time it is. From then on samples are refused that claim to come from more than a quarter of the window
// later, and at the first time those that came before it are forgotten with their pairs: one wrong clock must not carry all others into
// its time. Time does not go back: an earlier one is ignored.
func (o *Observer) Advance(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.After(o.clock) && usable(now) {
		if o.clock.IsZero() && o.now.Sub(now) > time.Duration(o.pane) {
			o.turnBack(now)
		}
		o.clock = now
	}
	if o.clock.After(o.now) {
		o.now = o.clock
	}
}

// turnBack forgets what claims to come from later than it is, and has a version made that does not know of it.
func (o *Observer) turnBack(now time.Time) {
	for k, t := range o.streams {
		if t.last.Sub(now) > time.Duration(o.pane) {
			delete(o.streams, k)
			delete(o.fresh, k)
		}
	}
	o.now, o.made = now, now
	o.world = o.first
	o.rewrite()
}

// usable says whether a time is one that a measurement may have, and that fits 64 bits of nanoseconds.
func usable(at time.Time) bool { return at.Year() >= 1970 && at.Year() < 2200 }

// Observe takes a sample, and says whether it counts. Those that do not are counted in [Observer.Stats]. O(1) but for a
// search among at most 192 buckets, and where there is no room at times a look at all pairs.
func (o *Observer) Observe(s Sample) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	k, ok := o.keyOf(s)
	switch {
	case !ok:
		o.stats.Unknown++
		return false
	case s.RTT <= 0 || s.RTT > longestRTT:
		o.stats.Invalid++
		return false
	case !usable(s.At):
		o.stats.Undated++
		return false
	case !o.clock.IsZero() && s.At.Sub(o.clock) > time.Duration(o.pane):
		o.stats.Early++
		return false
	}
	t := o.streams[k]
	if t == nil {
		if t = o.open(k, s.At); t == nil {
			o.stats.Full++
			return false
		}
	}
	if !t.take(s, o.pane) {
		o.stats.Late++
		return false
	}
	if t.outlying(s.RTT) {
		t.outliers++
		o.stats.Outliers++
	}
	o.fresh[k] = t
	o.stats.Taken++
	o.since++
	if s.At.After(o.now) {
		o.now = s.At
	}
	return true
}

// keyOf returns which stream a sample belongs to, false where it names what the continuum does not have.
func (o *Observer) keyOf(s Sample) (streamKey, bool) {
	a, b := s.A, s.B
	if s.Link != "" {
		l, ok := o.world.Link(s.Link)
		if !ok || !(a == "" && b == "" || a == l.A && b == l.B || a == l.B && b == l.A) {
			return streamKey{}, false
		}
		return streamKey{link: s.Link}, true
	}
	if b < a {
		a, b = b, a
	}
	_, _, okA := o.world.Place(a)
	_, _, okB := o.world.Place(b)
	return streamKey{a: a, b: b}, okA && okB && a != b
}

// open makes room for a stream, nil where there is none.
func (o *Observer) open(k streamKey, at time.Time) *stream {
	if len(o.streams) >= o.opts.Most && !o.evict() {
		return nil
	}
	if o.oldest.IsZero() || at.Before(o.oldest) {
		o.oldest = at
	}
	t := &stream{}
	o.streams[k] = t
	return t
}

// evict drops the stream that was silent for longest, if that is longer than the window. It looks at all of them only if one
// may be: the oldest that it remembers gets older only when it looks again.
func (o *Observer) evict() bool {
	silent := func(last time.Time) bool { return o.now.Sub(last) > o.opts.Window }
	if !silent(o.oldest) {
		return false
	}
	var worst streamKey
	var last time.Time
	for k, t := range o.streams {
		if last.IsZero() || t.last.Before(last) || t.last.Equal(last) && k.compare(worst) < 0 {
			worst, last = k, t.last
		}
	}
	o.oldest = last
	if !silent(last) {
		return false
	}
	o.lost = o.lost || o.streams[worst].spoken && worst.link == ""
	delete(o.streams, worst)
	delete(o.fresh, worst)
	o.stats.Evicted++
	return true
}
