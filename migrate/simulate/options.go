package simulate

import (
	"errors"
	"fmt"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/topology"
)

// Options of a simulator; nil means no failures and durations from half to three times what was predicted. Chances are in
// thousandths.
type Options struct {
	Seed uint64
	// Fastest and Slowest bound the factor on predicted durations, in thousandths; zero: 500 and 3000, as in migrate.Replay.
	Fastest, Slowest int64
	// Delay is the longest that a command or a report is on its way; zero: 100 ms.
	Delay topology.Micros

	Fail      int // of a move: it fails, at any time from its start to its end
	Hang      int // of a move: it never ends by itself
	Silent    int // of a report: it never arrives
	Deaf      int // of a command: it never arrives
	Late      int // of a report: it arrives up to ten minutes late
	Duplicate int // of a command or a report: it arrives twice
}

func (o *Options) settled() (Options, error) {
	s := Options{}
	if o != nil {
		s = *o
	}
	var errs []error
	if s.Fastest == 0 {
		s.Fastest = 500
	}
	if s.Slowest == 0 {
		s.Slowest = max(3000, s.Fastest)
	}
	if s.Fastest < 0 || s.Slowest < s.Fastest || s.Slowest > 1_000_000 {
		errs = append(errs, fmt.Errorf("%w: options: factors from %d to %d thousandths", migrate.ErrInvalid, s.Fastest, s.Slowest))
	}
	if s.Delay == 0 {
		s.Delay = 100_000
	}
	if s.Delay < 0 || s.Delay > 3_600_000_000 {
		errs = append(errs, fmt.Errorf("%w: options: delay: %d us is negative or longer than an hour", migrate.ErrInvalid, s.Delay))
	}
	for _, c := range []struct {
		name   string
		chance int
	}{{"fail", s.Fail}, {"hang", s.Hang}, {"silent", s.Silent}, {"deaf", s.Deaf}, {"late", s.Late}, {"duplicate", s.Duplicate}} {
		if c.chance < 0 || c.chance > 1000 {
			errs = append(errs, fmt.Errorf("%w: options: %s: %d is no chance in thousandths", migrate.ErrInvalid, c.name, c.chance))
		}
	}
	return s, errors.Join(errs...)
}
