package topology

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/domicile-eu/domicile/internal/document"
)

// ownMark is the name of the data by which a GraphML file is known to be a continuum of ours; its value is the version.
const ownMark = "domicile"

// What fields of our format are called in GraphML, where other tools know a name for them.
var graphmlNames = map[string]string{"name": "label", "country": "Country"}

// plainFields are texts; all other fields are written as in our YAML format, in flow style.
var plainFields = []string{"name", "country", "provider", "city", "tier", "state", "operator", "asOf", "measuredAt"}

// graphmlLists are the lists of our format, with what their entries are called in GraphML.
var graphmlLists = []struct{ list, kind string }{
	{"providers", "provider"}, {"sites", "site"}, {"accessPoints", "accessPoint"}, {"exchanges", "exchange"}, {"links", ""},
}

// providerNode begins the names of nodes that stand for providers. No ID has a colon.
const providerNode = "provider:"

// WriteGraphML writes a continuum as GraphML. Labels, coordinates and countries have the names that the Internet
// Topology Zoo and drawing tools use; every field of the continuum is kept as data, so that [ReadNetwork] makes a
// continuum of the same digest of it. Providers are nodes without edges. It is an error if AsOf is missing, as for [Write].
func WriteGraphML(w io.Writer, c *Continuum) error {
	if c.asOf.IsZero() {
		return fmt.Errorf("%w: asOf: is missing", ErrInvalid)
	}
	g := &graphmlWriter{Writer: bufio.NewWriterSize(w, 1<<16)}
	g.head()
	g.WriteString("  <graph edgedefault=\"undirected\">\n")
	g.data("    ", ownMark, document.Version)
	if c.name != "" {
		g.data("    ", "label", plainText(c.name))
	}
	g.data("    ", "asOf", date(c.asOf))
	for p := range c.Providers() {
		g.node(providerNode+string(p.ID), "provider", p.write)
	}
	for s := range c.Sites() {
		g.node(string(s.ID), "site", s.write)
	}
	for a := range c.AccessPoints() {
		g.node(string(a.ID), "accessPoint", func(w *writer) {
			w.node(string(a.ID), a.Name, a.City, a.Country, a.Location, a.Assumed)
		})
	}
	for x := range c.Exchanges() {
		g.node(string(x.ID), "exchange", func(w *writer) {
			w.node(string(x.ID), x.Name, x.City, x.Country, x.Location, x.Assumed)
		})
	}
	for l := range c.Links() {
		fmt.Fprintf(g, "    <edge id=\"%s\" source=\"%s\" target=\"%s\">\n", l.ID, l.A, l.B) // IDs need no escape
		g.fields(l.write)
		g.WriteString("    </edge>\n")
	}
	g.WriteString("  </graph>\n</graphml>\n")
	return g.Flush() // the error of any write before
}

type graphmlWriter struct{ *bufio.Writer }

// head declares the keys, all of them whether they are used or not.
func (g *graphmlWriter) head() {
	g.WriteString(xml.Header + "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n")
	key := func(name, about, kind string) {
		fmt.Fprintf(g, "  <key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n", name, about, name, kind)
	}
	key(ownMark, "graph", "string")
	key("asOf", "graph", "string")
	key("kind", "node", "string")
	key("Latitude", "node", "double")
	key("Longitude", "node", "double")
	var names []string
	for _, list := range [][]string{providerFields, siteFields, nodeFields, linkFields} {
		names = append(names, list...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		switch name {
		case "id", "a", "b", "location":
		default:
			key(nonempty(graphmlNames[name], name), "all", "string")
		}
	}
}

func (g *graphmlWriter) data(indent, key, value string) {
	g.WriteString(indent + "<data key=\"" + key + "\">")
	_ = xml.EscapeText(g, []byte(value)) // a bufio.Writer keeps its error
	g.WriteString("</data>\n")
}

func (g *graphmlWriter) node(id, kind string, write func(*writer)) {
	g.WriteString("    <node id=\"" + id + "\">\n")
	g.data("      ", "kind", kind)
	g.fields(write)
	g.WriteString("    </node>\n")
}

// fields writes as data what a thing writes of itself as YAML: a field a line.
func (g *graphmlWriter) fields(write func(*writer)) {
	var text bytes.Buffer
	w := &writer{bufio.NewWriter(&text)}
	write(w)
	_ = w.Flush()
	for line := range strings.Lines(text.String()) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line[2:], "\n"), ": ")
		switch {
		case key == "id" || key == "a" || key == "b":
		case key == "location":
			lat, lon, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(value, "{lat: "), "}"), ", lon: ")
			g.data("      ", "Latitude", lat)
			g.data("      ", "Longitude", lon)
		case slices.Contains(plainFields, key):
			if raw, err := strconv.Unquote(value); err == nil {
				value = raw
			}
			g.data("      ", nonempty(graphmlNames[key], key), plainText(value))
		default:
			g.data("      ", key, value)
		}
	}
}

// plainText is a text as it stands in XML: as it is, or quoted where XML would not give it back, or where it begins as a
// quoted one does.
func plainText(s string) string {
	odd := func(r rune) bool { return !strconv.IsPrint(r) }
	if s == "" || s[0] == '"' || strings.TrimSpace(s) != s || strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}
