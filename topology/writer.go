package topology

import (
	"bufio"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// writer writes the YAML of a list of things: each in block style, what is inside a field in flow style. Errors stay in
// the bufio.Writer until it is flushed.
type writer struct{ *bufio.Writer }

// list starts a list of n things; one of none is left out.
func (w *writer) list(name string, n int) {
	if n > 0 {
		w.WriteString(name + ":\n")
	}
}

// first starts a thing with its first field.
func (w *writer) first(key, value string) {
	w.WriteString("- " + key + ": ")
	w.text(value)
	w.WriteByte('\n')
}

func (w *writer) key(key string) { w.WriteString("  " + key + ": ") }

// field writes a text, unless it is empty.
func (w *writer) field(key, value string) {
	if value != "" {
		w.key(key)
		w.text(value)
		w.WriteByte('\n')
	}
}

// amount writes a quantity, unless it is 0.
func (w *writer) amount(key string, v int64, u quantity.Unit) {
	if v != 0 {
		w.key(key)
		w.WriteString(quantity.Format(v, u) + "\n")
	}
}

func (w *writer) amounts(r Resources) {
	w.WriteByte('{')
	for i, d := range sortedKeys(r) {
		w.open(i == 0, "", "")
		w.text(string(d))
		w.WriteString(": " + quantity.Format(r[d], d.unit()))
	}
	w.WriteByte('}')
}

// open writes what stands before an entry of a flow list or mapping.
func (w *writer) open(first bool, bracket, before string) {
	if first {
		w.WriteString(bracket)
	} else {
		w.WriteString(", ")
	}
	w.WriteString(before)
}

func mapping[K ~string, V any](w *writer, m map[K]V, value func(V)) {
	w.WriteByte('{')
	for i, key := range sortedKeys(m) {
		w.open(i == 0, "", "")
		w.text(string(key))
		w.WriteString(": ")
		value(m[key])
	}
	w.WriteByte('}')
}

func words[T ~string](w *writer, list []T) {
	w.WriteByte('[')
	for i, word := range list {
		w.open(i == 0, "", "")
		w.text(string(word))
	}
	w.WriteString("]\n")
}

// set writes a list of words, unless it is empty.
func set[T ~string](w *writer, key string, list []T) {
	if len(list) > 0 {
		w.key(key)
		words(w, list)
	}
}

func (w *writer) location(l Location) {
	degrees := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	w.key("location")
	w.WriteString("{lat: " + degrees(l.Lat) + ", lon: " + degrees(l.Lon) + "}\n")
}

func (w *writer) node(id, name, city string, country Jurisdiction, l Location, assumed []string) {
	w.first("id", id)
	w.field("name", name)
	w.field("country", string(country))
	w.field("city", city)
	w.location(l)
	set(w, "assumed", assumed)
}

func (w *writer) certifications(list []Certification) {
	if len(list) == 0 {
		return
	}
	w.key("certifications")
	for i, c := range list {
		w.open(i == 0, "[", "{scheme: ")
		w.text(c.Scheme)
		if c.Level != "" {
			w.WriteString(", level: ")
			w.text(c.Level)
		}
		if c.ValidUntil != "" {
			w.WriteString(", validUntil: " + c.ValidUntil)
		}
		if c.Source != "" {
			w.WriteString(", source: ")
			w.text(c.Source)
		}
		w.WriteByte('}')
	}
	w.WriteString("]\n")
}

func (w *writer) attributes(m map[string]any) {
	if len(m) > 0 {
		w.key("attributes")
		w.free(m)
		w.WriteByte('\n')
	}
}

func (w *writer) free(v any) {
	switch v := v.(type) {
	case string:
		w.text(v)
	case bool:
		w.WriteString(strconv.FormatBool(v))
	case int64:
		w.WriteString(strconv.FormatInt(v, 10))
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0" // to be read as a float again
		}
		w.WriteString(text)
	case []any:
		w.WriteByte('[')
		for i := range v {
			w.open(i == 0, "", "")
			w.free(v[i])
		}
		w.WriteByte(']')
	case map[string]any:
		mapping(w, v, w.free)
	}
}

// text writes a text plainly where every reader of YAML takes it for one, and quoted otherwise.
func (w *writer) text(s string) {
	if plain(s) {
		w.WriteString(s)
	} else {
		w.WriteString(strconv.Quote(s)) // its escapes are those of YAML
	}
}

func plain(s string) bool {
	if s == "" || s[0] >= 0x80 || !unicode.IsLetter(rune(s[0])) || s[len(s)-1] == ' ' {
		return false
	}
	for _, r := range s {
		if !strings.ContainsRune(" -._/+", r) && !unicode.IsLetter(r) && (r < '0' || r > '9') {
			return false
		}
	}
	switch strings.ToLower(s) { // words that some version of YAML takes for something else
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return false
	}
	return true
}

// date writes a time, as a date alone where it is midnight UTC.
func date(t time.Time) string {
	if t = t.UTC(); t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339Nano)
}
