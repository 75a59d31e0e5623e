package harness

import (
	"flag"
	"fmt"
	"slices"
	"time"
)

// Flags are the common flags.
type Flags struct {
	Seed       uint64
	Time       time.Duration // wall budget; zero: the suite's own
	Steps      int64         // deterministic budget; zero: none
	Workers    int
	Profile    string // cpu, mem, trace or empty
	ProfileDir string
	Out        string // file for the answer in the yardstick's own format
	JSON       bool
}

// Register adds the common flags to a set.
func (f *Flags) Register(set *flag.FlagSet) {
	set.Uint64Var(&f.Seed, "seed", 1, "seed of everything that is drawn")
	set.DurationVar(&f.Time, "time", 0, "wall budget")
	set.Int64Var(&f.Steps, "steps", 0, "deterministic budget, in the suite's steps")
	set.IntVar(&f.Workers, "workers", 2, "goroutines that work")
	set.StringVar(&f.Profile, "profile", "", "write a profile: cpu, mem or trace")
	set.StringVar(&f.ProfileDir, "profile-dir", ".", "where the profile goes")
	set.StringVar(&f.Out, "out", "", "write the answer to a file")
	set.BoolVar(&f.JSON, "json", false, "print one JSON object as the last line")
}

// Check returns what is wrong with the common flags.
func (f *Flags) Check() error {
	switch {
	case f.Time < 0:
		return fmt.Errorf("-time %v is negative", f.Time)
	case f.Steps < 0:
		return fmt.Errorf("-steps %d is negative", f.Steps)
	case f.Time > 0 && f.Steps > 0:
		return fmt.Errorf("-time and -steps are two budgets; choose one")
	case f.Workers < 1:
		return fmt.Errorf("-workers %d is below 1", f.Workers)
	case !slices.Contains([]string{"", "cpu", "mem", "trace"}, f.Profile):
		return fmt.Errorf("-profile %q is none of cpu, mem, trace", f.Profile)
	}
	return nil
}
