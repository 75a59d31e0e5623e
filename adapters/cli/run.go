package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Exit statuses.
const (
	exitOK       = 0
	exitInternal = 1
	exitBadInput = 2
)

// errBadInput marks what the user has to mend: flags, files, references.
var errBadInput = errors.New("bad input")

// badInput wraps err so that Run answers it with exit status 2.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errBadInput, err)
}

// verb is one command of the tool.
type verb struct {
	name, args, about string
	run               func(ctx context.Context, e *env, args []string) error
	flags             func(e *env, f *flag.FlagSet) // of this verb alone; may be nil
}

func verbs() []verb {
	return []verb{
		{"place", "", "place every application; print where, the bounds, the refusals and the ways out", runPlace, recordFlags},
		{"why", "WORKLOAD", "say why a workload is where it is", runWhy, nil},
		{"why-not", "WORKLOAD@SITE", "say everything that keeps a workload from a site", runWhyNot, nil},
		{"exit", "PROVIDER [FILE]", "plan the exit from a provider: readiness, target, timed moves, legal clock, bill, way back; FILE.html or FILE.md too", runExit, nil},
		{"what-if", "CHANGE...", "say what a change would do: " + changeForms, runWhatIf, nil},
		{"resilience", "", "say which site, exchange, link, provider, operator or country takes what with it if it fails, the worst first", runResilience, nil},
		{"pareto", "[FILE.svg]", "offer assignments that trade cost, latency and carbon against each other", runPareto, nil},
		{"report", "FILE.html", "write one self-contained page with map, placements, refusals, costs and timeline", runReport, reportFlags},
		{"verify", "RECORD.json", "come to a recorded decision again, from the same input, and say whether it is the same", runVerify, verifyFlags},
		{"validate", "", "read and check all input, place nothing", runValidate, nil},
		{"lint", "", "name what is doubtful in the policies", runLint, nil},
		{"import", "FILE", "make a continuum of a network in GraphML, GML or SNDlib's format; say what was left out or guessed", runImport, importFlags},
		{"export", "", "write the continuum as DOT, GeoJSON or GraphML", runExport, exportFlags},
		{"test-policies", "", "run the Rego unit tests of the policies", runTestPolicies, nil},
	}
}

// env is what a verb works with.
type env struct {
	in             *inputs
	exit           string // the provider whose exit a report shows, if any
	record         recording
	network        networkFlags
	stdout, stderr io.Writer
}

// Run runs the tool with the arguments after its name and returns the exit status. Flags may stand before or behind the
// verb's own arguments.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return exitBadInput
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		usage(stdout)
		return exitOK
	}
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		e := &env{in: &inputs{}, stdout: stdout, stderr: stderr}
		fs := flag.NewFlagSet("domicile "+v.name, flag.ContinueOnError)
		e.in.flags(fs)
		if v.flags != nil {
			v.flags(e, fs)
		}
		rest, status := parse(fs, args[1:], fmt.Sprintf("usage: domicile %s %s [flags]\n%s", v.name, v.args, v.about), stdout, stderr)
		if status >= 0 {
			return status
		}
		return finish(v.run(ctx, e, rest), stderr)
	}
	fmt.Fprintf(stderr, "domicile: unknown verb %q\n\n", args[0])
	usage(stderr)
	return exitBadInput
}

// parse reads flags wherever they stand and returns the other arguments. A status of -1 means to go on.
func parse(fs *flag.FlagSet, args []string, head string, stdout, stderr io.Writer) (rest []string, status int) {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	for {
		err := fs.Parse(args)
		switch {
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprintln(stdout, head)
			fs.SetOutput(stdout)
			fs.PrintDefaults()
			return nil, exitOK
		case err != nil:
			fmt.Fprintf(stderr, "%s: %v (-h lists the flags)\n", fs.Name(), err)
			return nil, exitBadInput
		case fs.NArg() == 0:
			return rest, -1
		}
		rest, args = append(rest, fs.Arg(0)), fs.Args()[1:]
	}
}

// finish prints an error the way all programs here do and returns the exit status for it.
func finish(err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	bad := errors.Is(err, errBadInput)
	text := strings.TrimPrefix(err.Error(), errBadInput.Error()+": ")
	for _, l := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(stderr, "domicile: %s\n", l)
	}
	if bad {
		return exitBadInput
	}
	return exitInternal
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "domicile decides where workloads may live, where they live best, and how to get them there.")
	fmt.Fprintln(w, "\nusage: domicile VERB [arguments] [flags]")
	fmt.Fprintln(w)
	for _, v := range verbs() {
		fmt.Fprintf(w, "  %-28s %s\n", strings.TrimSpace(v.name+" "+v.args), v.about)
	}
	fmt.Fprintln(w, "\ndomicile VERB -h lists the flags. Input: continuum.yaml, apps.yaml, policies/ in the current folder unless flags")
	fmt.Fprintln(w, "name others. Exit status: 0 an answer, 1 a fault of the tool or an interrupt, 2 bad input.")
}

// one returns the verb's single argument.
func one(args []string, what string) (string, error) {
	if len(args) != 1 {
		return "", badInput(fmt.Errorf("expected one argument, %s, got %d", what, len(args)))
	}
	return args[0], nil
}

// none refuses arguments.
func none(args []string) error {
	if len(args) > 0 {
		return badInput(fmt.Errorf("unexpected argument %q", args[0]))
	}
	return nil
}
