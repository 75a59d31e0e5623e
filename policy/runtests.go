package policy

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
)

// RunTests runs the Rego unit tests (rules named test_... in *_test.rego files) of sources in the sandbox. All packs of the
// sources and the library are at hand, in force or not. The report lists the tests by package and name, and the coverage of
// the sources' modules. A test that fails is a result; an error is that of modules that Load refuses too, of tests that do not
// compile, or of ctx.
func RunTests(ctx context.Context, sources []Source, opts *Options) (*TestReport, error) {
	return runTests(ctx, sources, Library(), opts)
}

// runTests is RunTests with a library of one's own.
func runTests(ctx context.Context, sources []Source, library fs.FS, opts *Options) (*TestReport, error) {
	o, err := opts.resolved()
	if err != nil {
		return nil, err
	}
	bad := &defects{}
	f := gather(sources, library, true, o, bad)
	if !bad.none() {
		return nil, bad.err()
	}
	if build(f, o, bad); !bad.none() {
		return nil, bad.err()
	}
	// Again, as written: tests speak of the rules' own sets, and what the tests use must not change what is reported.
	f = gather(sources, library, true, o, bad)
	modules := map[string]*ast.Module{}
	for _, m := range slices.Concat(f.modules, f.tests) {
		switch {
		case !m.library:
			modules[m.name] = m.ast
		case !m.hasTests():
			modules["\x00"+m.name] = m.ast // whatever a source is called, its files are others
		}
	}
	store, err := newStore(f.tables)
	if err != nil {
		return nil, err
	}
	report := &TestReport{Coverage: map[string]float64{}}
	coverage := cover.New()
	err = storage.Txn(ctx, store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		results, err := tester.NewRunner().
			SetCompiler(newCompiler()).
			SetStore(store).
			SetModules(modules).
			SetTimeout(o.Deadline).
			SetParallel(1).
			RaiseBuiltinErrors(true).
			CapturePrintOutput(false).
			SetCoverageQueryTracer(coverage).
			SetCoverageRuns(nil).
			RunTests(ctx, txn)
		if err != nil {
			return err
		}
		for r := range results {
			report.Results = append(report.Results, testResult(r))
		}
		return ctx.Err()
	})
	if errs, ok := err.(ast.Errors); ok {
		noteErrors(errs, bad)
		return nil, bad.err()
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(report.Results, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Location, b.Location))
	})
	shown := map[string]*ast.Module{}
	for _, m := range f.modules {
		if !m.library {
			shown[m.name] = m.ast
		}
	}
	for name, file := range coverage.Report(shown).Files {
		if shown[name] != nil {
			report.Coverage[name] = file.Coverage
		}
	}
	return report, nil
}

// hasTests says whether there are tests in the module, not only what tests share.
func (m *module) hasTests() bool {
	return slices.ContainsFunc(m.ast.Rules, func(r *ast.Rule) bool {
		return strings.HasPrefix(string(r.Head.Name), tester.TestPrefix)
	})
}

func testResult(r *tester.Result) TestResult {
	x := TestResult{
		Package:  strings.TrimPrefix(r.Package, "data."),
		Name:     r.Name,
		Location: location(r.Location),
		Failed:   !r.Pass() && !r.Skip,
	}
	switch {
	case r.Error != nil:
		x.Message = explain(r.Error)
	case r.Skip:
		x.Message = "skipped"
	case r.Fail && r.FailedAt != nil:
		x.Message = fmt.Sprintf("does not hold: %s", r.FailedAt)
	case r.Fail:
		x.Message = "does not hold"
	}
	return x
}
