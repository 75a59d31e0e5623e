package report

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain returns a text in which nothing moves a terminal's cursor, ends a line or turns the direction of writing: titles and messages
// come from whoever wrote the policies. The characters to keep stay.
func plain(s, keep string) string {
	bad := func(r rune) bool {
		return !strings.ContainsRune(keep, r) && (r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp))
	}
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if bad(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plainArgs makes the texts among the arguments of a format plain.
func plainArgs(args []any) []any {
	for i, a := range args {
		if v := reflect.ValueOf(a); v.Kind() == reflect.String {
			args[i] = plain(v.String(), "")
		}
	}
	return args
}
