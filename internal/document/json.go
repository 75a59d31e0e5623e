package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// isJSON says whether a text is to be read as JSON: by the name of its file, or because it begins as JSON does. All JSON
// is YAML, but its own reader is many times faster, and YAML lets pass what is no JSON, such as a comma too many.
func isJSON(file string, text []byte) bool {
	if strings.HasSuffix(file, ".json") {
		return true
	}
	const blanks = " \t\n"
	inner, ok := bytes.CutPrefix(bytes.TrimLeft(text, blanks), []byte("{"))
	return ok && bytes.HasPrefix(bytes.TrimLeft(inner, blanks), []byte(`"`))
}

// readJSON reads a JSON text.
func (d *doc) readJSON(text []byte) (node, error) {
	if !json.Valid(text) {
		return node{}, d.noJSON(text)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	r := &jsonReader{doc: d, decoder: decoder, text: text, line: 1}
	token, err := r.next()
	if err != nil {
		return node{}, err
	}
	return r.value(token, nil)
}

// noJSON tells what is wrong with a text, and in which line.
func (d *doc) noJSON(text []byte) error {
	var all json.RawMessage
	err := json.Unmarshal(text, &all)
	line := 0
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		line = 1 + bytes.Count(text[:max(wrong.Offset-1, 0)], []byte("\n"))
	}
	return d.fatal(line, "is not JSON: %w", err)
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
	n, err := r.doc.node(r.line, at)
	if err != nil {
		return n, err
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
		n.adopt(kid)
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
		kid.key, kid.keyLine = key, int32(line)
		n.adopt(kid)
	}
}
