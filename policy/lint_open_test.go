package policy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLintFindsWhatFailsOpen has facts behind variables and in heads.
func TestLintFindsWhatFailsOpen(t *testing.T) {
	const fact = "input.site.attributes.zz"
	for name, c := range map[string]struct{ rule, want string }{
		"a variable":            {`deny contains {} if { a := input.site.attributes; a.zz != "DE" }`, "A-1: does not deny where " + fact + " is not stated"},
		"two variables":         {`deny contains {} if { s := input.site; a := s.attributes; a.zz != "DE" }`, "A-1: does not deny where " + fact + " is not stated"},
		"the head":              {`deny contains {"n": input.site.attributes.zz} if input.date`, "A-1: does not deny where " + fact + ", which it yields, is not stated"},
		"a variable in a head":  {`deny contains {"n": a.zz} if a := input.site.attributes`, "A-1: does not deny where " + fact + ", which it yields, is not stated"},
		"a message in the head": {`deny contains {"message": sprintf("%v", [input.site.attributes.zz])} if input.date`, "A-1: does not deny where " + fact + ", which it yields, is not stated"},
		"asked for the good":    {`deny contains {"n": object.get(input.site.attributes, "zz", "not stated")} if not input.site.attributes.zz == 1`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Load(one("a.rego", ruled(c.rule, "")), nil)
			require.NoError(t, err)
			found := ""
			for _, f := range s.Lint() {
				if f.Code == "FAIL-OPEN" {
					found = f.Message
				}
			}
			assert.Equal(t, c.want, found)
		})
	}
}
