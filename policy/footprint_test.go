package policy

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/internal/scenario"
)

// helpers stand beside the rule of each scenario of footprints.
const helpers = `package domicile.continuum.b

import data.domicile.lib.geo

helped if input.provider.country == "DE"

of(o) if {
	o.kind == input.site.tier
	geo.inside("eea", input.site.country)
}

chosen if input.provider.sovereignty
`

func TestFootprints(t *testing.T) {
	scenario.Run(t, "testdata/footprints.txt", func(t *testing.T, c scenario.Case) string {
		module := wrap(c.Input)
		module = strings.Replace(module, "package domicile.continuum.a\n", "package domicile.continuum.a\n\nimport data.domicile.continuum.b\n", 1)
		module = strings.NewReplacer("helped", "b.helped", "of(input", "b.of(input").Replace(module)
		if !strings.Contains(c.Input, "helped") && !strings.Contains(c.Input, "of(input") {
			module = wrap(c.Input)
		}
		s, err := Load([]Source{{Name: "p", FS: fstest.MapFS{"a.rego": {Data: []byte(module)}, "b.rego": {Data: []byte(helpers)}}}}, nil)
		require.NoError(t, err)
		var out strings.Builder
		reads := s.rules[0].reads
		for _, p := range reads.inputs {
			fmt.Fprintln(&out, p)
		}
		for _, p := range reads.kinds {
			fmt.Fprintln(&out, "kind of", p)
		}
		if len(reads.inputs)+len(reads.kinds)+len(reads.tables) == 0 {
			return "(nothing)"
		}
		if reads.whole {
			fmt.Fprintln(&out, "(everything)")
		}
		for _, name := range reads.tables {
			fmt.Fprintln(&out, "table", name)
		}
		return out.String()
	})
}
