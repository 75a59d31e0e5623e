package cli

import (
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/adapters/report"
	"github.com/domicile-eu/domicile/placement"
)

func runValidate(ctx context.Context, e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	l, err := e.in.load()
	if err != nil {
		return err
	}
	p, err := l.problem()
	if err != nil {
		return err
	}
	if _, err := placement.Check(ctx, p, nil); err != nil {
		return e.asInput(err)
	}
	workloads := 0
	for _, a := range l.applications {
		workloads += len(a.Workloads)
	}
	fmt.Fprintf(e.stdout, "%s as of %s is valid: sites %d, links %d, applications %d, workloads %d, rules %d, tables %d\n",
		l.continuum.Name(), report.Day(l.asOf), l.continuum.NumSites(), l.continuum.NumLinks(), len(l.applications), workloads,
		len(l.policies.Rules()), len(l.policies.Tables()))
	if len(l.policies.Rules()) == 0 {
		fmt.Fprintln(e.stdout, noRules)
	}
	if r := l.policies.Revision(); r != "" {
		fmt.Fprintf(e.stdout, "policies are revision %s, digest %s\n", r, l.policies.Digest())
	}
	for _, t := range l.policies.Expired(l.asOf) {
		fmt.Fprintf(e.stdout, "%s: table %s expired on %s; rules that rest on it deny\n", t.File, t.Path, t.ValidUntil)
	}
	return nil
}

// noRules warns of policies that refuse nothing, which an empty or half-mounted folder is.
const noRules = "WARNING: no rule is in force: policies refuse nothing; does the folder hold modules or a packs.yaml?"

func runLint(_ context.Context, e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	set, err := e.in.loadPolicies(e.in.policies)
	if err != nil {
		return badInput(err)
	}
	findings := set.Lint()
	if e.in.json {
		return writeJSON(e.stdout, findings)
	}
	for _, f := range findings {
		fmt.Fprintf(e.stdout, "%s: %s: %s\n", f.Location, f.Code, f.Message)
	}
	if len(set.Rules()) == 0 {
		fmt.Fprintln(e.stdout, noRules)
	} else if len(findings) == 0 {
		fmt.Fprintf(e.stdout, "%d rules, nothing doubtful\n", len(set.Rules()))
	}
	return nil
}
