package harness

import (
	"context"
	"errors"
	"flag"
)

// Suite is one yardstick.
type Suite struct {
	Name  string
	Usage string // one line: its own flags and what it measures
	// Flags adds the suite's own flags to a set and returns what runs it once they are parsed.
	Flags func(set *flag.FlagSet) Runner
}

// Runner runs a suite. An error that wraps ErrUsage says that the flags are wrong.
type Runner func(ctx context.Context, f Flags, p *Progress) (Outcome, error)

// ErrUsage is wrapped by errors about flags.
var ErrUsage = errors.New("wrong flags")

// Outcome is what a suite found. It is marshalled to JSON beside the common fields.
type Outcome interface {
	// Table is what people read: pairs of a name and a figure.
	Table() [][2]string
	// Failures are the checks that did not pass; none for success.
	Failures() []string
}
