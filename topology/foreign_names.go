package topology

import (
	_ "embed"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/domicile-eu/domicile/internal/document"
)

// countryNames lists names of countries as slug writes them, in alphabetical order, with their codes. Source:
// iso3166.tab of the IANA time zone database, and further names in common use.
//
//go:embed country_names.txt
var countryNames string

// countriesByName is a table of countryNames.
func countriesByName() map[string]Jurisdiction {
	table := map[string]Jurisdiction{}
	for line := range strings.Lines(countryNames) {
		name, code, _ := strings.Cut(strings.TrimSpace(line), " ")
		table[name] = Jurisdiction(code)
	}
	return table
}

// plainLetters maps letters with marks, and pairs of letters, to what stands for them in an ID.
var plainLetters = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "å", "a", "ā", "a", "ă", "a", "ą", "a", "æ", "ae",
	"ç", "c", "ć", "c", "č", "c", "ď", "d", "đ", "d", "ð", "d", "è", "e", "é", "e", "ê", "e", "ë", "e", "ē", "e", "ė", "e",
	"ę", "e", "ě", "e", "ğ", "g", "ģ", "g", "ì", "i", "í", "i", "î", "i", "ï", "i", "ī", "i", "į", "i", "ı", "i", "ķ", "k",
	"ĺ", "l", "ļ", "l", "ľ", "l", "ł", "l", "ñ", "n", "ń", "n", "ņ", "n", "ň", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o",
	"ö", "o", "ø", "o", "ő", "o", "œ", "oe", "ŕ", "r", "ř", "r", "ś", "s", "ş", "s", "š", "s", "ș", "s", "ß", "ss",
	"ţ", "t", "ť", "t", "ț", "t", "þ", "th", "ù", "u", "ú", "u", "û", "u", "ü", "u", "ū", "u", "ů", "u", "ű", "u", "ų", "u",
	"ý", "y", "ÿ", "y", "ź", "z", "ż", "z", "ž", "z", "&", " and ",
)

// maxSlug leaves room in an ID for what tells nodes of one label apart.
const maxSlug = 200

// slug makes an ID of a label: small letters and digits, anything else a hyphen. Empty where nothing is left.
func slug(label string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range plainLetters.Replace(strings.ToLower(label)) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if hyphen && b.Len() > 0 {
				b.WriteByte('-')
			}
			hyphen = false
			b.WriteRune(r)
		} else {
			hyphen = true
		}
		if b.Len() >= maxSlug {
			break
		}
	}
	return b.String()
}

// ids hands out IDs that are not taken yet.
type ids struct {
	taken map[string]bool
	last  map[string]int // number handed out last, per slug
}

func newIDs() *ids { return &ids{taken: map[string]bool{}, last: map[string]int{}} }

// next returns the slug, or where it is taken the slug with the next number that is free.
func (i *ids) next(slug string) (id string, first bool) {
	id, first = slug, true
	for i.taken[id] {
		first = false
		i.last[slug] = max(i.last[slug], 1) + 1
		id = slug + "-" + strconv.Itoa(i.last[slug])
	}
	i.taken[id] = true
	return id, first
}

// clean makes a text fit to be shown: blanks for line breaks, and nothing for characters that can not be seen.
func clean(text string) string {
	if document.Unfit(text, "") == "" {
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case unicode.In(r, unicode.Zl, unicode.Zp) || unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}
