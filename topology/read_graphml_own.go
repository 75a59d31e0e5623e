package topology

import (
	"slices"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/internal/document"
)

// ownReader turns a GraphML file that WriteGraphML wrote, or that was made like one, into the YAML that Write would
// have written, for Read's own checks to judge.
type ownReader struct {
	*foreign
	text  strings.Builder
	lines []int // of the GraphML file, for each line of the text
}

func (f *foreign) own() (*Continuum, error) {
	r := &ownReader{foreign: f}
	mark := find(f.facts, ownMark)
	r.line(mark.line, "apiVersion: "+strconv.Quote(mark.value))
	r.line(mark.line, "kind: Continuum")
	for _, x := range f.facts {
		if x.key != ownMark {
			r.field("", x)
		}
	}
	kinds := make([]string, len(f.nodes))
	for i := range f.nodes {
		if kinds[i] = take(&f.nodes[i].facts, "kind"); !slices.ContainsFunc(graphmlLists, func(l struct{ list, kind string }) bool { return l.kind == kinds[i] && l.kind != "" }) {
			f.defect(f.nodes[i].line, "kind: %s is none of provider, site, accessPoint and exchange", quoted(kinds[i]))
		}
	}
	for _, l := range graphmlLists {
		first := true
		begin := func(line int, id string) {
			if first {
				r.line(line, l.list+":")
				first = false
			}
			r.line(line, "- id: "+strconv.Quote(id))
		}
		if l.list == "links" {
			r.links(begin)
			continue
		}
		for i, n := range f.nodes {
			if kinds[i] == l.kind {
				begin(n.line, strings.TrimPrefix(n.id, providerNode))
				r.place(n)
				r.fields(n.facts)
			}
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	o, err := document.ParseMade(f.file, "Continuum", strings.NewReader(r.text.String()), r.lines, ErrInvalid)
	if err != nil {
		return nil, err
	}
	return fromDocument(o)
}

func (r *ownReader) links(begin func(line int, id string)) {
	for _, e := range r.edges {
		begin(e.line, nonempty(e.id, e.a+"--"+e.b))
		r.line(e.line, "  a: "+strconv.Quote(e.a))
		r.line(e.line, "  b: "+strconv.Quote(e.b))
		r.fields(e.facts)
	}
}

func (r *ownReader) line(line int, text string) {
	r.text.WriteString(text + "\n")
	r.lines = append(r.lines, line)
}

// place writes a location. What lacks one coordinate lacks a field, which Read will say.
func (r *ownReader) place(n foreignNode) {
	var parts []string
	line := n.line
	for _, c := range []struct{ fact, key string }{{"Latitude", "lat"}, {"Longitude", "lon"}} {
		f := find(n.facts, c.fact)
		if f == nil {
			continue
		}
		if _, err := number(f.value); err != nil {
			r.defect(f.line, "%s: %s", c.fact, err)
		}
		parts, line = append(parts, c.key+": "+f.value), f.line
	}
	if len(parts) > 0 {
		r.line(line, "  location: {"+strings.Join(parts, ", ")+"}")
	}
}

func (r *ownReader) fields(facts []fact) {
	for _, f := range facts {
		if f.key != "Latitude" && f.key != "Longitude" {
			r.field("  ", f)
		}
	}
}

func (r *ownReader) field(indent string, f fact) {
	key := f.key
	for ours, name := range graphmlNames {
		if name == key {
			key = ours
		}
	}
	value := f.value
	switch plain := slices.Contains(plainFields, key); {
	case strings.ContainsFunc(key, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }) || key == "":
		r.defect(f.line, "%s is no field", quoted(key))
		return
	case key == "asOf" || key == "measuredAt": // texts that YAML knows
	case plain && !strings.HasPrefix(value, `"`):
		value = strconv.Quote(value)
	}
	if value == "" || strings.ContainsAny(value, "\n\r\u0085\u2028\u2029") {
		r.defect(f.line, "%s: must be a value in one line", key)
		return
	}
	r.line(f.line, indent+key+": "+value)
}
