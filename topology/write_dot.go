package topology

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteDOT writes a continuum as a graph for Graphviz: sites are boxes, exchanges points with a label, access points
// triangles; links carry their median round trip. Nodes are pinned to where they stand, west to east and south to north,
// for neato and fdp; dot lays them out anew. O(n).
func WriteDOT(w io.Writer, c *Continuum) error {
	out := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(out, "graph %s {\n  node [fontsize=10, fontname=\"sans-serif\"];\n  edge [fontsize=8, fontname=\"sans-serif\"];\n", dot(c.name))
	node := func(id, name, shape string, l Location, down bool) {
		style := ""
		if down {
			style = ", style=dashed"
		}
		fmt.Fprintf(out, "  %s [label=%s, shape=%s, pos=\"%s!\"%s];\n", dot(id), dot(nonempty(name, id)), shape, l.drawn(), style)
	}
	for s := range c.Sites() {
		node(string(s.ID), s.Name, "box", s.Location, s.State == Down)
	}
	for a := range c.AccessPoints() {
		node(string(a.ID), a.Name, "triangle", a.Location, false)
	}
	for x := range c.Exchanges() {
		node(string(x.ID), x.Name, "ellipse", x.Location, false)
	}
	for l := range c.Links() {
		fmt.Fprintf(out, "  %s -- %s [label=%s, tooltip=%s];\n", dot(string(l.A)), dot(string(l.B)), dot(l.RTT.P50.String()), dot(string(l.ID)))
	}
	out.WriteString("}\n")
	return out.Flush() // the error of any write before
}

// drawn is a position in inches, a degree of longitude being 0.65 degrees of latitude wide as in the middle of Europe.
func (l Location) drawn() string {
	inches := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
	return inches(l.Lon*0.65) + "," + inches(l.Lat)
}

// dot quotes a text for DOT, in which a backslash starts an escape of its own.
func dot(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
