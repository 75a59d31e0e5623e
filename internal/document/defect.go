package document

import (
	"errors"
	"fmt"
	"slices"
)

// mostDefects is how many defects Err spells out. Whoever has more than that has one cause for most of them.
const mostDefects = 100

// keptDefects is how many defects are kept to find the first ones of the file among them. It bounds the cost of a file
// in which everything is wrong.
const keptDefects = 100 * mostDefects

// defect is one thing wrong with a document.
type defect struct {
	line    int
	path    string
	message string
}

// place is a key of a node at which a defect was noted although nothing stands there.
type place struct {
	node *node
	key  string
}

// located is an error at a place. Its text does not repeat the sentinel that it wraps.
type located struct {
	where    string
	err      error
	sentinel error
}

func (l *located) Error() string { return l.where + ": " + l.err.Error() }

func (l *located) Unwrap() []error { return []error{l.sentinel, l.err} }

// full says whether further defects are only counted. What tells them apart need not be found out then.
func (d *doc) full() bool { return len(d.defects) >= keptDefects }

// note adds a defect unless the same is noted already.
func (d *doc) note(line int, path, format string, args ...any) {
	if d.full() {
		d.more++
		return
	}
	x := defect{line, path, fmt.Sprintf(format, args...)}
	if d.seen[x] {
		return
	}
	if d.seen == nil {
		d.seen = map[defect]bool{}
	}
	d.seen[x] = true
	d.defects = append(d.defects, x)
}

// refuse notes what is wrong with a node that is being built.
func (d *doc) refuse(n *node, at *trail, format string, args ...any) {
	n.bad = true
	d.note(int(n.line), at.String(), format, args...)
}

func (d *doc) refuseDuplicates(n *node, at *trail) {
	duplicates(n.kids, func(again, first *node) {
		d.note(int(again.keyLine), Key(at.String(), again.key), "stands in line %d already", first.keyLine)
	})
}

// Err returns all defects noted so far anywhere in the document, in the order of the file, joined; nil where there are
// none. Of more than 100 it spells out the first 100 and counts the rest.
func (o *Object) Err() error {
	d := o.doc
	slices.SortStableFunc(d.defects, func(a, b defect) int { return a.line - b.line })
	var errs []error
	for i, x := range d.defects {
		if i == mostDefects {
			break
		}
		where := fmt.Sprintf("%s:%d", d.file, d.source(x.line))
		if x.path != "" {
			where += ": " + x.path
		}
		errs = append(errs, &located{where, errors.New(x.message), d.sentinel})
	}
	if more := d.more + max(len(d.defects)-mostDefects, 0); more > 0 {
		errs = append(errs, &located{d.file, fmt.Errorf("and %d more", more), d.sentinel})
	}
	return errors.Join(errs...)
}

// Defect notes a defect of the caller's own at a key of o, or at o itself where key is empty.
func (o *Object) Defect(key, format string, args ...any) {
	if key == "" {
		o.note(o.node, format, args...)
		return
	}
	if n := o.find(key); n != nil {
		n.bad = true
		o.troubled()
		o.doc.note(int(n.keyLine), Key(o.path(), key), format, args...)
		return
	}
	if o.doc.missing == nil {
		o.doc.missing = map[place]bool{}
	}
	o.doc.missing[place{o.node, key}] = true
	o.troubled()
	o.doc.note(o.line(), Key(o.path(), key), format, args...)
}

// troubled marks o and what is around it: a defect is being noted at o or below. It stops where that is known, so all
// calls together look at each part of a document once.
func (o *Object) troubled() {
	for ; o != nil; o = o.up {
		if o.node != nil {
			if o.node.trouble {
				return
			}
			o.node.trouble = true
		}
		if o.index >= 0 {
			if list := o.up.find(o.key); list != nil {
				list.trouble = true
			}
		}
	}
}

// Uncounted adds n to the defects that [Object.Err] counts and does not spell out. A validator that gave up collecting
// tells so by it.
func (o *Object) Uncounted(n int) { o.doc.more += n }

// DefectAt notes a defect at a path such as sites[3].capacity.cpu below o, in the line of the deepest part of the path
// that stands in the file. It does nothing where a defect is noted at that place, above or below it already: a value
// that could not be read was taken for absent, and what that entails is no news. O(length of path).
func (o *Object) DefectAt(path, format string, args ...any) {
	n, line := o.node, o.line()
	for rest := path; rest != ""; {
		var name string
		var index int
		name, index, rest = step(rest)
		if n != nil && n.bad || o.doc.missing[place{n, name}] {
			return
		}
		switch {
		case index < 0:
			n = o.doc.get(n, name)
		case n != nil && index < len(n.kids):
			n = &n.kids[index]
		default:
			n = nil
		}
		if n == nil {
			break
		}
		line = int(n.keyLine)
	}
	if n != nil && n.troubled() {
		return
	}
	if prefix := o.path(); prefix != "" {
		path = prefix + "." + path
	}
	o.doc.note(line, path, format, args...)
}
