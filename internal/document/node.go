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
	keyLine int32
	line    int32
	kind    nodeKind
	bad     bool // a defect was noted here: reads as absent, and is not reported again
	trouble bool // a defect was noted below, or at a key that is absent
}

// few is up to how many keys a scan beats an index.
const few = 16

// get returns the value at a key of a mapping, nil where there is none; of several the first. A mapping of many keys is
// indexed when it is first asked.
func (d *doc) get(n *node, key string) *node {
	if n == nil || n.kind != mappingNode {
		return nil
	}
	if len(n.kids) <= few {
		for i := range n.kids {
			if n.kids[i].key == key {
				return &n.kids[i]
			}
		}
		return nil
	}
	index := d.indices[n]
	if index == nil {
		index = make(map[string]*node, len(n.kids))
		for i := len(n.kids) - 1; i >= 0; i-- {
			index[n.kids[i].key] = &n.kids[i]
		}
		if d.indices == nil {
			d.indices = map[*node]map[string]*node{}
		}
		d.indices[n] = index
	}
	return index[key]
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

func (n *node) numeric() bool { return n.kind == intNode || n.kind == floatNode }

func (n *node) scalar() bool { return n.kind >= textNode && n.kind <= boolNode }

// troubled says whether a defect was noted at n or below.
func (n *node) troubled() bool { return n.bad || n.trouble }

// adopt appends a kid, and knows of its defects from then on.
func (n *node) adopt(kid node) {
	n.kids = append(n.kids, kid)
	n.trouble = n.trouble || kid.troubled()
}

// duplicates reports the keys of a mapping that stand there already. It is linear in the number of keys.
func duplicates(kids []node, report func(again, first *node)) {
	if len(kids) <= few {
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
