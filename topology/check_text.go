package topology

import (
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/domicile-eu/domicile/internal/document"
)

// maxKey is how long keys of maps may be, in bytes; YAML reads no implicit key of more than 1024 characters.
const maxKey = 256

// text checks a free text.
func (s spot) text(field, text string) {
	if !utf8.ValidString(text) {
		s.defect(field, "is not UTF-8 text")
	}
}

// id checks a name that other things refer to by.
func (s spot) id(field, id string) {
	if id == "" {
		s.defect(field, "is missing")
		return
	}
	for i := range len(id) {
		if b := id[i]; (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != '.' && b != '_' {
			s.defect(field, "%s has other characters than a-z, 0-9, '-', '.' and '_'", document.Key("", id))
			return
		}
	}
}

// word checks a name that lists of words are made of: no comma, no control characters, no blanks around.
func (s spot) word(field, word string) {
	if strings.ContainsFunc(word, func(r rune) bool { return r == ',' || unicode.IsControl(r) }) ||
		strings.TrimSpace(word) != word || !utf8.ValidString(word) {
		s.defect(field, "%q has a comma, control characters or blanks around it", word)
	}
}

// country checks an ISO code. An empty one is for the caller to judge.
func (s spot) country(field string, j Jurisdiction) {
	switch meant := j.meant(); {
	case j == "" || j.known():
	case meant != "":
		s.defect(field, "%q is no country of ISO 3166-1 alpha-2; did you mean %s?", string(j), meant)
	default:
		s.defect(field, "%q is no country of ISO 3166-1 alpha-2", string(j))
	}
}

func (s spot) location(l Location) {
	if !(math.Abs(l.Lat) <= 90) { // NaN is not
		s.defect("location.lat", "%v is not within -90 and 90 degrees", l.Lat)
	}
	if !(math.Abs(l.Lon) <= 180) {
		s.defect("location.lon", "%v is not within -180 and 180 degrees", l.Lon)
	}
}

// assumed checks that a list names fields, or parts of them such as energy.pue.
func (s spot) assumed(list, fields []string) {
	for _, name := range list {
		field, _, _ := strings.Cut(name, ".")
		if slices.Contains(fields, field) {
			continue
		}
		if near := document.Nearest(name, fields); near != "" {
			s.defect("assumed", "%q is no field; did you mean %s?", name, near)
		} else {
			s.defect("assumed", "%q is no field", name)
		}
	}
}

func (s spot) certifications(list []Certification) {
	for i, c := range list {
		at := item("certifications", i)
		if c.Scheme == "" {
			s.defect(at+".scheme", "is missing")
		}
		s.text(at+".scheme", c.Scheme)
		s.text(at+".level", c.Level)
		s.text(at+".source", c.Source)
		if _, err := time.Parse(time.DateOnly, c.ValidUntil); c.ValidUntil != "" && err != nil {
			s.defect(at+".validUntil", "%q is no date such as 2027-05-31", c.ValidUntil)
		}
	}
}

// amounts checks a map of whole numbers that must not be negative.
func amounts[V ~int64](s spot, field string, m map[Dimension]V) {
	for _, d := range sortedKeys(m) {
		s.dimension(field, d)
		if m[d] < 0 {
			s.defect(document.Key(field, string(d)), "%d is negative", int64(m[d]))
		}
	}
}

// key checks a key of a map.
func (s spot) key(path, key string) {
	if len(key) > maxKey {
		s.defect(path, "is longer than %d bytes", maxKey)
	}
	s.text(path, key)
}

func (s spot) dimension(field string, d Dimension) {
	ok := d != ""
	for _, r := range d {
		ok = ok && (r == '-' || r == '.' || r == '_' || r == '/' ||
			r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}
	s.key(document.Key(field, string(d)), string(d))
	if !ok {
		s.defect(document.Key(field, string(d)), "a dimension has letters, digits, '-', '.', '_' and '/'")
	}
}

func (r Runtime) known() bool { return slices.Contains(runtimes[:], r) }
