package latency

import (
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// Options of a graph. The zero value is usable.
type Options struct {
	// Observations override the estimate for their pair, for unrestricted traffic only: nobody knows which way a
	// measured packet went, so an observation proves nothing about a restricted Transit. Of several for one pair the
	// newest counts, and of equally new ones the slowest.
	Observations []Observation
	// AsOf is the time against which the age of measurements is judged; zero: the continuum's AsOf.
	AsOf time.Time
	// MaxAge is how old a measured link or observation may be. Older ones are dropped: a stale link carries no route, a
	// stale observation is ignored. Zero: no limit. A measurement from after AsOf is dropped likewise, and with a limit
	// also an observation that does not say when it was made.
	MaxAge time.Duration
	// Estimator guesses what is neither measured nor routed, for unrestricted traffic only. nil: it stays unknown. What it
	// says is marked: see [Leg].Estimated and [Row.Estimate].
	Estimator Estimator
}

// Observation is a measured end-to-end round trip between two nodes. It holds both ways.
type Observation struct {
	A, B    topology.NodeID
	RTT     topology.RTT
	At      time.Time // when; judged against Options.AsOf and MaxAge
	Source  string
	Assumed bool
}

// freshness judges the age of measurements.
type freshness struct {
	asOf   time.Time // zero: age is not judged
	maxAge time.Duration
}

// accepts judges a time; the zero time is as old as can be.
func (f freshness) accepts(at time.Time) bool {
	if f.asOf.IsZero() {
		return true
	}
	return !at.After(f.asOf) && (f.maxAge == 0 || !at.Add(f.maxAge).Before(f.asOf))
}

// link says whether a link may carry routes. One that was never measured is a planning figure and does not age.
func (f freshness) link(l *topology.Link) bool {
	return l.MeasuredAt.IsZero() || f.accepts(l.MeasuredAt)
}

// isAhead says whether a link is not fresh because it was measured later than what counts as now.
func (f freshness) isAhead(l *topology.Link) bool {
	return !f.asOf.IsZero() && l.MeasuredAt.After(f.asOf)
}
