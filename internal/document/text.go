package document

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Unfit returns what is wrong with a text that people read, empty where nothing is. They compare texts by what they see:
// characters that can not be seen, or that turn the order of letters around, may pass one name off as another. Those
// allowed may stand in the text nevertheless.
func Unfit(text, allowed string) string {
	if !utf8.ValidString(text) {
		return "is not UTF-8 text"
	}
	for _, r := range text {
		if ' ' <= r && r < 0x7f || strings.ContainsRune(allowed, r) {
			continue
		}
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return fmt.Sprintf("has the character %U, which can not be seen", r)
		}
	}
	return ""
}
