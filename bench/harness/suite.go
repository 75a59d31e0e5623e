package harness

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
)

// Suite is one yardstick.
type Suite struct {
	Name  string
	Usage string // one line: its own flags and what it measures
	// Flags adds the suite's own flags to a set and returns what runs it once they are parsed.
	Flags func(set *flag.FlagSet) Runner
}

// Run runs the suite with these arguments, without profile, progress bar and output: what a program does that wants to read the
// outcome. Errors of flags are those of the package flag or wrap ErrUsage.
func (s Suite) Run(ctx context.Context, args ...string) (Outcome, error) {
	f, run, err := s.parse(args, io.Discard)
	if err != nil {
		return nil, err
	}
	return run(ctx, f, nil)
}

// parse reads the arguments of a suite. What is wrong with them is told to stderr, too.
func (s Suite) parse(args []string, stderr io.Writer) (f Flags, run Runner, err error) {
	set := flag.NewFlagSet("bench "+s.Name, flag.ContinueOnError)
	set.SetOutput(stderr)
	f.Register(set)
	run = s.Flags(set)
	if err := set.Parse(args); err != nil {
		return f, nil, err
	}
	if err = f.Check(); set.NArg() > 0 {
		err = fmt.Errorf("%w: %q is no flag", ErrUsage, set.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench %s: %v\n", s.Name, err)
	}
	return f, run, err
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
