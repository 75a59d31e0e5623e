package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/topology"
)

// jobFlags are the verbs of the tool as flags of one program.
type jobFlags struct {
	why, whyNot, report string
	whatIf              changes
	resilience          bool
}

// changes collects a flag that may stand several times.
type changes []string

func (c *changes) String() string     { return fmt.Sprint([]string(*c)) }
func (c *changes) Set(s string) error { *c = append(*c, s); return nil }

// RunJob runs the main job over files embedded in a program: it places every application and prints where and why. The
// verbs of the tool are flags here; flags such as -continuum replace an embedded file by one of the file system. It
// returns the exit status.
func RunJob(ctx context.Context, name string, embedded fs.FS, args []string, stdout, stderr io.Writer) int {
	e := &env{in: &inputs{embedded: embedded}, stdout: stdout, stderr: stderr}
	var j jobFlags
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	e.in.flags(f)
	f.StringVar(&j.why, "why", "", "say why a `workload` is where it is")
	f.StringVar(&j.whyNot, "why-not", "", "say everything that keeps a workload from a site, `WORKLOAD@SITE`")
	f.StringVar(&e.exit, "exit", "", "plan the exit from a `provider`")
	f.Var(&j.whatIf, "what-if", "say what a `change` would do: "+changeForms+"; may be repeated")
	f.BoolVar(&j.resilience, "resilience", false, "say which site, exchange, link, provider, operator or country takes what with it if it fails, the worst first")
	f.StringVar(&j.report, "report", "", "write one self-contained page to `file`, with the exit if -exit is given")
	rest, status := parse(f, args, "usage: "+name+" [flags]\nplace every application on the continuum; print where, the bounds, the refusals and the ways out", stdout, stderr)
	if status >= 0 {
		return status
	}
	if err := none(rest); err != nil {
		return finish(err, stderr)
	}
	return finish(e.job(ctx, &j), stderr)
}

// job does what the flags ask for: a question alone if there is one, else the whole overview.
func (e *env) job(ctx context.Context, j *jobFlags) error {
	questions := 0
	for _, asked := range []bool{j.why != "", j.whyNot != "", len(j.whatIf) > 0, j.resilience} {
		if asked {
			questions++
		}
	}
	if questions > 1 || questions == 1 && (e.exit != "" || j.report != "") {
		return badInput(errors.New("-why, -why-not, -what-if and -resilience are answered one at a time, without -exit and -report"))
	}
	l, a, err := e.open(ctx)
	if err != nil {
		return err
	}
	switch {
	case j.why != "":
		return e.why(ctx, a, j.why)
	case j.whyNot != "":
		return e.whyNot(ctx, a, j.whyNot)
	case len(j.whatIf) > 0:
		return e.whatIf(ctx, l, a, j.whatIf)
	case j.resilience:
		return e.resilience(ctx, a)
	}
	d, err := e.document(ctx, l, a)
	if err != nil {
		return err
	}
	if e.exit != "" {
		if d.Exit, err = e.leave(ctx, l, a, topology.ProviderID(e.exit)); err != nil {
			return err
		}
	}
	if j.report != "" {
		if err := e.writeReport(d, j.report); err != nil {
			return err
		}
	}
	if e.in.json {
		return writeJSON(e.stdout, documentOutput(e, d))
	}
	return report.Text(e.stdout, d)
}
