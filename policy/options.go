package policy

import (
	"errors"
	"time"
)

// Options of a set; nil means the defaults.
type Options struct {
	// Deadline of one evaluation; zero: 250 ms, a thousand times what a rule of the library takes. It is a guard
	// against rules that never end, not part of any answer: what exceeds it is denied with code POLICY-ERROR.
	Deadline time.Duration
	// MaxModuleBytes is the largest module or data file accepted; zero: 1 MiB, a hundred times a large pack. All files
	// together may have 16 times as much.
	MaxModuleBytes int64
}

const (
	defaultDeadline       = 250 * time.Millisecond
	defaultMaxModuleBytes = 1 << 20
)

// resolved returns the options with defaults in place.
func (o *Options) resolved() (Options, error) {
	var r Options
	if o != nil {
		r = *o
	}
	if r.Deadline < 0 || r.MaxModuleBytes < 0 {
		return r, errors.New("policy: Options.Deadline and Options.MaxModuleBytes must not be negative")
	}
	if r.Deadline == 0 {
		r.Deadline = defaultDeadline
	}
	if r.MaxModuleBytes == 0 {
		r.MaxModuleBytes = defaultMaxModuleBytes
	}
	return r, nil
}
