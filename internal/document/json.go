package document

import (
	"bytes"
	"encoding/json"
	"strings"
)

// isJSON says whether text is JSON rather than YAML. All JSON is YAML, but its own reader is many times faster.
func isJSON(text []byte) bool {
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(text)
}

// readJSON reads a text that is valid JSON.
func (d *doc) readJSON(text []byte) (node, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	r := &jsonReader{doc: d, decoder: decoder, text: text, line: 1}
	token, err := r.next()
	if err != nil {
		return node{}, err
	}
	return r.value(token, nil)
}

// jsonReader counts lines along with the tokens.
type jsonReader struct {
	doc     *doc
	decoder *json.Decoder
	text    []byte
	counted int
	line    int // of the last token's end; tokens hold no line breaks
}

func (r *jsonReader) next() (json.Token, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, r.doc.fatal(r.line, "is not JSON: %w", err)
	}
	end := int(r.decoder.InputOffset())
	r.line += bytes.Count(r.text[r.counted:end], []byte("\n"))
	r.counted = end
	return token, nil
}

// value reads the value that starts with token.
func (r *jsonReader) value(token json.Token, at *trail) (node, error) {
	n := node{line: r.line, keyLine: r.line}
	if at.level() > maxDepth {
		return n, r.doc.fatal(r.line, "is nested deeper than %d levels", maxDepth)
	}
	switch v := token.(type) {
	case nil:
		n.kind = nullNode
	case string:
		n.kind, n.text = textNode, v
	case bool:
		n.kind, n.text = boolNode, "false"
		if v {
			n.text = "true"
		}
	case json.Number:
		n.kind, n.text = intNode, v.String()
		if strings.ContainsAny(n.text, ".eE") {
			n.kind = floatNode
		}
	default:
		if v == json.Delim('[') {
			return n, r.list(&n, at)
		}
		return n, r.mapping(&n, at)
	}
	return n, nil
}

func (r *jsonReader) list(n *node, at *trail) error {
	n.kind = listNode
	for {
		token, err := r.next()
		if err != nil || token == json.Delim(']') {
			return err
		}
		kid, err := r.value(token, at.down("", len(n.kids)))
		if err != nil {
			return err
		}
		n.kids = append(n.kids, kid)
	}
}

func (r *jsonReader) mapping(n *node, at *trail) error {
	n.kind = mappingNode
	for {
		token, err := r.next()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok { // the closing brace
			r.doc.refuseDuplicates(n, at)
			return nil
		}
		key = r.doc.intern(key)
		line := r.line
		if token, err = r.next(); err != nil {
			return err
		}
		kid, err := r.value(token, at.down(key, -1))
		if err != nil {
			return err
		}
		kid.key, kid.keyLine = key, line
		n.kids = append(n.kids, kid)
	}
}
