package estimate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// ErrInvalid is wrapped by every defect of a problem, of options and of observations.
var ErrInvalid = errors.New("invalid input of an estimate")

// Problem is what is known.
type Problem struct {
	// Places are all that may be asked about, in any order.
	Places []Place
	// Observations are measured round trips between them, in any order; several of one pair are a history.
	Observations []latency.Observation
}

// Place is a node and where it stands.
type Place struct {
	ID       topology.NodeID
	Location *topology.Location // nil: unknown
}

// Places are all nodes of a continuum. Where a location is assumed it is not known: to guess from it would make a guess a fact.
func Places(c *topology.Continuum) []Place {
	var out []Place
	add := func(id topology.NodeID, at topology.Location, assumed []string) {
		p := Place{ID: id}
		if !slices.Contains(assumed, "location") {
			p.Location = &at
		}
		out = append(out, p)
	}
	for s := range c.Sites() {
		add(s.ID.Node(), s.Location, s.Assumed)
	}
	for a := range c.AccessPoints() {
		add(a.ID.Node(), a.Location, a.Assumed)
	}
	for x := range c.Exchanges() {
		add(x.ID, x.Location, x.Assumed)
	}
	return out
}

// Options say how to fit. nil is the defaults.
type Options struct {
	// Seed of all that is drawn.
	Seed uint64
	// Coverage is the share of pairs that intervals are to hold, above 0.5 and below 1. Zero: 0.9, which 40 held-out pairs
	// can already show, and of which every twentieth pair is slower than the upper end. More widens the interval quickly.
	Coverage float64
	// AsOf and MaxAge say which observations are stale: older than MaxAge at AsOf, or later than AsOf. They are left out and
	// found as such, see [Estimator.Findings]. Zero: nothing is.
	AsOf   time.Time
	MaxAge time.Duration
	// Only restricts the guess to one family. Empty: the combination of all but Vivaldi.
	Only Family
}

const defaultCoverage = 0.9

// check returns what is wrong with the options.
func (o *Options) check() (defects []error) {
	if c := o.Coverage; c != 0 && !(c > 0.5 && c < 1) {
		defects = append(defects, fmt.Errorf("%w: Coverage %v is not above 0.5 and below 1", ErrInvalid, c))
	}
	if o.MaxAge < 0 {
		defects = append(defects, fmt.Errorf("%w: MaxAge %v is negative", ErrInvalid, o.MaxAge))
	}
	if o.MaxAge > 0 && o.AsOf.IsZero() {
		defects = append(defects, fmt.Errorf("%w: MaxAge needs AsOf", ErrInvalid))
	}
	switch o.Only {
	case "", Plane, Space, Globe, Product, Curve, Vivaldi:
	default:
		defects = append(defects, fmt.Errorf("%w: Only %q is no family", ErrInvalid, string(o.Only)))
	}
	return defects
}

// stale says whether an observation does not count, in the manner of latency.Options.
func (o *Options) stale(at time.Time) bool {
	if o.AsOf.IsZero() {
		return false
	}
	return at.After(o.AsOf) || o.MaxAge > 0 && at.Add(o.MaxAge).Before(o.AsOf)
}

// checkPlaces returns what is wrong with the places.
func checkPlaces(places []Place) (defects []error) {
	seen := make(map[topology.NodeID]bool, len(places))
	for i, p := range places {
		bad := func(format string, args ...any) {
			defects = append(defects, fmt.Errorf("%w: places[%d]: %s", ErrInvalid, i, fmt.Sprintf(format, args...)))
		}
		if p.ID == "" {
			bad("id: is empty")
		} else if seen[p.ID] {
			bad("id: %q is there twice", string(p.ID))
		}
		seen[p.ID] = true
		// NaN fails both comparisons
		if l := p.Location; l != nil && !(math.Abs(l.Lat) <= 90 && math.Abs(l.Lon) <= 180) {
			bad("location: %v, %v is not on Earth", l.Lat, l.Lon)
		}
	}
	return defects
}

// checkObservations returns what is wrong with observations between places by index.
func checkObservations(list []latency.Observation, index map[topology.NodeID]int32) (defects []error) {
	for i, o := range list {
		bad := func(err error) {
			defects = append(defects, fmt.Errorf("%w: observations[%d]: %w", ErrInvalid, i, err))
		}
		a, okA := index[o.A]
		b, okB := index[o.B]
		if !okA {
			bad(fmt.Errorf("a: unknown place %q", string(o.A)))
		}
		if !okB {
			bad(fmt.Errorf("b: unknown place %q", string(o.B)))
		}
		if okA && okB && a == b {
			bad(fmt.Errorf("b: %q is also a", string(o.B)))
		}
		if err := o.RTT.Check(); err != nil {
			bad(fmt.Errorf("rtt: %w", err))
		}
	}
	return defects
}
