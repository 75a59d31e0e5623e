package document

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// readYAML reads the one document of a YAML text.
func (d *doc) readYAML(text []byte) (root node, err error) {
	// The library turns its own panics into errors; should one of another kind slip out, it is the text's fault too.
	defer func() {
		if r := recover(); r != nil {
			err = d.fatal(0, "is not YAML: %v", r)
		}
	}()
	if most := d.limits.nodes; most > 0 && atLeast(text) > most {
		return node{}, d.fatal(0, "has more than %d lines, commas and brackets", most)
	}
	if len(text) > d.limits.whole {
		if root, ok := d.readParts(text, d.limits.part); ok {
			return root, nil
		}
	}
	return d.readWhole(text)
}

// tooLarge says whether a text is too large for the library to be handed at once.
func (d *doc) tooLarge(text []byte) bool {
	return d.limits.nodes > 0 && atLeast(text) > d.limits.nodes/2
}

// atLeast bounds what the library makes of a text before it does: between any two entries of lists and mappings there
// is one of these, so that there are hardly more entries. Those inside texts and comments count as well.
func atLeast(text []byte) int {
	count := 0
	for _, mark := range []string{"\n", ",", "[", "{", "- ", "? "} {
		count += bytes.Count(text, []byte(mark))
	}
	return count
}

// readWhole reads a text at once, for which the library needs several times the memory: half as many nodes are too many.
func (d *doc) readWhole(text []byte) (node, error) {
	if d.tooLarge(text) {
		return node{}, d.fatal(0, "has more than %d lines, commas and brackets, and a defect or a form in which it can not be read in parts",
			d.limits.nodes/2)
	}
	parsed, second, err := decode(text)
	switch {
	case err != nil:
		return node{}, d.syntax(text, err)
	case parsed == nil:
		return node{}, d.fatal(0, "is empty")
	case second != nil:
		return node{}, d.fatal(second.Line, "has more than one document")
	}
	return yamlTree{d, 0}.node(parsed.Content[0], nil)
}

// decode reads the first two documents of a text; nil where there is none.
func decode(text []byte) (first, second *yaml.Node, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for _, document := range []**yaml.Node{&first, &second} {
		var y yaml.Node
		switch err := decoder.Decode(&y); {
		case errors.Is(err, io.EOF):
			return first, nil, nil
		case err != nil:
			return nil, nil, err
		}
		*document = &y
	}
	return first, second, nil
}

// syntax takes the line out of the library's "yaml: line 3: did not find ...".
func (d *doc) syntax(text []byte, err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		if number, rest, ok := strings.Cut(rest, ": "); ok {
			line, _ = strconv.Atoi(number)
			message = rest
		}
	} else if _, rest, ok := strings.Cut(message, "unknown anchor '"); ok { // told without a line
		name, _, _ := strings.Cut(rest, "'")
		before, _, _ := bytes.Cut(text, []byte("*"+name))
		line = 1 + bytes.Count(before, []byte("\n"))
	}
	if line == 0 { // a character that YAML knows no use for is told without a line, too
		if i := bytes.IndexFunc(text, unprintable); i >= 0 {
			r, _ := utf8.DecodeRune(text[i:])
			return d.fatal(1+bytes.Count(text[:i], []byte("\n")), "is not YAML: has the control character %U", r)
		}
	}
	return d.fatal(line, "is not YAML: %s", message)
}

// unprintable says whether YAML has no use for a character, quoted or not.
func unprintable(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == '\u0085':
		return false
	}
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\ufffe' || r == '\uffff'
}

// yamlTree turns the library's nodes into ours and notes what is refused everywhere.
type yamlTree struct {
	*doc
	before int // lines before those of the library
}

func (t yamlTree) node(y *yaml.Node, at *trail) (node, error) {
	n, err := t.doc.node(t.before+y.Line, at)
	if err != nil {
		return n, err
	}
	switch {
	case y.Kind == yaml.AliasNode:
		t.refuse(&n, at, "aliases such as *%s are not allowed", clip(y.Value))
		return n, nil
	case y.Anchor != "":
		t.refuse(&n, at, "anchors such as &%s are not allowed", clip(y.Anchor))
	case y.Style&yaml.TaggedStyle != 0:
		t.refuse(&n, at, "explicit tags such as %s are not allowed", clip(y.Tag))
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.kind, n.text = scalarKind(y), y.Value
		return n, nil
	case yaml.SequenceNode:
		n.kind, n.kids = listNode, make([]node, 0, len(y.Content))
		for i, entry := range y.Content {
			kid, err := t.node(entry, at.down("", i))
			if err != nil {
				return n, err
			}
			n.adopt(kid)
		}
		return n, nil
	default:
		n.kind = mappingNode
		return n, t.mapping(&n, y, at)
	}
}

func scalarKind(y *yaml.Node) nodeKind {
	switch y.Tag {
	case "!!null":
		return nullNode
	case "!!bool":
		return boolNode
	case "!!int":
		return intNode
	case "!!float":
		if !strings.ContainsAny(y.Value, ".eE") { // a whole number beyond 64 bits
			return intNode
		}
		return floatNode
	default: // a text, a timestamp, a merge key
		return textNode
	}
}

func (t yamlTree) mapping(n *node, y *yaml.Node, at *trail) error {
	n.kids = make([]node, 0, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
			t.note(t.before+key.Line, at.String(), "keys must be plain words")
			n.trouble = true
			continue
		}
		if key.ShortTag() == "!!merge" {
			t.note(t.before+key.Line, at.String(), "merge keys (<<) are not allowed")
			n.trouble = true
			continue
		}
		name := t.intern(key.Value)
		kid, err := t.node(y.Content[i+1], at.down(name, -1))
		if err != nil {
			return err
		}
		kid.key, kid.keyLine = name, int32(t.before+key.Line)
		n.adopt(kid)
	}
	t.refuseDuplicates(n, at)
	return nil
}
