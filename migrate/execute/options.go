package execute

import (
	"errors"
	"fmt"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/topology"
)

// Options of an execution; nil means the defaults. Times of zero are the default, and negative ones are errors.
type Options struct {
	// Plan are the options that plans are made with.
	Plan *migrate.Options
	// Patience is how long a move may take, in thousandths of its predicted duration, until it counts as overdue; zero: 3000,
	// the most that migrate.Replay tries.
	Patience int64
	// Acknowledge is the time in which a start is to be acknowledged and a question answered; zero: 30 s, ten times what a
	// busy control plane takes, and little beside a move.
	Acknowledge topology.Micros
	// Looks is how often it is asked where a workload runs before that counts as unknown, and how often a move that is still
	// under way when it is overdue and cannot be called off is given as long again; zero: 3.
	Looks int
	// Retries is how often the moves of one workload may fail and be tried again; zero: 2, negative: never.
	Retries int
}

const (
	longest  topology.Micros = 365 * 24 * 3600 * 1_000_000 // a year
	mostTime                 = 100 * longest
)

// settled returns the options with the defaults in place.
func (o *Options) settled() (Options, error) {
	s := Options{Patience: 3000, Acknowledge: 30_000_000, Looks: 3, Retries: 2}
	if o == nil {
		return s, nil
	}
	s.Plan = o.Plan
	var errs []error
	bad := func(field string, value int64) {
		errs = append(errs, fmt.Errorf("%w: options: %s: %d is negative or out of range", migrate.ErrInvalid, field, value))
	}
	switch {
	case o.Patience < 0 || o.Patience > 1_000_000:
		bad("patience", o.Patience)
	case o.Patience > 0:
		s.Patience = o.Patience
	}
	switch {
	case o.Acknowledge < 0 || o.Acknowledge > longest:
		bad("acknowledge", int64(o.Acknowledge))
	case o.Acknowledge > 0:
		s.Acknowledge = o.Acknowledge
	}
	switch {
	case o.Looks < 0:
		bad("looks", int64(o.Looks))
	case o.Looks > 0:
		s.Looks = o.Looks
	}
	switch {
	case o.Retries < 0:
		s.Retries = 0
	case o.Retries > 0:
		s.Retries = o.Retries
	}
	return s, errors.Join(errs...)
}
