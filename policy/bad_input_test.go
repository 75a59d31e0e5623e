package policy

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// below is a module of these lines; the first of them is line 3.
func below(lines string) string { return "package domicile.continuum.a\n\n" + lines }

// ruled is a module with a deny rule, whose head stands in line 6, and more below it.
func ruled(rule, more string) string {
	return below("# METADATA\n# title: t\n# custom: {code: A-1}\n" + rule + "\n\n" + more)
}

// TestBadInputIsRefused: what can be seen to be wrong is an error with file and line, and no set.
func TestBadInputIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"a result that is no set":      {"a.rego", ruled("deny := 5", ""), "p/a.rego:6: deny must be written: deny contains {...} if {...}"},
		"a boolean result":             {"a.rego", ruled("deny if true", ""), "p/a.rego:6: deny must be written"},
		"a misspelt verdict":           {"a.rego", ruled(`denied contains {} if true`, ""), "p/a.rego:6: METADATA gives denied a code, but only deny, prefer and transit are asked"},
		"a set of texts":               {"a.rego", ruled(`deny contains "no" if true`, ""), "p/a.rego:6: deny must contain objects, this rule gives string"},
		"a wish without points":        {"a.rego", ruled(`prefer contains {"because": "x"} if true`, ""), `p/a.rego:6: prefer must contain objects with "points"`},
		"conflicting complete rules":   {"a.rego", below("x := 1\n\nx := 2\n"), "p/a.rego:5: x is stated as something else in p/a.rego:3"},
		"recursion":                    {"a.rego", ruled("deny contains {} if p", "p if p"), "p/a.rego:8: rule data.domicile.continuum.a.p is recursive"},
		"recursion through functions":  {"a.rego", ruled("deny contains {} if f(1)", "f(x) if g(x)\n\ng(x) if f(x)"), "p/a.rego:8: rule data.domicile.continuum.a.f is recursive"},
		"an unknown builtin":           {"a.rego", ruled("deny contains {} if no.such(1)", ""), "p/a.rego:6: undefined function no.such"},
		"a forbidden builtin":          {"a.rego", ruled(`deny contains {} if http.send({"method": "get", "url": "x"}).status_code == 1`, ""), "p/a.rego:6: http.send is not available to rules"},
		"a module of 10 MB":            {"a.rego", below("# " + strings.Repeat("x", 10<<20)), "p/a.rego: is larger than 1048576 bytes"},
		"a table of 10 MB":             {"t.yaml", "values: [" + strings.Repeat("1,", 5<<20) + "1]", "p/t.yaml: is larger than 1048576 bytes"},
		"a table that nests":           {"t.json.yaml", `{"values": ` + strings.Repeat("[", 100_000), "p/t.json.yaml"},
		"a table of aliases":           {"t.yaml", "apiVersion: domicile.eu/v1alpha1\nkind: PolicyTable\nvalues: {a: &a [1], b: [*a, *a]}", "p/t.yaml:3"},
		"text that is not UTF-8":       {"a.rego", below("x := \"\xff\""), "p/a.rego: is not UTF-8 text"},
		"a table that is not UTF-8":    {"t.yaml", "name: \xff", "p/t.yaml: is not UTF-8 text"},
		"a packs.yaml that is no YAML": {"packs.yaml", "packs: [", "p/packs.yaml:1"},
		"nothing":                      {"a.rego", "", "p/a.rego: empty module"},
		"zeros":                        {"a.rego", strings.Repeat("\x00", 1000), "p/a.rego:"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := load(one(c.file, c.text), fstest.MapFS{}, Options{MaxModuleBytes: defaultMaxModuleBytes, MaxSteps: 1000, Deadline: defaultDeadline})
			require.ErrorIs(t, err, ErrInvalid)
			require.ErrorContains(t, err, c.want)
			require.Nil(t, s)
		})
	}
}

// TestBadInputDenies: what only shows when a rule is asked denies, by a reason with the rule's file and line, which says what is
// wrong; it ends within its steps, and leaves no goroutine behind.
func TestBadInputDenies(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	goroutines := runtime.NumGoroutine()
	const country = "input.site.country"
	for name, c := range map[string]struct{ text, want string }{
		"a result of another type":   {ruled("deny contains input.workload.attributes.home if true", ""), `A-1 contains "DE", which is no object`},
		"a rule that disagrees":      {ruled("deny contains {} if x == 3", "x := 1 if "+country+` == "DE"`+"\n\nx := 2 if "+country+` != "FR"`), "A-1 fails in p/a.rego:10: rule data.domicile.continuum.a.x produced conflicting values"},
		"a function that disagrees":  {ruled(`deny contains {} if f("x") == 3`, "f(_) := 1 if "+country+` == "DE"`+"\n\nf(_) := 2 if "+country+` != "FR"`), "A-1 fails in p/a.rego:10: function data.domicile.continuum.a.f produced conflicting values"},
		"a builtin that fails":       {ruled("deny contains {} if 1 / (count("+country+") - 2) > 1", ""), "A-1 fails in p/a.rego:6: div: divide by zero"},
		"a wrong argument":           {ruled("deny contains {} if to_number(input.workload.attributes.home) > 1", ""), "A-1 fails in p/a.rego:6: to_number"},
		"loops in loops":             {ruled("deny contains {} if count([1 | some i in numbers.range(1, 100000); some j in numbers.range(1, 100000); i * j < 0]) > 0", ""), "A-1 did not end within its limits"},
		"one long builtin":           {ruled("deny contains {} if count(numbers.range(1, 1000000000000)) > 0", ""), "A-1 did not end within its limits"},
		"text that doubles":          {ruled("deny contains {} if count(walked) > 0", "walked := [p | walk(numbers.range(1, 100000), [p, _])]"), "A-1 did not end within its limits"},
		"a wish without an integer":  {ruled(`prefer contains {"points": count(`+country+`) / 4} if true`, ""), "A-1 gives 0.5 points"},
		"a wish that fails":          {ruled(`prefer contains {"points": 1 / (count(`+country+`) - 2)} if true`, ""), "A-1 fails in p/a.rego:6: div: divide by zero"},
		"an expression that is huge": {ruled("deny contains {} if sum([x | some x in numbers.range(1, 900)]) + count([y | some y in numbers.range(1, 900)]) < 0", ""), "A-1 did not end within its limits"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := load(one("a.rego", c.text), fstest.MapFS{}, Options{MaxModuleBytes: defaultMaxModuleBytes, MaxSteps: 1000, Deadline: defaultDeadline})
			require.NoError(t, err)
			site := w.site("berlin")
			verdicts, err := s.Admit(t.Context(), w.scope(), w.workload("clinic/db"), []*topology.Site{site})
			require.NoError(t, err)
			assert.True(t, verdicts[0].Denied)
			reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), site)
			require.NoError(t, err)
			require.Len(t, reasons, 1)
			assert.Equal(t, codeError, reasons[0].Code)
			assert.Equal(t, "p/a.rego:6", reasons[0].Location)
			assert.True(t, reasons[0].Final)
			assert.Contains(t, reasons[0].Message, c.want)
			assert.Len(t, s.Failures(), 1)
		})
	}
	for range 1_000_000 { // what was told to end may not have been scheduled since
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		runtime.Gosched()
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
}

// TestDeepInputDenies: a fact that nests beyond what a rule could be trusted to see refuses the workload, whatever the rules.
func TestDeepInputDenies(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	s, err := load(one("a.rego", wrap("false")), fstest.MapFS{}, Options{MaxModuleBytes: defaultMaxModuleBytes, MaxSteps: 1000, Deadline: defaultDeadline})
	require.NoError(t, err)
	for depth, denied := range map[int]bool{10: false, 1_000_000: true} {
		var deep any = "x"
		for range depth {
			deep = []any{deep}
		}
		load := *w.workload("clinic/db")
		load.Attributes = map[string]any{"deep": deep}
		verdicts, err := s.Admit(t.Context(), w.scope(), &load, []*topology.Site{w.site("berlin")})
		require.NoError(t, err)
		assert.Equal(t, denied, verdicts[0].Denied, depth)
		reasons, err := s.Reasons(t.Context(), w.scope(), &load, w.site("berlin"))
		require.NoError(t, err)
		if denied {
			require.Len(t, reasons, 1)
			assert.Contains(t, reasons[0].Message, "nested more than 64 deep")
		}
	}
}

// TestHugeTablesWithinTheLimit: a table as large as one may be loads, and rules that look things up in it stay quick in steps.
func TestHugeTablesWithinTheLimit(t *testing.T) {
	w := newWorld(t, fstest.MapFS{})
	var rows strings.Builder
	for i := 0; rows.Len() < 1_000_000; i++ {
		fmt.Fprintf(&rows, "%q: %d, ", fmt.Sprint("k", i), i)
	}
	files := fstest.MapFS{
		"t.yaml": {Data: []byte("apiVersion: domicile.eu/v1alpha1\nkind: PolicyTable\nname: t\nasOf: 2026-01-01\nsource: x\nvalidUntil: 2030-01-01\nvalues: {" + strings.TrimSuffix(rows.String(), ", ") + "}\n")},
		"a.rego": {Data: []byte(wrap("data.domicile.tables.t.values.k777 == 777\ninput.site.country == \"DE\""))},
	}
	s, err := load([]Source{{Name: "p", FS: files}}, fstest.MapFS{}, Options{MaxModuleBytes: defaultMaxModuleBytes, MaxSteps: 20, Deadline: defaultDeadline})
	require.NoError(t, err)
	reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
	require.NoError(t, err)
	require.Len(t, reasons, 1)
	assert.Equal(t, "A-1", reasons[0].Code)
}
