package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/policy"
)

func runTestPolicies(ctx context.Context, e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	sources, err := e.in.sources(e.in.policies)
	if err != nil {
		return badInput(err)
	}
	r, err := policy.RunTests(ctx, sources, nil)
	if err != nil {
		return badInput(err)
	}
	if e.in.json {
		if err := writeJSON(e.stdout, r); err != nil {
			return err
		}
	} else {
		printTests(e, r)
	}
	failed := 0
	for _, t := range r.Results {
		if t.Failed {
			failed++
		}
	}
	if failed > 0 {
		return badInput(fmt.Errorf("%d of %d policy tests failed", failed, len(r.Results)))
	}
	return nil
}

func printTests(e *env, r *policy.TestReport) {
	failed := 0
	for _, t := range r.Results {
		if t.Failed {
			failed++
			fmt.Fprintf(e.stdout, "FAIL %s.%s (%s) %s\n", t.Package, t.Name, t.Location, t.Message)
		}
	}
	fmt.Fprintf(e.stdout, "%d tests, %d failed\n", len(r.Results), failed)
	for _, file := range slices.Sorted(maps.Keys(r.Coverage)) {
		fmt.Fprintf(e.stdout, "  %5.1f %%  %s\n", r.Coverage[file], file)
	}
}
