package policy

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chain writes n equations, each of which makes of the last; %[1]s is the new variable, %[2]s the old one.
func chain(first, step string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "v0 := %s\n", first)
	for i := range n {
		fmt.Fprintf(&b, step+"\n", fmt.Sprintf("v%d", i+1), fmt.Sprintf("v%d", i))
	}
	return b.String()
}

// TestBuiltinsMakeNothingTooLarge has rules that would end the process for want of memory, or take for ever in one step.
func TestBuiltinsMakeNothingTooLarge(t *testing.T) {
	squares := chain("[x | some x in numbers.range(1, 20)]", "%[1]s := [%[2]s | some x in numbers.range(1, 20)]", 7)
	for name, c := range map[string]struct{ body, want string }{
		"replace":           {chain(`"`+strings.Repeat("x", 32)+`"`, `%[1]s := replace(%[2]s, "x", %[2]s)`, 4) + "count(v4) > 0", "replace takes or makes a value that is too large"},
		"strings.replace_n": {chain(`"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"`, `%[1]s := strings.replace_n({"x": %[2]s}, %[2]s)`, 4) + "count(v4) > 0", "strings.replace_n takes"},
		"regex.replace":     {chain(`"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"`, `%[1]s := regex.replace(%[2]s, "x", %[2]s)`, 4) + "count(v4) > 0", "regex.replace takes"},
		"concat":            {chain(`"x"`, `%[1]s := concat("", [%[2]s, %[2]s])`, 40) + "count(v40) > 0", "concat takes"},
		"sprintf":           {chain(`"x"`, `%[1]s := sprintf("%%s%%s", [%[2]s, %[2]s])`, 40) + "count(v40) > 0", "sprintf takes"},
		"widths":            {`count(sprintf("` + strings.Repeat("%1000000d", 30) + `", numbers.range(1, 30))) > 0`, "sprintf takes"},
		"given widths":      {`count(sprintf("` + strings.Repeat("%[1]*[1]d", 30) + `", [1000000])) > 0`, "sprintf takes"},
		"named often":       {`s := concat("", ["x" | some i in numbers.range(1, 1)]); b := sprintf("%100000s", [s]); count(sprintf("` + strings.Repeat("%[1]s", 200) + `", [b])) > 0`, "sprintf takes"},
		"array.concat":      {chain(`[1]`, `%[1]s := array.concat(%[2]s, %[2]s)`, 40) + "count(v40) > 0", "array.concat takes"},
		"json.marshal":      {squares + "count(json.marshal(v7)) > 0", "the rule takes or makes a value that is too large"},
		"indented":          {`i := sprintf("%100000s", ["x"]); count(json.marshal_with_options([[[1, 2, 3, 4, 5, 6, 7]]], {"pretty": true, "indent": replace(i, "x", " ")})) > 1; count(json.marshal_with_options(numbers.range(1, 100), {"pretty": true, "indent": i})) > 0`, "json.marshal_with_options takes"},
		"yaml.marshal":      {squares + "count(yaml.marshal(v7)) > 0", "the rule takes or makes a value that is too large"},
		"comparison":        {squares + "w := [v7]\nw == [v7]", "the rule takes or makes a value that is too large"},
		"membership":        {squares + "v7 in [v7]", "the rule takes or makes a value that is too large"},
		"split":             {`s := sprintf("%1000000s", ["x"]); count(split(s, "")) > 0`, "split takes"},
		"squares":           {chain("12345678901234567890", "%[1]s := %[2]s * %[2]s", 20) + "v20 > 0", "mul takes or makes a number"},
		"exponents":         {`n := json.unmarshal("1e2000"); n % 7 > 0`, "json.unmarshal takes or makes a number"},
		"product":           {"product(numbers.range(1, 50000)) > 0", "product takes"},
		"all together":      {`count([x | some i in numbers.range(1, 1000); x := sprintf("%1000000d", [i])]) > 0`, "sprintf makes too much in one evaluation"},
		"a pattern":         {`regex.match(sprintf("%10000s", ["x"]), "x")`, "regex.match takes"},
	} {
		t.Run(name, func(t *testing.T) {
			text := wrap("input.workload.data == \"health\"\n" + c.body)
			w := newWorld(t, fstest.MapFS{})
			s, err := Load(one("a.rego", text), nil)
			require.NoError(t, err)
			reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
			require.NoError(t, err)
			require.Len(t, reasons, 1)
			assert.Equal(t, "POLICY-ERROR", reasons[0].Code)
			assert.Contains(t, reasons[0].Message, "A-1 fails in p/a.rego:")
			assert.Contains(t, reasons[0].Message, c.want)
		})
	}
}

// TestRulesYieldNothingTooLarge has a rule that builds, without a builtin, a value that shares its parts.
func TestRulesYieldNothingTooLarge(t *testing.T) {
	text := strings.Replace(wrap(chain("[x | some x in numbers.range(1, 20)]", "%[1]s := [%[2]s | some x in numbers.range(1, 20)]", 7)),
		"contains {}", `contains {"n": v7}`, 1)
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", text), nil)
	require.NoError(t, err)
	reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
	require.NoError(t, err)
	require.Len(t, reasons, 1)
	assert.Equal(t, "A-1 fails in p/a.rego:11: the rule takes or makes a value that is too large", reasons[0].Message)
}

// TestGuardsCanBeReplaced has builtins replaced by values and functions, and functions by builtins.
func TestGuardsCanBeReplaced(t *testing.T) {
	text := wrap(`
	replaced with replace as "y"
	replaced with replace as f
	own with f as concat_two
	guarded_value with f as replace`) + `
replaced if replace("a", "b", "c") == "y"
f(_, _, _) := "y"
concat_two(a, b, c) := concat("", [a, b, c])
own if f("a", "b", "c") == "abc"
guarded_value if f("a", "a", "c") == "c"
`
	w := newWorld(t, fstest.MapFS{})
	s, err := Load(one("a.rego", text), nil)
	require.NoError(t, err)
	reasons, err := s.Reasons(t.Context(), w.scope(), w.workload("clinic/db"), w.site("berlin"))
	require.NoError(t, err)
	require.Len(t, reasons, 1)
	assert.Equal(t, "A-1", reasons[0].Code, reasons[0].Message)
}

// TestEveryBuiltinIsGuarded lists, in passing, the builtins that a new version of OPA brings.
func TestEveryBuiltinIsGuarded(t *testing.T) {
	g := newGuards()
	for _, b := range sandbox().Builtins {
		if unguarded[b.Name] || b.Infix == "=" || b.Infix == ":=" {
			continue
		}
		decl := g.decls[guardName(b.Name)]
		require.NotNil(t, decl, b.Name)
		assert.Contains(t, g.builtins, decl.Ref().String())
	}
}
