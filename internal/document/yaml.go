package document

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

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
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var parsed, second yaml.Node
	switch err := decoder.Decode(&parsed); {
	case errors.Is(err, io.EOF):
		return node{}, d.fatal(0, "is empty")
	case err != nil:
		return node{}, d.syntax(text, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return node{}, d.fatal(second.Line, "has more than one document")
	case !errors.Is(err, io.EOF):
		return node{}, d.syntax(text, err)
	}
	return d.fromYAML(parsed.Content[0], nil)
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
	return d.fatal(line, "is not YAML: %s", message)
}

// fromYAML turns the library's node into ours and notes what is refused everywhere.
func (d *doc) fromYAML(y *yaml.Node, at *trail) (node, error) {
	n := node{line: y.Line, keyLine: y.Line}
	switch {
	case at.level() > maxDepth:
		return n, d.fatal(y.Line, "is nested deeper than %d levels", maxDepth)
	case y.Kind == yaml.AliasNode:
		d.refuse(&n, at, "aliases such as *%s are not allowed", clip(y.Value))
		return n, nil
	case y.Anchor != "":
		d.refuse(&n, at, "anchors such as &%s are not allowed", clip(y.Anchor))
	case y.Style&yaml.TaggedStyle != 0:
		d.refuse(&n, at, "explicit tags such as %s are not allowed", clip(y.Tag))
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.kind, n.text = scalarKinds[y.Tag], y.Value
		switch {
		case n.kind == 0: // a timestamp, a merge key
			n.kind = textNode
		case n.kind == floatNode && !strings.ContainsAny(y.Value, ".eE"): // a whole number beyond 64 bits
			n.kind = intNode
		}
	case yaml.SequenceNode:
		n.kind, n.kids = listNode, make([]node, len(y.Content))
		for i, kid := range y.Content {
			var err error
			if n.kids[i], err = d.fromYAML(kid, at.down("", i)); err != nil {
				return n, err
			}
		}
	case yaml.MappingNode:
		n.kind = mappingNode
		return n, d.fromMapping(&n, y, at)
	}
	return n, nil
}

var scalarKinds = map[string]nodeKind{
	"!!null": nullNode, "!!int": intNode, "!!float": floatNode, "!!bool": boolNode, "!!str": textNode,
}

func (d *doc) fromMapping(n *node, y *yaml.Node, at *trail) error {
	n.kids = make([]node, 0, len(y.Content)/2)
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
			d.note(key.Line, at.String(), "keys must be plain words")
			continue
		}
		kid, err := d.fromYAML(y.Content[i+1], at.down(key.Value, -1))
		if err != nil {
			return err
		}
		kid.key, kid.keyLine = key.Value, key.Line
		n.kids = append(n.kids, kid)
	}
	d.refuseDuplicates(n, at)
	return nil
}
