package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// ErrInvalid is wrapped by every defect of modules, tables and lists of packs.
var ErrInvalid = errors.New("invalid policy")

// mostDefects is how many defects an error spells out. Whoever has more than that has one cause for most of them.
const mostDefects = 100

// defect is one thing wrong with a source. Its text does not repeat the sentinel.
type defect struct {
	file    string
	line    int // 0: the whole file
	message string
}

func (d *defect) Error() string { return place(d.file, d.line) + ": " + d.message }

func (d *defect) Unwrap() error { return ErrInvalid }

// place writes a location as people and editors read it.
func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// location writes an OPA location.
func location(l *ast.Location) string {
	if l == nil {
		return "unknown place"
	}
	return place(l.File, l.Row)
}

// defects collects what is wrong with sources.
type defects struct {
	own   []*defect
	other []error // of package document, which have their places in them
}

func (d *defects) add(file string, line int, format string, args ...any) {
	d.own = append(d.own, &defect{file, line, fmt.Sprintf(format, args...)})
}

// at adds a defect at an OPA location.
func (d *defects) at(l *ast.Location, format string, args ...any) {
	if l == nil {
		l = &ast.Location{File: "unknown place"}
	}
	d.add(l.File, l.Row, format, args...)
}

func (d *defects) none() bool { return d.count() == 0 }

func (d *defects) count() int { return len(d.own) + len(d.other) }

// err joins the defects in order of file and line, each once; nil where there are none.
func (d *defects) err() error {
	slices.SortFunc(d.own, func(a, b *defect) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.message, b.message))
	})
	d.own = slices.CompactFunc(d.own, func(a, b *defect) bool { return *a == *b })
	errs := d.other
	for i, x := range d.own {
		if i == mostDefects {
			errs = append(errs, fmt.Errorf("and %d more defects (%w)", len(d.own)-i, ErrInvalid))
			break
		}
		errs = append(errs, x)
	}
	return errors.Join(errs...)
}
