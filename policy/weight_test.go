package policy

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLoadRefusesValuesThatDouble has modules that take OPA's type checker, or the plugging of variables, time without end.
func TestLoadRefusesValuesThatDouble(t *testing.T) {
	double := func(v string) string {
		return strings.ReplaceAll(chain("[1]", "%[1]s := [%[2]s, %[2]s]", 40), "v", v)
	}
	rules := "package domicile.continuum.a\n\n" + strings.ReplaceAll(double("v"), "\n", "\n\n")
	for name, text := range map[string]string{
		"in a body":          wrap(double("a") + double("b") + "a40 == b40"),
		"in rules":           rules,
		"equations":          wrap(strings.ReplaceAll(double("a"), ":=", "=")),
		"objects":            wrap(chain(`{"x": 1}`, `%[1]s := {"a": %[2]s, "b": {%[2]s}}`, 40) + "count(v40) > 0"),
		"through f":          wrap(chain("[1]", "%[1]s := f(%[2]s)", 40)+"count(v40) > 0") + "\nf(x) := [x, x]\n",
		"in one call":        wrap("count("+strings.Repeat("f(", 40)+"1"+strings.Repeat(")", 40)+") > 0") + "\nf(x) := [x, x]\n",
		"in a comprehension": wrap("x := [y | " + strings.ReplaceAll(double("a"), "\n", "; ") + "y := a40]\ncount(x) > 0"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(one("a.rego", text), nil)
			require.ErrorIs(t, err, ErrInvalid)
			assert.Regexp(t, `^p/a.rego:\d+: .*is put together of more than 100000 parts`, err.Error())
		})
	}
}

func TestLoadAcceptsManyParts(t *testing.T) {
	text := wrap("a := [1, 2, 3]\nb := [a, a, a]\nc := {\"a\": b, \"b\": [b, a], \"c\": f(f(b))}\nd := [[x, x, c] | some x in c]\ncount(d) > 0\n[p, q] = r\nr = [a, b]\ncount([p, q]) > 0") +
		"\nf(x) := {\"x\": x, \"y\": [x]}\n\ng := [h, h]\n\nh := [f(1), f(2)]\n"
	_, err := Load(one("a.rego", text), nil)
	require.NoError(t, err)
}
