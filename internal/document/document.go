// Package document reads Domicile's YAML and JSON files strictly.
//
// A document is read into a tree of which every part knows its line. [Parse] refuses what has no business in such a
// file: anchors and aliases, explicit tags, duplicate keys, several documents, another apiVersion or kind, and sizes and
// depths beyond a limit. The accessors of [Object] then note what is wrong instead of failing at the first defect, so
// that one reading names all of them:
//
//	continuum.yaml:12: sites[3].capacity.cpu: "-4" is negative
//
// JSON is held to the same rules and reported alike. An Object is not safe for concurrent use.
package document

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	// group and version are the apiVersion of every format.
	group, version = "domicile.eu", "v1alpha1"
	// Version is what apiVersion must be.
	Version = group + "/" + version
	// maxDepth is far beyond any format; it keeps everything that recurses over a document within its stack.
	maxDepth = 100
)

// limits are sizes in bytes, but for nodes.
type limits struct {
	file  int64 // at most
	nodes int   // at most so many; 0: any number
	whole int   // YAML up to here is read as a whole, see split.go
	part  int   // parts of larger files are at least this long
}

// usual allows eight times the bytes and twice the nodes of 100,000 nodes and links, the largest continuum that anybody
// has described. It is the nodes that cost memory: as many as that take 2 GB as JSON; of YAML that can not be read in
// parts half as many take 3 GB at worst. Larger parts save no more time.
var usual = limits{file: 256 << 20, nodes: 8_000_000, whole: 1 << 20, part: 1 << 16}

// Parse reads the one document of r, whose apiVersion and kind must be those expected. Errors and later defects name
// file and wrap sentinel. It fails only where there is no object to go on with; what else is wrong with the document is
// told by [Object.Err].
func Parse(file, kind string, r io.Reader, sentinel error) (*Object, error) {
	return parse(file, kind, r, sentinel, usual)
}

// ParseMade parses a text that was made from another one. Errors and defects name lines of that: lines[i] is where line
// i+1 of the text came from.
func ParseMade(file, kind string, text io.Reader, lines []int, sentinel error) (*Object, error) {
	return read(&doc{file: file, sentinel: sentinel, limits: usual, lines: lines}, kind, text)
}

func parse(file, kind string, r io.Reader, sentinel error, l limits) (*Object, error) {
	return read(&doc{file: file, sentinel: sentinel, limits: l}, kind, r)
}

func read(d *doc, kind string, r io.Reader) (*Object, error) {
	file, l := d.file, d.limits
	text, err := io.ReadAll(io.LimitReader(r, l.file+1))
	switch {
	case err != nil:
		return nil, d.fatal(0, "%w", err)
	case int64(len(text)) > l.file:
		return nil, d.fatal(0, "is larger than %d MiB", l.file>>20)
	case !utf8.Valid(text):
		return nil, d.fatal(1+bytes.Count(text[:invalid(text)], []byte("\n")), "is not UTF-8 text")
	}
	text = normalise(text)
	var root node
	if isJSON(file, text) {
		root, err = d.readJSON(text)
	} else {
		root, err = d.readYAML(text)
	}
	if err != nil {
		return nil, err
	}
	if root.kind != mappingNode {
		return nil, d.fatal(int(root.line), "must be a mapping with apiVersion, kind and more, not %s", root.describe())
	}
	o := &Object{doc: d, node: &root, index: -1}
	if err := o.header(kind); err != nil {
		return nil, err
	}
	return o, nil
}

// normalise takes off a byte order mark and makes all line breaks the same. What is read is the same, in the same lines.
func normalise(text []byte) []byte {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

// invalid returns where text stops being UTF-8.
func invalid(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(text)
}

// wellFormed matches versions as Kubernetes writes them. v1alpha1 is the first of all.
var wellFormed = regexp.MustCompile(`^v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?$`)

// header checks apiVersion and kind.
func (o *Object) header(kind string) error {
	got, line := o.scalarAt("apiVersion")
	switch v, ok := strings.CutPrefix(got, group+"/"); {
	case got == "":
		return o.doc.fatal(line, "apiVersion: is missing or no text, should be %s", Version)
	case ok && v != version && wellFormed.MatchString(v):
		return o.doc.fatal(line, "apiVersion: %s is newer than what this program reads, %s", got, Version)
	case got != Version:
		return o.doc.fatal(line, "apiVersion: %q is unknown, should be %s", clip(got), Version)
	}
	switch got, line := o.scalarAt("kind"); got {
	case kind:
		return nil
	case "":
		return o.doc.fatal(line, "kind: is missing or no text, should be %s", kind)
	default:
		return o.doc.fatal(line, "kind: %q is another kind of document, should be %s", clip(got), kind)
	}
}

// scalarAt returns the scalar at a key, whatever its type, and the line to name when it is wrong.
func (o *Object) scalarAt(key string) (text string, line int) {
	n := o.find(key)
	if n == nil {
		return "", int(o.node.line)
	}
	return n.text, int(n.keyLine)
}

// doc is what all objects of one document share.
type doc struct {
	file     string
	sentinel error
	limits   limits
	lines    []int // of the text that this one was made from; nil: this one
	nodes    int   // so far
	defects  []defect
	more     int // that were not kept
	seen     map[defect]bool
	missing  map[place]bool
	keys     map[string]string // one string for all keys that are the same
	indices  map[*node]map[string]*node
}

// node starts a node in a line. It fails where there are too many of them or they are nested too deep.
func (d *doc) node(line int, at *trail) (node, error) {
	n := node{line: int32(line), keyLine: int32(line)}
	if at.level() > maxDepth {
		return n, d.fatal(line, "is nested deeper than %d levels", maxDepth)
	}
	d.nodes++
	if most := d.limits.nodes; most > 0 && d.nodes > most {
		return n, d.fatal(line, "has more than %d values", most)
	}
	return n, nil
}

func (d *doc) intern(key string) string {
	if same, ok := d.keys[key]; ok {
		return same
	}
	if d.keys == nil {
		d.keys = map[string]string{}
	}
	d.keys[key] = key
	return key
}

// source is the line to name for a line of the text.
func (d *doc) source(line int) int {
	if line > 0 && line <= len(d.lines) {
		return d.lines[line-1]
	}
	return line
}

// fatal is the error of a document that can not be gone on with. Line 0 is unknown.
func (d *doc) fatal(line int, format string, args ...any) error {
	return Errorf(d.file, d.source(line), d.sentinel, format, args...)
}

// Errorf is an error that reads FILE:LINE: message and wraps sentinel and what the message wraps. Line 0 is unknown. It
// is for readers of formats that are neither YAML nor JSON.
func Errorf(file string, line int, sentinel error, format string, args ...any) error {
	where := file
	if line > 0 {
		where = fmt.Sprintf("%s:%d", file, line)
	}
	return &located{where: where, err: fmt.Errorf(format, args...), sentinel: sentinel}
}
