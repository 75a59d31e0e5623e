package topology

import (
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// NodeID names a node of the network: a site, an access point or an exchange.
type NodeID string

// Node returns the site's node in the network.
func (id SiteID) Node() NodeID { return NodeID(id) }

// AccessPointID names an access point.
type AccessPointID string

// Node returns the access point's node in the network.
func (id AccessPointID) Node() NodeID { return NodeID(id) }

// AccessPoint is where demand enters: a city, a cell, a branch office.
type AccessPoint struct {
	ID       AccessPointID
	Name     string
	Country  Jurisdiction // empty: unknown
	City     string
	Location Location
	Assumed  []string
}

// Exchange is a node that only passes traffic on: an Internet exchange, a carrier hotel, a router.
type Exchange struct {
	ID       NodeID
	Name     string
	Country  Jurisdiction // empty: unknown, which restricted data may not cross
	City     string
	Location Location
	Assumed  []string
}

// LinkID names a link.
type LinkID string

// Link is a connection between two nodes that composes into routes. It carries traffic both ways alike, but for OneWay.
type Link struct {
	ID   LinkID // by default A--B; of several links between two nodes all but one need an ID of their own
	A, B NodeID
	// Operator is who carries the traffic. Empty is unknown, which a restricted data class may not cross.
	Operator string
	// Jurisdictions are all the countries that the link's path crosses, ends included, sorted. None is unknown, which a
	// restricted data class may not cross.
	Jurisdictions []Jurisdiction
	RTT           RTT
	OneWay        OneWay
	Bandwidth     int64    // bit/s, each way; 0: unknown
	Egress        MicroEUR // price of carrying one GB (10^9 bytes)
	// MeasuredAt is when RTT was last measured; zero: a planning figure that does not age.
	MeasuredAt time.Time
	Assumed    []string
}

// RTT is the distribution of a link's round trip, by three of its percentiles: 0 < P50 <= P95 <= P99 <= 1 hour.
type RTT struct{ P50, P95, P99 Micros }

// OneWay splits the median round trip of a link that is slower one way: from A to B and from B to A. The two add up to
// RTT.P50 exactly, so that there is one truth about the round trip, and each is above zero. The zero value is unknown,
// which is not half and half. Measured one-way medians seldom add up; scale them.
type OneWay struct{ AB, BA Micros }

// Known says whether the two ways are known.
func (o OneWay) Known() bool { return o != OneWay{} }

// check returns what is wrong with it as the split of a round trip, nil where nothing is.
func (o OneWay) check(r RTT) error {
	if !o.Known() || o.AB > 0 && o.BA > 0 && o.AB < r.P50 && o.BA == r.P50-o.AB {
		return nil
	}
	exact := func(m Micros) string { return quantity.Format(int64(m), quantity.Duration) }
	return fmt.Errorf("ab %s and ba %s must be above zero and add up to the p50 of rtt, %s", exact(o.AB), exact(o.BA), exact(r.P50))
}

// Check returns what is wrong with a round trip, nil where nothing is.
func (r RTT) Check() error {
	const hour = Micros(3600e6)
	if 0 < r.P50 && r.P50 <= r.P95 && r.P95 <= r.P99 && r.P99 <= hour {
		return nil
	}
	exact := func(m Micros) string { return quantity.Format(int64(m), quantity.Duration) }
	return fmt.Errorf("must be 0 < p50 <= p95 <= p99 <= 1 h, not %s, %s, %s", exact(r.P50), exact(r.P95), exact(r.P99))
}
