package harness

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/pkg/profile"
)

// Exit statuses.
const (
	passed = 0 // every answer passed its check
	failed = 1
	misuse = 2 // wrong flags
)

// Main runs the suite named by the first argument and returns the exit status.
func Main(args []string, suites []Suite, stdout io.Writer, stderr *os.File) int {
	suite, ok := find(args, suites)
	if !ok {
		usage(stderr, suites)
		return misuse
	}
	f, run, err := suite.parse(args[1:], stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return passed
	case err != nil:
		return misuse
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	defer startProfile(f)()
	return measure(ctx, suite.Name, f, run, stdout, stderr)
}

func measure(ctx context.Context, name string, f Flags, run Runner, stdout io.Writer, stderr *os.File) int {
	progress := NewProgress(stderr)
	watch := Start()
	outcome, err := run(ctx, f, progress)
	progress.Clear()
	if err != nil {
		fmt.Fprintf(stderr, "bench %s: %v\n", name, err)
		if errors.Is(err, ErrUsage) {
			return misuse
		}
		return failed
	}
	figures := Figures{
		Suite: name, Seed: f.Seed, Seconds: watch.Wall().Seconds(), CPUSeconds: watch.CPU().Seconds(), PeakRSSBytes: peakRSS(),
	}
	if err := Print(stdout, figures, outcome, f.JSON); err != nil {
		fmt.Fprintf(stderr, "bench %s: %v\n", name, err)
		return failed
	}
	if bad := outcome.Failures(); len(bad) > 0 {
		for _, b := range bad {
			fmt.Fprintf(stderr, "bench %s: check failed: %s\n", name, b)
		}
		return failed
	}
	return passed
}

// Print writes the table and, if asked, the JSON object as the last line.
func Print(w io.Writer, figures Figures, outcome Outcome, asJSON bool) error {
	rows := append(outcome.Table(), [][2]string{
		{"wall time", fmt.Sprintf("%.2f s", figures.Seconds)},
		{"CPU time", fmt.Sprintf("%.2f s", figures.CPUSeconds)},
		{"peak memory", fmt.Sprintf("%.0f MiB", float64(figures.PeakRSSBytes)/(1<<20))},
	}...)
	for _, row := range rows {
		if _, err := fmt.Fprintf(w, "%-28s %s\n", row[0], row[1]); err != nil {
			return err
		}
	}
	if !asJSON {
		return nil
	}
	line, err := join(figures, outcome)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

// join makes one object of the common fields and the suite's own.
func join(figures Figures, outcome Outcome) ([]byte, error) {
	head, err := json.Marshal(figures)
	if err != nil {
		return nil, err
	}
	tail, err := json.Marshal(outcome)
	if err != nil {
		return nil, err
	}
	if string(tail) == "{}" {
		return head, nil
	}
	return append(append(head[:len(head)-1], ','), tail[1:]...), nil
}

func find(args []string, suites []Suite) (Suite, bool) {
	if len(args) == 0 {
		return Suite{}, false
	}
	for _, s := range suites {
		if s.Name == args[0] {
			return s, true
		}
	}
	return Suite{}, false
}

func usage(w io.Writer, suites []Suite) {
	fmt.Fprint(w, "usage: bench SUITE [flags]\n\nsuites:\n")
	for _, s := range suites {
		fmt.Fprintf(w, "  %-10s %s\n", s.Name, s.Usage)
	}
	fmt.Fprint(w, "\nbench SUITE -h lists the flags of a suite.\n")
}

// startProfile starts the profile that is asked for and returns what ends it.
func startProfile(f Flags) func() {
	modes := map[string]func(*profile.Profile){"cpu": profile.CPUProfile, "mem": profile.MemProfile, "trace": profile.TraceProfile}
	mode, ok := modes[f.Profile]
	if !ok {
		return func() {}
	}
	return profile.Start(mode, profile.ProfilePath(f.ProfileDir), profile.NoShutdownHook, profile.Quiet).Stop
}
