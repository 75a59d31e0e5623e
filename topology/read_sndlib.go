package topology

import (
	"errors"
	"fmt"
	"strings"
)

// sndlib reads networks in SNDlib's native format: S. Orlowski et al., SNDlib 1.0 - Survivable Network Design Library,
// Networks 55(3), 2010, and sndlib.zib.de. Sections NODES and LINKS are read; demands and paths are problems on a
// network rather than the network, and are noted.
type sndlib struct {
	*foreign
	scanner
	seen map[string]bool // sections
}

func (f *foreign) readSNDlib(s *source) error {
	n := &sndlib{foreign: f, scanner: scanner{source: s, brackets: "()"}, seen: map[string]bool{}}
	w, err := n.file()
	switch {
	case s.err != nil:
		return f.fatal(s.line, "%w", s.err)
	case err != nil:
		return f.fatal(max(w.line, 1), "%w", err)
	case !n.seen["NODES"]:
		return f.fatal(s.line, "has no section NODES")
	}
	f.units = true
	return nil
}

func (n *sndlib) file() (token, error) {
	if w, err := n.header(); err != nil {
		return w, err
	}
	for {
		name, err := n.next()
		if err != nil || name.end {
			return name, err
		}
		open, err := n.expect("(")
		if err != nil {
			return open, err
		}
		if n.seen[name.text] {
			return name, fmt.Errorf("has a second section %s", quoted(name.text))
		}
		if len(n.seen) >= maxFacts {
			return name, fmt.Errorf("has more than %d sections", maxFacts)
		}
		n.seen[name.text] = true
		count := 0
		switch name.text {
		case "NODES":
			open, err = n.section(n.readNode)
		case "LINKS":
			open, err = n.section(n.readLink)
		default:
			open, count, err = n.skip(open)
			if err == nil {
				n.note(name.line, "section %s is not read (%d words)", quoted(name.text), count)
			}
		}
		if err != nil {
			return open, err
		}
	}
}

// header reads "?SNDlib native format; type: network; version: 1.0".
func (n *sndlib) header() (token, error) {
	line := []byte{}
	for {
		b, err := n.byte()
		if err != nil {
			return token{line: 1}, errors.New("is no SNDlib file: its first line is not complete")
		}
		if b == '\n' {
			break
		}
		line = append(line, b)
	}
	text := strings.TrimSpace(string(line))
	if !strings.HasPrefix(text, "?SNDlib native format") || !strings.Contains(text, "type: network") {
		return token{line: 1}, fmt.Errorf("starts with %s, expected ?SNDlib native format; type: network", quoted(text))
	}
	return token{}, nil
}

func (n *sndlib) expect(text string) (token, error) {
	w, err := n.next()
	if err == nil && (w.end || w.text != text) {
		err = fmt.Errorf("has %s where %s is expected", w, text)
	}
	return w, err
}

// section reads entries up to the bracket that ends a section.
func (n *sndlib) section(entry func(name token) (token, error)) (token, error) {
	for {
		w, err := n.next()
		if err != nil {
			return w, err
		}
		if w.text == ")" {
			return w, nil
		}
		if w.end || w.text == "(" {
			return w, fmt.Errorf("has %s where the next entry or ) is expected", w)
		}
		if err := errors.Join(n.part(), n.keep(w.text)); err != nil {
			return w, err
		}
		if w, err = entry(w); err != nil {
			return w, err
		}
	}
}

// group reads the words of a group in brackets, of which no more than most are kept.
func (n *sndlib) group(most int) (list []token, at token, err error) {
	if at, err = n.expect("("); err != nil {
		return nil, at, err
	}
	for {
		w, err := n.next()
		switch {
		case err != nil || w.text == ")":
			return list, w, err
		case w.end || w.text == "(":
			return nil, w, fmt.Errorf("has %s where ) is expected", w)
		case len(list) < most:
			if err := n.keep(w.text); err != nil {
				return nil, w, err
			}
			list = append(list, w)
		}
	}
}

// readNode reads <id> ( <longitude> <latitude> ).
func (n *sndlib) readNode(name token) (token, error) {
	place, at, err := n.group(3)
	if err != nil {
		return at, err
	}
	node := foreignNode{id: name.text, line: name.line, facts: []fact{{"label", name.text, name.line}}}
	switch len(place) {
	case 0:
	case 2:
		node.facts = append(node.facts, fact{"Longitude", place[0].text, place[0].line}, fact{"Latitude", place[1].text, place[1].line})
	default:
		n.defect(name.line, "node %s has other coordinates than longitude and latitude", quoted(name.text))
	}
	n.addNode(node)
	return at, nil
}

// readLink reads <id> ( <source> <target> ) <capacity> <its cost> <routing cost> <setup cost> ( {<capacity> <cost>}* ).
func (n *sndlib) readLink(name token) (token, error) {
	ends, at, err := n.group(3)
	if err != nil {
		return at, err
	}
	e := foreignEdge{id: name.text, line: name.line}
	if len(ends) == 2 {
		e.a, e.b = ends[0].text, ends[1].text
	} else {
		n.defect(name.line, "link %s has other ends than two", quoted(name.text))
	}
	for _, key := range []string{"capacity", "capacityCost", "routingCost", "setupCost"} {
		w, err := n.next()
		if err != nil {
			return w, err
		}
		if w.end || w.text == "(" || w.text == ")" {
			return w, fmt.Errorf("has %s where the %s of link %s is expected", w, key, quoted(name.text))
		}
		if err := n.keep(w.text); err != nil {
			return w, err
		}
		e.facts = append(e.facts, fact{key, w.text, w.line})
	}
	if _, at, err = n.group(0); err != nil { // what could be built in addition
		return at, err
	}
	if len(ends) == 2 {
		n.edges = append(n.edges, e)
	}
	return at, nil
}

// skip reads over a group in brackets and counts its words.
func (n *sndlib) skip(open token) (at token, count int, err error) {
	for depth := 1; depth > 0; {
		w, err := n.next()
		switch {
		case err != nil:
			return w, count, err
		case w.end:
			return open, count, errors.New("has a ( without its )")
		case w.text == "(":
			depth++
		case w.text == ")":
			depth--
		default:
			count++
		}
	}
	return open, count, nil
}
