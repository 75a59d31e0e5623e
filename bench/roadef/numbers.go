package roadef

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrFormat is wrapped by all that is wrong with a file.
var ErrFormat = errors.New("wrong format")

// mostBytes is how large a file may be once it is unpacked; the largest of the challenge have some 100 MB.
const mostBytes = 1 << 30

// numbers reads whole numbers that blanks stand between. After the first error it gives zeros; the error stays.
type numbers struct {
	name string
	r    *bufio.Reader
	line int
	err  error
}

// open starts to read a file, unpacking it if it is gzipped.
func open(name string, r io.Reader) (*numbers, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, _ := b.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", name, ErrFormat, err)
		}
		r = z
	} else {
		r = b
	}
	limited := &limitedReader{r: r, left: mostBytes}
	return &numbers{name: name, r: bufio.NewReaderSize(limited, 1<<16), line: 1}, nil
}

// limitedReader fails where there is more than it may read.
type limitedReader struct {
	r    io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("%w: larger than %d bytes", ErrFormat, int64(mostBytes))
	}
	return n, err
}

// fail notes the first error, with the line that was read last.
func (n *numbers) fail(format string, args ...any) {
	if n.err == nil {
		n.err = fmt.Errorf("%s:%d: %w: %s", n.name, n.line, ErrFormat, fmt.Sprintf(format, args...))
	}
}

func (n *numbers) failWith(err error) {
	if n.err == nil {
		n.err = fmt.Errorf("%s:%d: %w", n.name, n.line, err)
	}
}

// blank skips what stands between numbers and returns the byte after it; false at the end.
func (n *numbers) blank() (byte, bool) {
	for n.err == nil {
		c, err := n.r.ReadByte()
		switch {
		case err == io.EOF:
			return 0, false
		case err != nil:
			n.failWith(err)
		case c == '\n':
			n.line++
		case c != ' ' && c != '\t' && c != '\r':
			return c, true
		}
	}
	return 0, false
}

// next reads a number from 0 to most.
func (n *numbers) next(what string, most int64) int64 {
	c, ok := n.blank()
	if !ok {
		n.fail("ends where the %s should stand", what)
		return 0
	}
	v := int64(0)
	for {
		if c < '0' || c > '9' {
			n.fail("the %s is no whole number: %q stands there", what, c)
			return 0
		}
		d := int64(c - '0')
		if v > (math.MaxInt64-d)/10 {
			n.fail("the %s is too large for 64 bits", what)
			return 0
		}
		v = 10*v + d
		var err error
		if c, err = n.r.ReadByte(); err == io.EOF {
			break
		} else if err != nil {
			n.failWith(err)
			return 0
		}
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			_ = n.r.UnreadByte() // for the count of lines
			break
		}
	}
	if v > most {
		n.fail("the %s is %d, at most %d is allowed", what, v, most)
		return 0
	}
	return v
}

// list reads so many numbers. The list grows with what is there, whatever the file promises.
func (n *numbers) list(count int, what string, most int64) []int64 {
	out := make([]int64, 0, min(count, 64))
	for len(out) < count && n.err == nil {
		out = append(out, n.next(what, most))
	}
	return out
}

// end checks that nothing follows.
func (n *numbers) end() error {
	if c, ok := n.blank(); ok {
		n.fail("%q stands behind the end", c)
	}
	return n.err
}
