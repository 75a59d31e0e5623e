package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// Options of a plan; nil means the defaults.
type Options struct {
	// SiteMoves is how many moves may run at once into, and as many out of, one site; zero: 4, between the 2 of KubeVirt and
	// the 30 of OpenNebula.
	SiteMoves int
	// Setup is the time a move takes before and after the copying; zero: 5 s, negative: none. The default is assumed.
	Setup topology.Micros
}

const (
	defaultSiteMoves = 4
	defaultSetup     = 5_000_000
)

// settled returns the options with the defaults in place.
func (o *Options) settled() (Options, error) {
	s := Options{SiteMoves: defaultSiteMoves, Setup: defaultSetup}
	if o == nil {
		return s, nil
	}
	if o.SiteMoves < 0 {
		return s, fmt.Errorf("%w: options: siteMoves: %d is negative", ErrInvalid, o.SiteMoves)
	}
	if o.SiteMoves > 0 {
		s.SiteMoves = o.SiteMoves
	}
	switch {
	case o.Setup < 0:
		s.Setup = 0
	case o.Setup > longest:
		return s, fmt.Errorf("%w: options: setup: longer than a year", ErrInvalid)
	case o.Setup > 0:
		s.Setup = o.Setup
	}
	return s, nil
}
