package document

import "strconv"

// nodeKind is what a part of a document is.
type nodeKind uint8

const (
	nullNode nodeKind = iota + 1
	textNode
	intNode
	floatNode
	boolNode
	listNode
	mappingNode
)

// node is a part of a document. Files of 30 MB have millions of them, hence the narrow fields.
type node struct {
	key     string // in a mapping
	text    string // of a scalar, as written
	kids    []node
	keyLine int
	line    int
	kind    nodeKind
	bad     bool // a defect was noted here: reads as absent, and is not reported again
	lacking bool // a defect was noted at a key that is absent
}

// get returns the value at a key, nil where there is none. Formats have few keys, so a scan beats an index.
func (n *node) get(key string) *node {
	if n == nil || n.kind != mappingNode {
		return nil
	}
	for i := range n.kids {
		if n.kids[i].key == key {
			return &n.kids[i]
		}
	}
	return nil
}

// describe names what stands there, to complete "must be a mapping, not ...".
func (n *node) describe() string {
	switch n.kind {
	case nullNode:
		return "empty"
	case listNode:
		return "a list"
	case mappingNode:
		return "a mapping"
	case textNode:
		return strconv.Quote(clip(n.text))
	default:
		return clip(n.text)
	}
}

func (n *node) scalar() bool { return n.kind >= textNode && n.kind <= boolNode }

// troubled says whether a defect was noted at n or below.
func (n *node) troubled() bool {
	if n.bad || n.lacking {
		return true
	}
	for i := range n.kids {
		if n.kids[i].troubled() {
			return true
		}
	}
	return false
}

// duplicates reports the keys of a mapping that stand there already. It is linear in the number of keys.
func duplicates(kids []node, report func(again, first *node)) {
	if len(kids) <= 16 {
		for i := range kids {
			for j := range i {
				if kids[i].key == kids[j].key {
					report(&kids[i], &kids[j])
					break
				}
			}
		}
		return
	}
	first := make(map[string]int, len(kids))
	for i := range kids {
		if j, again := first[kids[i].key]; again {
			report(&kids[i], &kids[j])
		} else {
			first[kids[i].key] = i
		}
	}
}
