package topology

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// graphml reads GraphML: U. Brandes, M. Eiglsperger et al., GraphML Progress Report, Graph Drawing 2001, and
// graphml.graphdrawing.org. Nodes, edges and their data are read; nested graphs, hyperedges and ports are not.
type graphml struct {
	*foreign
	source   *source
	keys     map[string]*graphmlKey
	order    []*graphmlKey // that have defaults, in order of the file
	open     []string      // elements around
	graphs   int
	node     *foreignNode
	edge     *foreignEdge
	data     *fact // whose text is being read; nil: none
	fallback *graphmlKey
	level    int // how deep the element stands whose text is being read
	text     strings.Builder
	skipped  map[string]bool
}

type graphmlKey struct {
	name, about string // what it is called, and of what it speaks: node, edge, graph, all
	fallback    *string
}

func (f *foreign) readGraphML(s *source) error {
	g := &graphml{foreign: f, source: s, keys: map[string]*graphmlKey{}, skipped: map[string]bool{}}
	d := xml.NewDecoder(s)
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("is written in %s; only UTF-8 is read", quoted(charset))
	}
	for {
		s.token = 0
		line, _ := d.InputPos()
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err == nil {
			if line, _ = d.InputPos(); len(g.open) >= maxNesting {
				err = fmt.Errorf("is nested deeper than %d elements", maxNesting)
			}
		}
		if err == nil {
			err = g.take(token, line)
		}
		if err != nil {
			return g.broken(err, line)
		}
	}
	if g.graphs == 0 {
		return f.fatal(s.line, "has no graph")
	}
	return nil
}

// broken is the error of a file that can not be gone on with.
func (g *graphml) broken(err error, line int) error {
	if g.source.err != nil {
		return g.fatal(g.source.line, "%w", g.source.err)
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return g.fatal(syntax.Line, "is not XML: %s", syntax.Msg)
	}
	var charset = "xml: opening charset "
	if message := err.Error(); strings.HasPrefix(message, charset) {
		_, reason, _ := strings.Cut(message[len(charset):], ": ")
		return g.fatal(line, "%s", reason)
	}
	return g.fatal(line, "%w", err)
}

func (g *graphml) take(token xml.Token, line int) error {
	switch t := token.(type) {
	case xml.Directive:
		if strings.ContainsAny(string(t), "[") {
			return errors.New("declares entities or more in its DOCTYPE, which is not read")
		}
	case xml.StartElement:
		if err := g.start(t, line); err != nil {
			return err
		}
		g.open = append(g.open, t.Name.Local)
	case xml.EndElement:
		g.open = g.open[:len(g.open)-1]
		return g.end(t.Name.Local)
	case xml.CharData:
		if g.data == nil && g.fallback == nil {
			return nil
		}
		if g.text.Len()+len(t) > maxFact {
			return g.source.stop("has a value of more than %d KiB", maxFact>>10)
		}
		if len(g.open) == g.level+1 {
			g.text.Write(t)
		}
	}
	return nil
}

func (g *graphml) start(t xml.StartElement, line int) error {
	inside := ""
	if len(g.open) > 0 {
		inside = g.open[len(g.open)-1]
	} else if t.Name.Local != "graphml" {
		return fmt.Errorf("starts with %s, expected graphml", quoted(t.Name.Local))
	}
	if g.data != nil || g.fallback != nil {
		g.skip(line, t.Name.Local, "inside data")
		return nil
	}
	switch t.Name.Local {
	case "key":
		return g.startKey(t, line)
	case "default":
		if inside == "key" {
			g.fallback, g.level = g.order[len(g.order)-1], len(g.open)
		}
	case "graph":
		if g.graphs++; g.graphs > 1 {
			return errors.New("has a second graph, of which nothing can be made")
		}
		if attribute(t, "edgedefault") == "directed" {
			g.note(line, "edges have a direction; links carry traffic both ways")
		}
	case "node":
		return g.startNode(t, line)
	case "edge":
		return g.startEdge(t, line)
	case "data":
		return g.startData(t, line)
	case "graphml", "desc":
	default:
		g.skip(line, t.Name.Local, "")
	}
	return nil
}

// skip notes an element that is not read, the first of each name.
func (g *graphml) skip(line int, name, where string) {
	if g.skipped[name] || len(g.skipped) > 100 {
		return
	}
	g.skipped[name] = true
	g.note(line, "%s", strings.TrimSpace("elements "+quoted(name)+" are not read "+where))
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (g *graphml) startKey(t xml.StartElement, line int) error {
	id, k := attribute(t, "id"), &graphmlKey{name: attribute(t, "attr.name"), about: attribute(t, "for")}
	if k.name == "" {
		k.name = id
	}
	if err := errors.Join(g.source.keep(id), g.source.keep(k.name)); err != nil {
		return err
	}
	if len(g.order) >= maxFacts {
		return g.source.stop("declares more than %d keys", maxFacts)
	}
	if id == "" {
		g.defect(line, "a key has no id")
	} else if g.keys[id] != nil {
		g.defect(line, "key %s is declared twice", quoted(id))
	}
	g.keys[id] = k
	g.order = append(g.order, k)
	return nil
}

func (g *graphml) startNode(t xml.StartElement, line int) error {
	id := attribute(t, "id")
	if g.node != nil || g.edge != nil {
		return errors.New("has a node inside a node or an edge")
	}
	if err := errors.Join(g.source.part(), g.source.keep(id)); err != nil {
		return err
	}
	if id == "" {
		g.defect(line, "a node has no id")
	}
	g.node = &foreignNode{id: id, line: line}
	return nil
}

func (g *graphml) startEdge(t xml.StartElement, line int) error {
	e := &foreignEdge{id: attribute(t, "id"), a: attribute(t, "source"), b: attribute(t, "target"), line: line}
	if g.node != nil || g.edge != nil {
		return errors.New("has an edge inside a node or an edge")
	}
	if err := errors.Join(g.source.part(), g.source.keep(e.id), g.source.keep(e.a), g.source.keep(e.b)); err != nil {
		return err
	}
	if e.a == "" || e.b == "" {
		g.defect(line, "an edge lacks source or target")
	}
	g.edge = e
	return nil
}

func (g *graphml) startData(t xml.StartElement, line int) error {
	id := attribute(t, "key")
	k := g.keys[id]
	if k == nil {
		g.defect(line, "there is no key %s", quoted(id))
		k = &graphmlKey{name: id}
	}
	facts := g.about()
	if len(*facts) >= maxFacts {
		return g.source.stop("says more than %d things of one node, edge or graph", maxFacts)
	}
	if find(*facts, k.name) != nil {
		g.defect(line, "%s stands in line %d already", quoted(k.name), find(*facts, k.name).line)
	}
	g.data, g.level = &fact{key: k.name, line: line}, len(g.open)
	return nil
}

// about is where facts belong at this point of the file.
func (g *graphml) about() *[]fact {
	switch {
	case g.node != nil:
		return &g.node.facts
	case g.edge != nil:
		return &g.edge.facts
	default:
		return &g.facts
	}
}

func (g *graphml) end(name string) error {
	switch name {
	case "data":
		if g.data == nil || len(g.open) != g.level {
			return nil // of another name space, inside one of ours
		}
		g.data.value = strings.TrimSpace(g.text.String())
		if err := g.source.keep(g.data.value); err != nil {
			return err
		}
		list := g.about()
		*list = append(*list, *g.data)
		g.data = nil
		g.text.Reset()
	case "default":
		if g.fallback == nil || len(g.open) != g.level {
			return nil
		}
		value := strings.TrimSpace(g.text.String())
		if err := g.source.keep(value); err != nil {
			return err
		}
		g.fallback.fallback, g.fallback = &value, nil
		g.text.Reset()
	case "node":
		if g.node != nil && g.data == nil {
			g.node.facts = g.complete(g.node.facts, "node", g.node.line)
			g.addNode(*g.node)
			g.node = nil
			return g.source.err
		}
	case "edge":
		if g.edge != nil && g.data == nil {
			g.edge.facts = g.complete(g.edge.facts, "edge", g.edge.line)
			g.edges = append(g.edges, *g.edge)
			g.edge = nil
			return g.source.err
		}
	case "graphml":
		g.order = nil
	}
	return nil
}

// complete adds the defaults of what is not said.
func (g *graphml) complete(facts []fact, about string, line int) []fact {
	for _, k := range g.order {
		if k.fallback != nil && (k.about == about || k.about == "all" || k.about == "") && find(facts, k.name) == nil {
			if g.source.keep(*k.fallback) != nil {
				break
			}
			facts = append(facts, fact{k.name, *k.fallback, line})
		}
	}
	return slices.Clip(facts)
}
