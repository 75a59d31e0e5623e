package topology

import (
	"fmt"
	"io"
	"strings"
)

// token is a word of the formats that are made of words and brackets: GML and SNDlib's.
type token struct {
	text   string
	line   int
	quoted bool
	end    bool // of the file
}

// bracket says whether the word is this one, and not a text that looks like it.
func (w token) bracket(text string) bool { return !w.quoted && w.text == text }

func (w token) String() string {
	switch {
	case w.end:
		return "the end of the file"
	default:
		return quoted(w.text)
	}
}

// scanner splits a source at blanks and brackets. Comments run from # to the end of the line.
type scanner struct {
	*source
	brackets string
	quotes   bool // texts stand in quotation marks, with entities as in XML
	ahead    int  // a byte that was read too far; 0: none
}

func (w *scanner) byte() (byte, error) {
	if w.ahead > 0 {
		b := byte(w.ahead)
		w.ahead = 0
		return b, nil
	}
	return w.ReadByte()
}

// next returns the next word; at the end of the file one that says so.
func (w *scanner) next() (token, error) {
	w.token = 0
	for {
		b, err := w.byte()
		switch {
		case err == io.EOF:
			return token{line: w.line, end: true}, nil
		case err != nil:
			return token{line: w.line}, err
		case b == '#':
			if err := w.comment(); err != nil {
				return token{line: w.line}, err
			}
		case blank(b):
			w.token = 0
		case strings.IndexByte(w.brackets, b) >= 0:
			return token{text: string(rune(b)), line: w.line}, nil
		case b == '"' && w.quotes:
			return w.quoted()
		default:
			return w.plain(b)
		}
	}
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func (w *scanner) comment() error {
	for {
		b, err := w.byte()
		if err == io.EOF || err == nil && b == '\n' {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (w *scanner) plain(first byte) (token, error) {
	line := w.line
	text := []byte{first}
	for {
		b, err := w.byte()
		if err == io.EOF {
			break
		}
		if err != nil {
			return token{line: line}, err
		}
		if blank(b) {
			break
		}
		if strings.IndexByte(w.brackets, b) >= 0 || b == '#' {
			w.ahead = int(b)
			break
		}
		if text = append(text, b); len(text) > maxFact {
			return token{line: line}, w.stop("has a value of more than %d KiB", maxFact>>10)
		}
	}
	return token{text: string(text), line: line}, nil
}

func (w *scanner) quoted() (token, error) {
	line := w.line
	var text []byte
	for {
		b, err := w.byte()
		if err == io.EOF {
			return token{line: line}, fmt.Errorf("has a text without its second quotation mark")
		}
		if err != nil {
			return token{line: line}, err
		}
		if b == '"' {
			return token{text: unescape(string(text)), line: line, quoted: true}, nil
		}
		if text = append(text, b); len(text) > maxFact {
			return token{line: line}, w.stop("has a value of more than %d KiB", maxFact>>10)
		}
	}
}
