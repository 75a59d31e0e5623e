package harness

import (
	"fmt"
	"io"
	"os"
	"time"
)

// Progress draws what is going on, on terminals only. A nil Progress draws nothing.
type Progress struct {
	w    io.Writer
	last time.Time
}

// NewProgress draws on f if that is a terminal.
func NewProgress(f *os.File) *Progress {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return &Progress{w: f}
}

// Say replaces the line that stands there, at most ten times a second.
func (p *Progress) Say(format string, args ...any) {
	if p == nil || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
}

// Clear takes the line away.
func (p *Progress) Clear() {
	if p != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
