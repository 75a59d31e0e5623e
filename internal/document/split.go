package document

import (
	"bytes"
	"regexp"
)

// The YAML library needs 30 bytes of memory for a byte of text until it has read the whole of it. Large files are
// therefore read in parts: each top-level key by itself, and long block lists some entries at a time. That works where
// every line break is a boundary that the library would see as well; where it may not be, or where anything is wrong
// with the text, the file is read as a whole, which also gives errors their true places.

// topKey matches a line that starts a top-level key, and tells whether its value starts in a later line.
var topKey = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]*):( *$| +#.*$| )`)

// mostSections is more top-level keys than any format has. Each is read by itself, which has a price.
const mostSections = 64

// section is a top-level key with all lines up to the next.
type section struct {
	key   string
	line  int // from 1
	text  []byte
	later bool // nothing but a comment stands behind the key
}

// readParts reads a text part by part, and says whether that could be done. Defects are then none.
func (d *doc) readParts(text []byte, size int) (root node, ok bool) {
	sections, ok := sections(text)
	if !ok {
		return node{}, false
	}
	line := int32(sections[0].line)
	root = node{kind: mappingNode, line: line, keyLine: line}
	for _, s := range sections {
		kid, ok := d.readSection(s, size)
		if !ok {
			break
		}
		kid.key, kid.keyLine = s.key, int32(s.line)
		root.adopt(kid)
	}
	d.refuseDuplicates(&root, nil)
	if len(root.kids) < len(sections) || len(d.defects) > 0 {
		d.defects, d.seen, d.more, d.nodes = nil, nil, 0, 0
		return node{}, false
	}
	return root, true
}

// sections splits a text at its top-level keys. It fails where a line could mean something else.
func sections(text []byte) ([]section, bool) {
	for _, odd := range []string{"\r", "\u0085", "\u2028", "\u2029"} { // line breaks to YAML
		if bytes.Contains(text, []byte(odd)) {
			return nil, false
		}
	}
	var list []section
	start, number := 0, 0
	for end := 0; end < len(text); {
		line := text[end:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		number++
		begin := end
		end += len(line)
		line = bytes.TrimSuffix(line, []byte("\n"))
		switch {
		case len(line) == 0, line[0] == '#':
		case len(list) > 0 && (line[0] == ' ' || isEntry(line)):
		default:
			m := topKey.FindSubmatch(line)
			if m == nil {
				return nil, false
			}
			if len(list) > 0 {
				list[len(list)-1].text = text[start:begin]
			} else if y, _, err := decode(text[:begin]); err != nil || y != nil { // comments can be malformed too
				return nil, false
			}
			if len(list) == mostSections {
				return nil, false
			}
			list = append(list, section{key: string(m[1]), line: number, later: string(m[2]) != " "})
			start = begin
		}
	}
	if len(list) == 0 {
		return nil, false
	}
	list[len(list)-1].text = text[start:]
	return list, true
}

// isEntry says whether a line without its indentation starts an entry of a block list.
func isEntry(line []byte) bool {
	return bytes.Equal(line, []byte("-")) || bytes.HasPrefix(line, []byte("- "))
}

// readSection reads the value of a top-level key.
func (d *doc) readSection(s section, size int) (node, bool) {
	at := (*trail)(nil).down(s.key, -1)
	if s.later && len(s.text) > size {
		if list, ok := d.readEntries(s, at, size); ok {
			return list, true
		}
	}
	part, ok := d.readPart(s.text, s.line-1, nil)
	if !ok || part.kind != mappingNode || len(part.kids) != 1 || part.kids[0].key != s.key {
		return node{}, false
	}
	return part.kids[0], true
}

// readEntries reads a block list some entries at a time.
func (d *doc) readEntries(s section, at *trail, size int) (node, bool) {
	begin := bytes.IndexByte(s.text, '\n') + 1 // of the part
	if head, ok := d.readPart(s.text[:begin], s.line-1, nil); !ok || head.kind != mappingNode {
		return node{}, false
	}
	list, before, number, indent := node{kind: listNode}, s.line, s.line, -1
	for end := begin; end < len(s.text); {
		start, line := end, s.text[end:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		end += len(line)
		number++
		bare := bytes.TrimLeft(line, " ")
		column, entry := len(line)-len(bare), isEntry(bytes.TrimRight(bare, "\n"))
		switch {
		case indent >= 0 && (!entry || column != indent || start-begin < size):
		case indent >= 0:
			if !d.append(&list, s.text[begin:start], before, at) {
				return node{}, false
			}
			begin, before = start, number-1
		case entry:
			indent, list.line, list.keyLine = column, int32(number), int32(number)
		case len(bytes.TrimSpace(bare)) > 0 && bare[0] != '#':
			return node{}, false
		}
	}
	return list, indent >= 0 && d.append(&list, s.text[begin:], before, at)
}

// append appends the entries of a part, which must be a list.
func (d *doc) append(list *node, text []byte, before int, at *trail) bool {
	part, ok := d.readPart(text, before, at)
	list.kids = append(list.kids, part.kids...)
	return ok && part.kind == listNode
}

// readPart reads lines that are a document by themselves and follow so many others.
func (d *doc) readPart(text []byte, before int, at *trail) (node, bool) {
	if d.tooLarge(text) {
		return node{}, false
	}
	parsed, second, err := decode(text)
	if err != nil || parsed == nil || second != nil {
		return node{}, false
	}
	n, err := yamlTree{d, before}.node(parsed.Content[0], at)
	return n, err == nil
}
