package latency

import (
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// Percentile is a percentile in thousandths: 950 is the 95th. Files write p50, p95, p99, p99.9.
type Percentile int

// The percentiles that links state.
const (
	P50 Percentile = 500
	P95 Percentile = 950
	P99 Percentile = 990
)

// Observation is a measured end-to-end round trip between two nodes. It holds both ways.
type Observation struct {
	A, B    topology.NodeID
	RTT     topology.RTT
	At      time.Time // when; judged against Options.AsOf and MaxAge
	Source  string
	Assumed bool
}

// Options of a graph. The zero value is usable.
type Options struct {
	// Observations override the estimate for their pair, for unrestricted traffic only: nobody knows which way a
	// measured packet went, so an observation proves nothing about a restricted Transit.
	Observations []Observation
	// AsOf is the time against which the age of measurements is judged; zero: the continuum's AsOf.
	AsOf time.Time
	// MaxAge is how old a measured link or observation may be. Older ones are dropped: a stale link carries no route, a
	// stale observation is ignored. Zero: no limit. A measurement from after AsOf is dropped likewise.
	MaxAge time.Duration
}

// Leg is what is known about the way from a row's origin to one node.
type Leg struct {
	Mean topology.Micros
	// Egress is the price of carrying one GB along the route's links.
	Egress topology.MicroEUR
	// Observed says that the latencies come from an observation, not from a route.
	Observed bool
}

// Hop is one link of a route, in the direction of travel.
type Hop struct {
	Link          topology.LinkID
	From, To      topology.NodeID
	Operator      string
	Jurisdictions []topology.Jurisdiction
	Mean          topology.Micros
}

// Route is a way through the network.
type Route struct {
	From, To topology.NodeID
	Hops     []Hop // none where From is To
	Mean     topology.Micros
	// Bandwidth is the least bandwidth of its links in bit/s; math.MaxInt64 where there are no hops.
	Bandwidth int64
	// Egress is the price of carrying one GB along it.
	Egress topology.MicroEUR
	// Jurisdictions are all countries that its links and inner nodes cross, sorted.
	Jurisdictions []topology.Jurisdiction
}
