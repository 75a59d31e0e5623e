package document

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/internal/quantity"
)

// Object is a mapping of a document, or an empty one that stands for one that is absent. Accessors return the zero value
// for keys that are absent or null; for what they can not read they note a defect, once, and return the zero value.
type Object struct {
	doc   *doc
	node  *node   // nil: absent
	up    *Object // nil: the root
	key   string
	index int // in the list at key; -1: no list
}

// Has says whether anything but null stands at key.
func (o *Object) Has(key string) bool {
	n := o.find(key)
	return n != nil && n.kind != nullNode
}

// Required notes a defect for each key that is missing or empty. It does nothing for an object that is itself absent:
// whether that may be is for the object around it to say.
func (o *Object) Required(keys ...string) {
	if o.node == nil {
		return
	}
	for _, key := range keys {
		switch n := o.find(key); {
		case n == nil:
			o.Defect(key, "is missing")
		case n.bad:
		case n.kind == nullNode, n.kind == textNode && n.text == "",
			(n.kind == listNode || n.kind == mappingNode) && len(n.kids) == 0:
			o.Defect(key, "is empty")
		}
	}
}

// String returns the text at key. A number or truth value is a defect: it must be quoted to be meant as text.
func (o *Object) String(key string) string {
	n := o.read(key)
	if n == nil {
		return ""
	}
	return o.text(n)
}

// Int returns the whole number at key.
func (o *Object) Int(key string) int64 {
	n := o.read(key)
	if n == nil {
		return 0
	}
	v, err := strconv.ParseInt(n.text, 10, 64)
	switch {
	case n.numeric() && padded(n.text):
		o.note(n, leadingZero, clip(n.text))
		return 0
	case n.kind != intNode || err != nil:
		o.note(n, "must be a whole number, not %s", n.describe())
		return 0
	}
	return v
}

// Float returns the finite number at key.
func (o *Object) Float(key string) float64 {
	n := o.read(key)
	if n == nil {
		return 0
	}
	v, err := strconv.ParseFloat(n.text, 64)
	switch {
	case n.numeric() && padded(n.text):
		o.note(n, leadingZero, clip(n.text))
		return 0
	case !n.numeric() || err != nil || math.IsInf(v, 0) || math.IsNaN(v):
		o.note(n, "must be a number, not %s", n.describe())
		return 0
	}
	return v
}

// Bool returns the truth value at key.
func (o *Object) Bool(key string) bool {
	n := o.read(key)
	if n == nil {
		return false
	}
	if n.kind != boolNode || n.text != "true" && n.text != "false" {
		o.note(n, "must be true or false, not %s", n.describe())
		return false
	}
	return n.text == "true"
}

// Quantity returns the amount at key in base units of u, see [quantity.Parse].
func (o *Object) Quantity(key string, u quantity.Unit) int64 {
	n := o.read(key)
	if n == nil {
		return 0
	}
	return o.amount(n, u)
}

// Time returns the time at key, written as RFC 3339 or as YYYY-MM-DD, which is midnight UTC; always in UTC. A time before
// 1970 is a defect: it is what programs write that were told none, such as Go's 0001-01-01T00:00:00Z.
func (o *Object) Time(key string) time.Time {
	n := o.read(key)
	if n == nil {
		return time.Time{}
	}
	if n.kind == textNode {
		for _, layout := range []string{time.DateOnly, time.RFC3339} {
			t, err := time.Parse(layout, n.text)
			switch {
			case err != nil:
			case t.Before(time.Unix(0, 0)):
				o.note(n, "%s is before 1970; leave it out where it is unknown", n.text)
				return time.Time{}
			default:
				return t.UTC()
			}
		}
	}
	o.note(n, "must be a date such as 2026-11-23 or a time such as 2026-11-23T10:00:00Z, not %s", n.describe())
	return time.Time{}
}

func (o *Object) text(n *node) string {
	switch {
	case n.kind == textNode:
		return n.text
	case n.scalar():
		o.note(n, "must be text: put %s in quotes", clip(n.text))
	default:
		o.note(n, "must be text, not %s", n.describe())
	}
	return ""
}

func (o *Object) amount(n *node, u quantity.Unit) int64 {
	if !n.scalar() || n.kind == boolNode {
		o.note(n, "must be a quantity, not %s", n.describe())
		return 0
	}
	text := n.text
	if n.numeric() && padded(text) {
		o.note(n, leadingZero, clip(text))
		return 0
	}
	if n.kind == floatNode {
		text = unscaled(text)
	}
	v, err := quantity.Parse(text, u)
	if err != nil {
		o.note(n, "%s", strings.TrimPrefix(err.Error(), quantity.ErrQuantity.Error()+": "))
	}
	return v
}

// unscaled writes a number without its exponent: programs write 0.00005 as 5e-05.
func unscaled(text string) string {
	const most = 30 // digits to move the point by; larger ones suit no quantity
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return text
	}
	exponent, err := strconv.Atoi(text[i+1:])
	if err != nil || exponent < -most || exponent > most {
		return text
	}
	whole, fraction, _ := strings.Cut(text[:i], ".")
	sign := whole[:len(whole)-len(strings.TrimLeft(whole, "+-"))]
	digits := strings.Repeat("0", most) + whole[len(sign):] + fraction + strings.Repeat("0", most)
	point := len(digits) - most - len(fraction) + exponent
	text = sign + strings.TrimLeft(digits[:point-1], "0") + digits[point-1:point]
	if fraction = strings.TrimRight(digits[point:], "0"); fraction != "" {
		text += "." + fraction
	}
	return text
}

// leadingZero tells of a number that is padded: 010 is ten to some readers and eight to others.
const leadingZero = "%s has a leading zero"

// padded says whether a number has a needless zero in front.
func padded(text string) bool {
	text = strings.TrimLeft(text, "+-")
	return len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9'
}

// find returns what stands at a key, nil where nothing does.
func (o *Object) find(key string) *node { return o.doc.get(o.node, key) }

// read returns what there is to read at a key: nil where that is nothing, null, or known to be bad.
func (o *Object) read(key string) *node {
	if n := o.find(key); n != nil && n.kind != nullNode && !n.bad {
		return n
	}
	return nil
}

// note notes a defect at a node, which is o's or at one of its keys, and marks it.
func (o *Object) note(n *node, format string, args ...any) {
	o.troubled()
	if n == nil {
		o.doc.note(o.line(), o.path(), format, args...)
		return
	}
	n.bad = true
	path := o.path()
	if n != o.node {
		path = Key(path, n.key)
	}
	o.doc.note(int(n.keyLine), path, format, args...)
}

func (o *Object) line() int {
	for ; o.up != nil; o = o.up {
		if o.node != nil {
			return int(o.node.keyLine)
		}
	}
	return int(o.node.line)
}

func (o *Object) path() string {
	if o.up == nil {
		return ""
	}
	path := Key(o.up.path(), o.key)
	if o.index >= 0 {
		path = Index(path, o.index)
	}
	return path
}
