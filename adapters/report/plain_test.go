package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/domicile-eu/domicile/policy"
)

// TestTextIsPlain has titles that would clear the screen, turn the line round and add one of their own.
func TestTextIsPlain(t *testing.T) {
	var b strings.Builder
	x := &text{w: &b, d: &Document{}}
	bad := "a\x1b[2J\u202eb\nADMITTED \u00e9 100%"
	x.rules("added", []policy.Rule{{Code: "A-1", Title: bad, Location: "p"}})
	x.table("TITLE\tMORE", []string{bad + "\tx"})
	assert.Equal(t, "added    A-1        a\\u001b[2J\\u202eb\\u000aADMITTED \u00e9 100% (p)\n"+
		"TITLE                                   MORE\na\\u001b[2J\\u202eb\\u000aADMITTED \u00e9 100%  x\n", b.String())
}
