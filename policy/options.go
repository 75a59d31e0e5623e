package policy

import (
	"errors"
	"time"
)

// Options of a set; nil means the defaults.
type Options struct {
	// MaxSteps is how many expressions of rules one evaluation may take; zero: 500,000, about half a second, which is a
	// hundred times what a rule of the library takes. It is counted and not timed, so that the same rules fail on every
	// machine, however busy. A rule that takes more denies with code POLICY-ERROR.
	MaxSteps int64
	// Deadline of one evaluation; zero: 10 s. It guards against the few builtins that work for long in one step, and
	// acts like MaxSteps. It is no part of any answer: nothing that ends within MaxSteps comes near it.
	Deadline time.Duration
	// MaxModuleBytes is the largest module or data file accepted; zero: 1 MiB, a hundred times a large pack. All files
	// together may have 16 times as much.
	MaxModuleBytes int64
}

const (
	defaultMaxSteps       = 500_000
	defaultDeadline       = 10 * time.Second
	defaultMaxModuleBytes = 1 << 20
)

// resolved returns the options with defaults in place.
func (o *Options) resolved() (Options, error) {
	var r Options
	if o != nil {
		r = *o
	}
	if r.MaxSteps < 0 || r.Deadline < 0 || r.MaxModuleBytes < 0 {
		return r, errors.New("policy: Options.MaxSteps, Deadline and MaxModuleBytes must not be negative")
	}
	if r.MaxSteps == 0 {
		r.MaxSteps = defaultMaxSteps
	}
	if r.Deadline == 0 {
		r.Deadline = defaultDeadline
	}
	if r.MaxModuleBytes == 0 {
		r.MaxModuleBytes = defaultMaxModuleBytes
	}
	return r, nil
}
