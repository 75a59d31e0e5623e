package opennebula

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrInvalid is wrapped by errors about a document, a configuration or a plan that makes no sense.
var ErrInvalid = errors.New("invalid OpenNebula input")

const (
	// maxDocument is what is read of a document at most, in bytes of XML. 2,500 hosts with all their PCI devices and NUMA cores
	// take 40 MB, and requirements 13 bytes for each VM and host.
	maxDocument = 256 << 20
	// maxDepth is far beyond the nine levels of real documents.
	maxDepth = 32
	// maxElements is for one entry of a pool. A VM that may run on 10,000 hosts has as many; a host of 256 cores has some 2,000.
	maxElements = 200_000
	// maxEntries is for all pools together.
	maxEntries = 2_000_000
	// maxText is for the text of one element.
	maxText = 1 << 20
)

// element is a part of an entry of a pool.
type element struct {
	name string
	text string
	kids []element
}

// child returns the first child of that name, or nil.
func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for i := range e.kids {
		if e.kids[i].name == name {
			return &e.kids[i]
		}
	}
	return nil
}

// at follows names downwards.
func (e *element) at(names ...string) *element {
	for _, n := range names {
		e = e.child(n)
	}
	return e
}

// value returns the text at names, without blanks around it; empty where there is none.
func (e *element) value(names ...string) string {
	if e = e.at(names...); e == nil {
		return ""
	}
	return strings.TrimSpace(e.text)
}

// all calls f for each child of that name.
func (e *element) all(name string, f func(*element)) {
	if e == nil {
		return
	}
	for i := range e.kids {
		if e.kids[i].name == name {
			f(&e.kids[i])
		}
	}
}

// decoded returns the XML of r, which is XML or the base64 of it, with or without line breaks.
func decoded(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 1<<16)
	for {
		c, err := b.ReadByte()
		if err != nil {
			return b
		}
		switch c {
		case ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf: // a byte order mark is no base64
			continue
		}
		_ = b.UnreadByte()
		if c == '<' {
			return b
		}
		return base64.NewDecoder(base64.StdEncoding, dropBlanks{b})
	}
}

// dropBlanks leaves out blanks and tabs; the decoder itself leaves out line breaks.
type dropBlanks struct{ r io.Reader }

func (d dropBlanks) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	kept := p[:0]
	for rest := p[:n]; len(rest) > 0; {
		i := bytes.IndexAny(rest, " \t")
		if i < 0 {
			kept = append(kept, rest...)
			break
		}
		kept = append(kept, rest[:i]...)
		rest = rest[i+1:]
	}
	return len(kept), err
}

// limited fails, other than io.LimitedReader, where there is more. It also bounds what is read for one token, which the decoder
// would hold as a whole.
type limited struct {
	r           io.Reader
	left, token int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("the document is larger than %d MiB", maxDocument>>20)
	}
	if l.token > 2*maxText {
		return 0, fmt.Errorf("a tag or text is longer than %d bytes", maxText)
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left, l.token = l.left-int64(n), l.token+int64(n)
	return n, err
}

// scanner reads elements one after the other.
type scanner struct {
	dec   *xml.Decoder
	in    *limited
	names map[string]string
}

func newScanner(r io.Reader) *scanner {
	in := &limited{r: decoded(r), left: maxDocument}
	return &scanner{dec: xml.NewDecoder(in), in: in, names: make(map[string]string)}
}

// next returns the next token that is a start, an end or text.
func (s *scanner) next() (xml.Token, error) {
	for {
		s.in.token = 0
		t, err := s.dec.RawToken()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement, xml.EndElement, xml.CharData:
			return t, nil
		case xml.Directive:
			return nil, errors.New("a document type or entity has no place here")
		}
	}
}

// intern saves an allocation for each element.
func (s *scanner) intern(name xml.Name) string {
	if v, ok := s.names[name.Local]; ok {
		return v
	}
	if len(s.names) > 10_000 {
		return name.Local
	}
	s.names[name.Local] = name.Local
	return name.Local
}

// entry reads the element that was just opened, to its end. Text beside elements is dropped.
func (s *scanner) entry(name string) (*element, error) {
	type level struct {
		*element
		text []byte
	}
	root := element{name: name}
	open := []level{{element: &root}}
	count := 0
	for {
		t, err := s.next()
		if err != nil {
			return nil, unfinished(err)
		}
		top := &open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if count++; count > maxElements {
				return nil, fmt.Errorf("a %s has more than %d elements", name, maxElements)
			}
			if len(open) >= maxDepth {
				return nil, fmt.Errorf("a %s is nested more than %d deep", name, maxDepth)
			}
			// What is open is the last of its siblings until it ends, so the pointers to it stay good.
			top.kids = append(top.kids, element{name: s.intern(t.Name)})
			open = append(open, level{element: &top.kids[len(top.kids)-1]})
		case xml.CharData:
			if len(top.text)+len(t) > maxText {
				return nil, fmt.Errorf("the text of a %s is longer than %d bytes", top.name, maxText)
			}
			top.text = append(top.text, t...)
		case xml.EndElement:
			if t.Name.Local != top.name {
				return nil, fmt.Errorf("</%s> ends <%s>", t.Name.Local, top.name)
			}
			if len(top.kids) == 0 {
				top.element.text = string(top.text)
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return &root, nil
			}
		}
	}
}

func unfinished(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the document ends in the middle")
	}
	return err
}
