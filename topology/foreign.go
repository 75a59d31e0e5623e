package topology

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/domicile-eu/domicile/internal/document"
)

// foreign is a network as a file of another format describes it, before anything is made of it.
type foreign struct {
	format string
	facts  []fact // about the network as a whole
	nodes  []foreignNode
	edges  []foreignEdge
	known  map[string]int // where a node stands in nodes, by the file's own name for it
	units  bool           // capacities are in units that the file does not state
	log
}

// fact is something said about a network, a node or an edge, under the file's own name for it.
type fact struct {
	key, value string
	line       int
}

type foreignNode struct {
	id    string
	line  int
	facts []fact
}

type foreignEdge struct {
	id, a, b string
	line     int
	facts    []fact
}

func find(facts []fact, key string) *fact {
	for i := range facts {
		if facts[i].key == key {
			return &facts[i]
		}
	}
	return nil
}

// text is a fact's value, empty where there is none.
func text(facts []fact, key string) string {
	if f := find(facts, key); f != nil {
		return f.value
	}
	return ""
}

// addNode adds a node, whose name must be new.
func (f *foreign) addNode(n foreignNode) {
	if f.known == nil {
		f.known = map[string]int{}
	}
	if i, twice := f.known[n.id]; twice {
		f.defect(n.line, "node %s stands in line %d already", quoted(n.id), f.nodes[i].line)
		return
	}
	f.known[n.id] = len(f.nodes)
	f.nodes = append(f.nodes, n)
}

// checkEnds notes edges whose ends are no nodes. An edge may stand before its ends.
func (f *foreign) checkEnds() {
	for _, e := range f.edges {
		for _, end := range []string{e.a, e.b} {
			if _, ok := f.known[end]; !ok {
				f.defect(e.line, "there is no node %s", quoted(end))
			}
		}
	}
}

// log collects what is wrong with a file and what was made of it.
type log struct {
	file    string
	found   []lineDefect
	more    int
	remarks []remark
}

type lineDefect struct {
	line    int
	message string
}

type remark struct {
	line int
	text string
}

func (l *log) fatal(line int, format string, args ...any) error {
	return document.Errorf(l.file, line, ErrInvalid, format, args...)
}

// defect notes something that is wrong.
func (l *log) defect(line int, format string, args ...any) {
	if len(l.found) >= keptDefects {
		l.more++
		return
	}
	l.found = append(l.found, lineDefect{line, fmt.Sprintf(format, args...)})
}

// note notes something that is read as something else, or not at all.
func (l *log) note(line int, format string, args ...any) {
	l.remarks = append(l.remarks, remark{line, fmt.Sprintf(format, args...)})
}

// err joins the defects in the order of the file.
func (l *log) err() error {
	slices.SortStableFunc(l.found, func(a, b lineDefect) int { return a.line - b.line })
	var errs []error
	for i, d := range l.found {
		if i == mostDefects {
			errs = append(errs, l.fatal(0, "and %d more", len(l.found)-i+l.more))
			break
		}
		errs = append(errs, l.fatal(d.line, "%s", d.message))
	}
	return errors.Join(errs...)
}

// notes are the remarks in the order of the file, those on the whole of it first.
func (l *log) notes() []string {
	slices.SortStableFunc(l.remarks, func(a, b remark) int { return a.line - b.line })
	var out []string
	for _, r := range l.remarks {
		where := l.file
		if r.line > 0 {
			where += ":" + strconv.Itoa(r.line)
		}
		out = append(out, where+": "+r.text)
	}
	return out
}

// quoted is a text of a file as errors and notes show it.
func quoted(s string) string {
	const most = 60
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strconv.Quote(s)
}
