package migrate

import (
	"errors"
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// Options of a plan; nil means the defaults.
type Options struct {
	// SiteMoves is how many moves may run at once into, and as many out of, one site; zero: 4, between the 2 of KubeVirt and
	// the 30 of OpenNebula.
	SiteMoves int
	// Moves is how many moves may run at once in all, ProviderMoves into, and as many out of, the sites of one provider,
	// LinkMoves over one link, both directions together. Zero: no limit.
	Moves, ProviderMoves, LinkMoves int
	// Setup is the time a move takes before and after the copying; zero: 5 s, negative: none. The default is assumed.
	Setup topology.Micros
	// Ready is from when on a site can be entered, such as after its boot; a site that is not listed: from the start.
	Ready map[topology.SiteID]topology.Micros
	// Running are the moves that are on their way when the plan starts.
	Running []Running
	// Start is the instant of the plan's time 0; zero: Problem.AsOf. Calendars and deadlines are meant by it.
	Start time.Time
	// Calendars say when moves may run, Deadlines by when they have to be over, Disruptions how many workloads of a group
	// may be on the move at once, and Before which moves go first.
	Calendars   []Calendar
	Deadlines   []Deadline
	Disruptions []Disruption
	Before      []Precedence
	// Passes is how often the timetable is made anew to shorten it; zero: as often as fits in a fraction of a second by a
	// count of steps, negative: once. Seed varies what is tried.
	Passes int
	Seed   uint64
}

const (
	defaultSiteMoves = 4
	defaultSetup     = 5_000_000
)

// settled returns the options with the defaults in place.
func (o *Options) settled() (Options, error) {
	if o == nil {
		o = &Options{}
	}
	s := *o
	var errs []error
	for _, cap := range []struct {
		name string
		n    int
	}{{"siteMoves", o.SiteMoves}, {"moves", o.Moves}, {"providerMoves", o.ProviderMoves}, {"linkMoves", o.LinkMoves}} {
		if cap.n < 0 {
			errs = append(errs, fmt.Errorf("%w: options: %s: %d is negative", ErrInvalid, cap.name, cap.n))
		}
	}
	if s.SiteMoves == 0 {
		s.SiteMoves = defaultSiteMoves
	}
	switch {
	case o.Setup < 0:
		s.Setup = 0
	case o.Setup > longest:
		errs = append(errs, fmt.Errorf("%w: options: setup: longer than a year", ErrInvalid))
	case o.Setup == 0:
		s.Setup = defaultSetup
	}
	for _, site := range sortedKeys(o.Ready) {
		if at := o.Ready[site]; at < 0 || at > longest {
			errs = append(errs, fmt.Errorf("%w: options: ready.%s: %d is negative or more than a year", ErrInvalid, site, at))
		}
	}
	return s, errors.Join(errs...)
}
