package topology

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// What a file of another format may be at most. The largest network of the Internet Topology Zoo has 321 kB and 1,653
// nodes and edges.
const (
	maxNetworkFile  = 256 << 20 // bytes, unpacked
	maxNetworkParts = 1_000_000 // nodes and edges
	maxNetworkText  = 256 << 20 // bytes kept of the file, with so many for each fact:
	perFact         = 40
	maxToken        = 1 << 20   // bytes of a tag, a comment, a text between tags
	maxFact         = 512 << 10 // bytes of a fact
	maxFacts        = 1000      // of one node or edge
	maxNesting      = 32
)

// source reads a file byte by byte within limits and counts lines. What goes beyond a limit reads as an error, which it
// keeps: some parsers wrap what they are told.
type source struct {
	in    *bufio.Reader
	line  int
	size  int64
	token int // bytes since the parser came to the end of a token
	kept  int64
	parts int
	err   error
}

var gzipMagic = []byte{0x1f, 0x8b}

// newSource starts to read a file, unpacking it where it is packed with gzip.
func newSource(r io.Reader) (*source, error) {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(2); string(head) == string(gzipMagic) {
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReader(unpacked)
	}
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	return &source{in: in, line: 1}, nil
}

// ReadByte lets encoding/xml read no further than it needs.
func (s *source) ReadByte() (byte, error) {
	if s.err != nil {
		return 0, s.err
	}
	b, err := s.in.ReadByte()
	if err != nil {
		if err != io.EOF {
			s.err = err
		}
		return 0, err
	}
	s.size++
	s.token++
	switch {
	case s.size > maxNetworkFile:
		return 0, s.stop("is larger than %d MiB", maxNetworkFile>>20)
	case s.token > maxToken:
		return 0, s.stop("has a tag, comment or text of more than %d KiB", maxToken>>10)
	}
	if b == '\n' {
		s.line++
	}
	return b, nil
}

// Read is there for encoding/xml to take a source for a reader.
func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

func (s *source) stop(format string, args ...any) error {
	s.err = fmt.Errorf(format, args...)
	return s.err
}

// part counts a node or an edge.
func (s *source) part() error {
	if s.parts++; s.parts > maxNetworkParts {
		return s.stop("has more than %d nodes and edges", maxNetworkParts)
	}
	return nil
}

// keep checks a text of the file that is going to be kept.
func (s *source) keep(text string) error {
	switch s.kept += int64(len(text)) + perFact; {
	case len(text) > maxFact:
		return s.stop("has a value of more than %d KiB", maxFact>>10)
	case s.kept > maxNetworkText:
		return s.stop("has more than %d MiB of values", maxNetworkText>>20)
	case !utf8.ValidString(text):
		return errors.New("is not UTF-8 text")
	}
	return nil
}
