package policy

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// FuzzLoad feeds Load any module, and what it accepts a question: it must end, with an error that is ErrInvalid or with a
// set that answers.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		byCountry, neverEnds, helpers, wrap("walk(input, [_, 1])"), wrap(`sprintf("%1000000d", [1])`), wrap("$\"{1}\""), "package a", "",
	} {
		f.Add(text)
	}
	w := newWorld(f, fstest.MapFS{})
	site, _ := w.continuum.Site("berlin")
	f.Fuzz(func(t *testing.T, text string) {
		// Without the library, which takes most of the time of a Load.
		s, err := load(one("a.rego", text), fstest.MapFS{}, Options{MaxModuleBytes: 10_000, MaxSteps: 10_000, Deadline: 5 * time.Second})
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		verdicts, err := s.Admit(t.Context(), w.scope(), &w.workloads[0], []*topology.Site{site})
		require.NoError(t, err)
		reasons, err := s.Reasons(t.Context(), w.scope(), &w.workloads[0], site)
		require.NoError(t, err)
		require.Equal(t, verdicts[0].Denied, len(reasons) > 0)
	})
}

// FuzzTable feeds the reader of tables anything: what it accepts is a table that rules can read.
func FuzzTable(f *testing.F) {
	f.Add("apiVersion: domicile.eu/v1alpha1\nkind: PolicyTable\nname: t\nasOf: 2026-01-01\nsource: x\nvalidUntil: 2027-01-01\nvalues: {a: [1, 2.5, true, {b: c}]}\n")
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		bad := &defects{}
		x := parseTable(&file{name: "t.yaml", text: []byte(text)}, bad)
		if x == nil {
			require.ErrorIs(t, bad.err(), ErrInvalid)
			return
		}
		require.True(t, bad.none())
		_, err := newStore(map[string]*table{x.name: x})
		require.NoError(t, err)
	})
}

// FuzzBrackets feeds the look at the text before the parser anything: it must end, and a text with fewer characters than
// the limit is never too deep.
func FuzzBrackets(f *testing.F) {
	f.Add(`x := "[" # [`)
	f.Add("x := $`{[`")
	f.Fuzz(func(t *testing.T, text string) {
		line := tooDeep([]byte(text))
		require.GreaterOrEqual(t, line, 0)
		if len(text) <= maxBrackets {
			require.Zero(t, line)
		}
	})
}
