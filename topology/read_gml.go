package topology

import (
	"errors"
	"fmt"
	"html"
	"strings"
)

// gml reads GML: M. Himsolt, GML: A Portable Graph File Format, University of Passau 1997. A file is a list of keys and
// values, a value being a number, a text or a list in brackets; the key graph holds node and edge. What stands in lists
// inside a node or an edge is kept under a key made of both, such as graphics.x.
type gml struct {
	*foreign
	scanner
	graphs int
}

// unescape replaces the entities of ISO 8859 with which GML writes what is no ASCII.
func unescape(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	return html.UnescapeString(text)
}

// maxList is how long the values of a key that repeats may be together, in bytes: each is appended by copying.
const maxList = 4 << 10

func (f *foreign) readGML(s *source) error {
	g := &gml{foreign: f, scanner: scanner{source: s, brackets: "[]", quotes: true}}
	w, err := g.list(0, g.top)
	if err == nil && !w.end {
		err = fmt.Errorf("has a ] without its [")
	}
	switch {
	case s.err != nil:
		return f.fatal(s.line, "%w", s.err)
	case err != nil:
		return f.fatal(max(w.line, 1), "%w", err)
	case g.graphs == 0:
		return f.fatal(s.line, "has no graph")
	}
	return nil
}

// list reads keys and values up to the end of the list or of the file, and returns the word at which it ended.
func (g *gml) list(depth int, take func(key, value token, depth int) (token, error)) (token, error) {
	for {
		key, err := g.next()
		if err != nil || key.end || key.bracket("]") {
			return key, err
		}
		if key.quoted || key.bracket("[") {
			return key, fmt.Errorf("has %s where a key is expected", key)
		}
		value, err := g.next()
		if err != nil {
			return value, err
		}
		if value.end || value.bracket("]") {
			return value, fmt.Errorf("has %s where the value of %s is expected", value, quoted(key.text))
		}
		if value.bracket("[") && depth >= maxNesting {
			return value, fmt.Errorf("is nested deeper than %d lists", maxNesting)
		}
		if at, err := take(key, value, depth+1); err != nil {
			return at, err
		}
	}
}

// inner reads a list that must end with a bracket.
func (g *gml) inner(open token, depth int, take func(key, value token, depth int) (token, error)) (token, error) {
	w, err := g.list(depth, take)
	if err == nil && w.end {
		return open, errors.New("has a [ without its ]")
	}
	return w, err
}

func (g *gml) top(key, value token, depth int) (token, error) {
	if key.text == "graph" && value.bracket("[") {
		if g.graphs++; g.graphs > 1 {
			return key, errors.New("has a second graph, of which nothing can be made")
		}
		return g.inner(value, depth, g.graph)
	}
	return g.keep(&g.facts, "", key, value, depth)
}

func (g *gml) graph(key, value token, depth int) (token, error) {
	switch {
	case key.text == "node" && value.bracket("["):
		return g.readNode(key, value, depth)
	case key.text == "edge" && value.bracket("["):
		return g.readEdge(key, value, depth)
	case key.text == "directed" && value.text == "1":
		g.note(key.line, "edges have a direction; links carry traffic both ways")
		return value, nil
	}
	return g.keep(&g.facts, "", key, value, depth)
}

func (g *gml) readNode(key, open token, depth int) (token, error) {
	n := foreignNode{line: key.line}
	if err := g.part(); err != nil {
		return key, err
	}
	w, err := g.inner(open, depth, g.into(&n.facts))
	if err != nil {
		return w, err
	}
	if n.id = take(&n.facts, "id"); n.id == "" {
		g.defect(n.line, "a node has no id")
		return w, nil
	}
	g.addNode(n)
	return w, nil
}

func (g *gml) readEdge(key, open token, depth int) (token, error) {
	e := foreignEdge{line: key.line}
	if err := g.part(); err != nil {
		return key, err
	}
	w, err := g.inner(open, depth, g.into(&e.facts))
	if err != nil {
		return w, err
	}
	e.a, e.b = take(&e.facts, "source"), take(&e.facts, "target")
	if e.a == "" || e.b == "" {
		g.defect(e.line, "an edge lacks source or target")
	}
	g.edges = append(g.edges, e)
	return w, nil
}

// take removes a fact and returns its value.
func take(facts *[]fact, key string) string {
	f := find(*facts, key)
	if f == nil {
		return ""
	}
	value := f.value
	*f = (*facts)[len(*facts)-1]
	*facts = (*facts)[:len(*facts)-1]
	return value
}

func (g *gml) into(facts *[]fact) func(key, value token, depth int) (token, error) {
	return func(key, value token, depth int) (token, error) { return g.keep(facts, "", key, value, depth) }
}

// keep keeps a value, and those of a list one by one. Keys that stand several times are a list, as networkx writes it.
func (g *gml) keep(facts *[]fact, before string, key, value token, depth int) (token, error) {
	name := before + key.text
	if value.bracket("[") {
		return g.inner(value, depth, func(k, v token, depth int) (token, error) {
			return g.keep(facts, name+".", k, v, depth)
		})
	}
	if err := errors.Join(g.source.keep(name), g.source.keep(value.text)); err != nil {
		return value, err
	}
	if f := find(*facts, name); f != nil {
		if name == "id" || name == "source" || name == "target" {
			g.defect(key.line, "%s stands in line %d already", name, f.line)
		}
		f.value += ", " + value.text
		if len(f.value) > maxList {
			return value, g.stop("repeats a key for more than %d KiB", maxList>>10)
		}
		return value, nil
	}
	if len(*facts) >= maxFacts {
		return key, g.stop("says more than %d things of one node, edge or graph", maxFacts)
	}
	*facts = append(*facts, fact{name, value.text, key.line})
	return value, nil
}
