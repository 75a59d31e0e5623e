package topology

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/internal/document"
)

// maxKey is how long keys of maps may be, in bytes; YAML reads no implicit key of more than 1024 characters.
const maxKey = 256

// maxID is how long IDs may be, in bytes, as names are in Kubernetes. Those of links may be that of their ends.
const maxID, maxLinkID = 253, 2*253 + len("--")

// maxDimensions is how many dimensions of capacity a site may have, far more than anybody tells apart.
const maxDimensions = 256

// text checks a free text.
func (s spot) text(field, text string) {
	if wrong := document.Unfit(text, ""); wrong != "" {
		s.defect(field, "%s", wrong)
	}
}

// time checks a time that may be zero.
func (s spot) time(field string, t time.Time) {
	if wrong := unfitTime(t); wrong != "" {
		s.defect(field, "%s", wrong)
	}
}

// unfitTime returns what is wrong with a time, empty where nothing is. One before 1970 was never set, and RFC 3339 has
// no text for one after 9999.
func unfitTime(t time.Time) string {
	if year := t.UTC().Year(); !t.IsZero() && (year < 1970 || year > 9999) {
		return fmt.Sprintf("%d is no year from 1970 to 9999", year)
	}
	return ""
}

// id checks a name that other things refer to by.
func (s spot) id(field, id string) { s.name(field, id, maxID) }

func (s spot) linkID(id string) { s.name("id", id, maxLinkID) }

func (s spot) name(field, id string, most int) {
	if id == "" {
		s.defect(field, "is missing")
		return
	}
	if len(id) > most {
		s.defect(field, "is longer than %d bytes", most)
		return
	}
	for i := range len(id) {
		if b := id[i]; (b < 'a' || b > 'z') && (b < '0' || b > '9') && b != '-' && b != '.' && b != '_' {
			s.defect(field, "%s has other characters than a-z, 0-9, '-', '.' and '_'", document.Key("", id))
			return
		}
	}
}

// word checks a name that lists of words are made of: no comma, no blanks around.
func (s spot) word(field, word string) {
	s.text(field, word)
	if strings.Contains(word, ",") || strings.TrimSpace(word) != word {
		s.defect(field, "%q has a comma or blanks around it", word)
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
	for i, name := range list {
		field, _, _ := strings.Cut(name, ".")
		if slices.Contains(fields, field) {
			if wrong := document.Unfit(name, ""); wrong != "" {
				s.defect(item("assumed", i), "%s", wrong)
			}
			continue
		}
		if near := s.nearest(name, fields); near != "" {
			s.defect(item("assumed", i), "%q is no field; did you mean %s?", name, near)
		} else {
			s.defect(item("assumed", i), "%q is no field", name)
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
	if len(m) > maxDimensions {
		s.defect(field, "has more than %d dimensions", maxDimensions)
		return
	}
	for _, d := range sortedKeys(m) {
		s.dimension(field, d)
		if m[d] < 0 {
			s.defect(document.Key(field, string(d)), "%d is negative", int64(m[d]))
		}
	}
}

// priced checks that what is priced or draws power is there to be used. A list may name a known dimension that the site
// lacks: lists of prices are made for many sites.
func priced[V ~int64](s spot, field string, m map[Dimension]V, capacity Resources) {
	if len(m) > maxDimensions || len(capacity) > maxDimensions {
		return // noted already
	}
	var known []Dimension
	for _, d := range sortedKeys(m) {
		if _, there := capacity[d]; there || slices.Contains(knownDimensions, d) || d.meant() != "" {
			continue
		}
		if known == nil {
			known = append(sortedKeys(capacity), knownDimensions...)
		}
		s.missesCapacity(document.Key(field, string(d)), d, known)
	}
}

// missesCapacity notes a dimension that the site has no capacity of, and which of the known ones may be meant.
func (s spot) missesCapacity(path string, d Dimension, known []Dimension) {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = string(k)
	}
	if near := s.nearest(string(d), names); near != "" {
		s.defect(path, "is no dimension of the capacity; did you mean %s?", near)
	} else {
		s.defect(path, "is no dimension of the capacity")
	}
}

// nearest is what a misspelt word most likely meant, where anybody will read of it.
func (s spot) nearest(word string, known []string) string {
	if s.full() {
		return ""
	}
	return document.Nearest(word, known)
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
	} else if meant := d.meant(); meant != "" {
		s.defect(document.Key(field, string(d)), "is unknown; did you mean %s?", meant)
	}
}

func (r Runtime) known() bool { return slices.Contains(runtimes[:], r) }
