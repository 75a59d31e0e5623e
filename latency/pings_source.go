package latency

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// pingSource cuts a file into its top-level objects, in a list or not, so that only one of them is in memory.
type pingSource struct {
	in     *bufio.Reader
	line   int
	size   int64
	list   bool // inside the brackets
	began  bool
	closed bool
	comma  bool // one is due before the next object
	text   []byte
}

func (s *pingSource) byte() (byte, error) {
	b, err := s.in.ReadByte()
	if err != nil {
		return 0, err
	}
	if s.size++; s.size > maxPingFile {
		return 0, fmt.Errorf("is larger than %d MiB", maxPingFile>>20)
	}
	if b == '\n' {
		s.line++
	}
	return b, nil
}

// next returns the next object and its line; io.EOF after the last.
func (s *pingSource) next() (text []byte, line int, err error) {
	for {
		b, err := s.byte()
		if err == io.EOF && s.list && !s.closed {
			err = errors.New("ends inside its list")
		}
		if err != nil {
			return nil, s.line, err
		}
		switch {
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
		case s.closed:
			return nil, s.line, errors.New("goes on after the end of its list")
		case b == '[' && !s.began:
			s.began, s.list = true, true
		case b == ',' && s.comma && s.list:
			s.comma = false
		case b == ']' && s.list && (s.comma || s.text == nil):
			s.closed = true
		case b == '{' && !(s.comma && s.list):
			s.began, s.comma = true, true
			line := s.line
			text, err := s.object()
			return text, line, err
		default:
			return nil, s.line, fmt.Errorf("has %q where a result or the end is expected", rune(b))
		}
	}
}

// object reads up to the bracket that closes the object whose first one was read. Whether it is JSON is for the decoder
// to say.
func (s *pingSource) object() ([]byte, error) {
	s.text = append(s.text[:0], '{')
	quoted, escaped := false, false
	for depth := 1; depth > 0; {
		b, err := s.byte()
		if err == io.EOF {
			return nil, errors.New("ends inside a result")
		}
		if err != nil {
			return nil, err
		}
		if s.text = append(s.text, b); len(s.text) > maxPingResult {
			return nil, fmt.Errorf("has a result of more than %d KiB", maxPingResult>>10)
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = b == '\\', b != '"'
		case b == '"':
			quoted = true
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			depth--
		}
	}
	return s.text, nil
}
