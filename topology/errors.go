package topology

import (
	"errors"
	"fmt"

	"github.com/domicile-eu/domicile/internal/document"
)

// ErrInvalid is wrapped by every defect of a description.
var ErrInvalid = errors.New("invalid topology")

// defect is one thing wrong with a description, at a path such as sites[3].capacity.cpu.
type defect struct{ path, message string }

// defects collects them.
type defects struct {
	found []defect
	more  int // that were not kept
}

// mostDefects is how many defects an error spells out. Whoever has more than that has one cause for most of them.
const mostDefects = 100

// keptDefects is how many are kept for Read to find the first ones of the file among them. It bounds the cost of a
// description in which everything is wrong.
const keptDefects = 100 * mostDefects

// full says whether further defects are only counted. What they would say need not be found out then.
func (d *defects) full() bool { return len(d.found) >= keptDefects }

func (d *defects) add(path, format string, args ...any) {
	if d.full() {
		d.more++
		return
	}
	d.found = append(d.found, defect{path, fmt.Sprintf(format, args...)})
}

// err joins the defects, nil where there are none.
func (d *defects) err() error {
	var errs []error
	for i, x := range d.found {
		if i == mostDefects {
			errs = append(errs, fmt.Errorf("%w: and %d more", ErrInvalid, len(d.found)-i+d.more))
			break
		}
		errs = append(errs, fmt.Errorf("%w: %s: %s", ErrInvalid, x.path, x.message))
	}
	return errors.Join(errs...)
}

// spot is an entry of a list of a Spec, where defects are found. It costs nothing until there is one.
type spot struct {
	*defects
	list  string
	index int
}

// entry is the path of the spot itself.
func (s spot) entry() string { return document.Index(s.list, s.index) }

// defect notes one at a field, which may be a path.
func (s spot) defect(field, format string, args ...any) {
	if s.full() {
		s.more++
		return
	}
	s.add(s.entry()+"."+field, format, args...)
}
