package policy

import (
	"sync"
)

// row is what one rule says to one class of workloads on all sites. It never changes once others can see it.
type row struct {
	token  uint64 // of the screen that it is for
	denied bitset // nil: none
	open   bitset // sites of classes that the rule has not been asked about; nil: none
	points []cell // of a prefer rule: its answers by class of sites
}

// rows holds rows. When they are too many all are dropped; they can be made again without asking a rule.
type rows struct {
	mu    sync.RWMutex
	of    map[rowKey]*row
	bytes int
}

type rowKey struct{ rule, workloads int32 }

// maxRows is how many bytes of rows a screen keeps: three thousand rows over ten thousand sites.
const maxRows = 4 << 20

func newRows() *rows { return &rows{of: map[rowKey]*row{}} }

func (r *rows) get(key rowKey) *row {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.of[key]
}

func (r *rows) put(key rowKey, x *row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.of[key]; old != nil {
		r.bytes -= old.bytes()
	}
	if r.bytes += x.bytes(); r.bytes > maxRows {
		r.of, r.bytes = map[rowKey]*row{}, x.bytes()
	}
	r.of[key] = x
}

func (x *row) bytes() int { return 128 + 8*len(x.denied) + 8*len(x.open) + 4*len(x.points) }

// row returns what a rule says to a class of workloads.
func (x *Screen) row(c *classified, rule int, workloads int32) *row {
	key := rowKey{int32(rule), workloads}
	known := c.rows.get(key)
	if known != nil {
		changed, ok := x.since(known.token)
		switch {
		case ok && len(changed) == 0:
			return known
		case ok:
			made := x.mend(c, known, rule, workloads, changed)
			c.rows.put(key, made)
			return made
		}
	}
	made := x.make(c, rule, workloads)
	c.rows.put(key, made)
	return made
}

// The states of a class of sites, as two bits.
const (
	stateDenied = 1
	stateOpen   = 2
)

func (c cell) state() uint8 {
	switch {
	case c == unasked:
		return stateOpen
	case c.refuses():
		return stateDenied
	}
	return 0
}

// answers returns a rule's answers to a class of workloads as far as there are any; they are the caller's.
func (x *Screen) answers(c *classified, rule int, workloads int32) []cell {
	c.memory.mu.RLock()
	defer c.memory.mu.RUnlock()
	row := make([]cell, c.memory.sites[x.set.rules[rule].siteView].len())
	copy(row, c.memory.answered(rule, workloads))
	return row
}

// make looks at all sites.
func (x *Screen) make(c *classified, rule int, workloads int32) *row {
	r := x.set.rules[rule]
	made := &row{token: x.token}
	denied, open := newBitset(x.sites.n), newBitset(x.sites.n)
	answers := x.answers(c, rule, workloads)
	states := make([]uint8, len(answers)+1) // the first is of sites that cannot be judged
	for class, a := range answers {
		states[class+1] = a.state()
	}
	for k := range denied {
		var d, o uint64
		for j, class := range c.classes[r.siteView].part(k) {
			s := uint64(states[class+1])
			d |= s & stateDenied << j
			o |= s & stateOpen >> 1 << j
		}
		denied[k], open[k] = d, o
	}
	if mine, ok := c.owned[r.side.owner]; ok && r.side.owner != "" {
		denied.and(mine)
		open.and(mine)
	}
	made.settle(r, denied, open, answers)
	return made
}

// mend looks at the sites that have changed. What stays the same it shares with the old row.
func (x *Screen) mend(c *classified, old *row, rule int, workloads int32, changed []int32) *row {
	r := x.set.rules[rule]
	made := &row{x.token, old.denied, old.open, old.points}
	ownDenied, ownOpen := false, false
	c.memory.mu.RLock()
	defer c.memory.mu.RUnlock()
	answers := c.memory.answered(rule, workloads)
	for _, i := range changed {
		a := middle
		if class := c.classes[r.siteView].at(i); class >= 0 && r.speaksOf(string(x.sites.at(i).Provider)) {
			a = unasked
			if int(class) < len(answers) {
				a = answers[class]
			}
			if made.points != nil && int(class) >= len(made.points) || a != unasked && made.points != nil && made.points[class] == unasked {
				made.points = make([]cell, max(len(answers), int(class)+1))
				copy(made.points, answers)
			}
		}
		state := a.state()
		made.denied, ownDenied = made.denied.changed(i, state&stateDenied != 0, ownDenied, x.sites.n)
		made.open, ownOpen = made.open.changed(i, state&stateOpen != 0, ownOpen, x.sites.n)
	}
	return made
}

// settle leaves out what says nothing.
func (x *row) settle(r *rule, denied, open bitset, answers []cell) {
	if denied.any() {
		x.denied = denied
	}
	if open.any() {
		x.open = open
	}
	if r.Kind == "prefer" {
		x.points = answers
	}
}
