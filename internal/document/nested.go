package document

import (
	"math"
	"strconv"
)

// Pair is one entry of a mapping of scalars.
type Pair struct {
	Key, Value string // Value as written
	Line       int
}

// Object returns the mapping at key, an empty one where there is none.
func (o *Object) Object(key string) *Object {
	child := &Object{doc: o.doc, up: o, key: key, index: -1}
	if n := o.read(key); n != nil {
		if n.kind == mappingNode {
			child.node = n
		} else {
			o.note(n, "must be a mapping, not %s", n.describe())
		}
	}
	return child
}

// Objects returns the mappings in the list at key, one for each entry of the list: an entry that is no mapping is a
// defect and gives an empty object, so that indices stay those of the file.
func (o *Object) Objects(key string) []*Object {
	n := o.list(key)
	if n == nil {
		return nil
	}
	objects := make([]*Object, len(n.kids))
	for i := range n.kids {
		entry := &n.kids[i]
		child := &Object{doc: o.doc, up: o, key: key, index: i}
		switch {
		case entry.kind == mappingNode && !entry.bad:
			child.node = entry
		case !entry.bad:
			entry.bad = true
			child.troubled()
			o.doc.note(int(entry.line), child.path(), "must be a mapping, not %s", entry.describe())
		}
		objects[i] = child
	}
	return objects
}

// Strings returns the texts in the list at key, one for each entry of the list: an entry that is no text is a defect and
// gives an empty one, so that indices stay those of the file.
func (o *Object) Strings(key string) []string {
	n := o.list(key)
	if n == nil || len(n.kids) == 0 {
		return nil
	}
	texts := make([]string, len(n.kids))
	for i := range n.kids {
		entry := &n.kids[i]
		switch {
		case entry.bad:
		case entry.kind == textNode:
			texts[i] = entry.text
		default:
			entry.bad, n.trouble = true, true
			o.troubled()
			o.doc.note(int(entry.line), Index(Key(o.path(), key), i), "must be text, not %s", entry.describe())
		}
	}
	return texts
}

// Pairs returns the entries of the mapping of scalars at key, in the order of the file.
func (o *Object) Pairs(key string) []Pair {
	child := o.Object(key)
	if child.node == nil || len(child.node.kids) == 0 {
		return nil
	}
	pairs := make([]Pair, 0, len(child.node.kids))
	for i := range child.node.kids {
		entry := &child.node.kids[i]
		switch {
		case entry.bad:
		case entry.scalar():
			pairs = append(pairs, Pair{entry.key, entry.text, int(entry.keyLine)})
		default:
			child.note(entry, "must be a single value, not %s", entry.describe())
		}
	}
	return pairs
}

// Any returns what stands at key, whatever its form: string, bool, int64, float64, []any, map[string]any; nil where
// nothing does. A null inside and a number beyond these types are defects.
func (o *Object) Any(key string) any {
	n := o.read(key)
	if n == nil {
		return nil
	}
	v := o.free(n, Key(o.path(), key))
	if n.troubled() {
		o.troubled()
	}
	return v
}

func (o *Object) free(n *node, path string) any {
	if n.bad {
		return nil
	}
	switch n.kind {
	case textNode:
		return n.text
	case boolNode:
		return n.text == "true" || n.text == "True" || n.text == "TRUE"
	case intNode:
		if padded(n.text) {
			break
		}
		if v, err := strconv.ParseInt(n.text, 10, 64); err == nil {
			return v
		}
	case floatNode:
		if padded(n.text) {
			break
		}
		if v, err := strconv.ParseFloat(n.text, 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
			return v
		}
	case listNode:
		list := make([]any, len(n.kids))
		for i := range n.kids {
			list[i] = o.free(&n.kids[i], Index(path, i))
			n.trouble = n.trouble || n.kids[i].troubled()
		}
		return list
	case mappingNode:
		mapping := make(map[string]any, len(n.kids))
		for i := range n.kids {
			mapping[n.kids[i].key] = o.free(&n.kids[i], Key(path, n.kids[i].key))
			n.trouble = n.trouble || n.kids[i].troubled()
		}
		return mapping
	case nullNode:
		n.bad = true
		o.doc.note(int(n.keyLine), path, "is empty")
		return nil
	}
	n.bad = true
	if padded(n.text) {
		o.doc.note(int(n.keyLine), path, leadingZero, n.text)
	} else {
		o.doc.note(int(n.keyLine), path, "must be a number of 64 bits, not %s", n.describe())
	}
	return nil
}

// list returns the list at key, nil where there is none.
func (o *Object) list(key string) *node {
	n := o.read(key)
	if n != nil && n.kind != listNode {
		o.note(n, "must be a list, not %s", n.describe())
		return nil
	}
	return n
}
