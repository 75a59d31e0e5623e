package migrate

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// pass is the state of one run of the scheduler. A waiting hop stands in exactly one queue: that of the resource which
// blocked it last.
type pass struct {
	*scheduler
	timing
	now     topology.Micros
	rank    []int32
	free    []int64 // stocks, then lanes
	balance []int64 // stocks once all that runs has ended
	pending []int64 // stocks that hops not started will take
	seen    []int   // per stock: how many of touch have started, from the front
	started []bool
	missing []int // of before, per hop
	waiting []heap[waiter]
	running heap[int32]
	try     heap[waiter]
	aside   []waiter
	asleep  heap[sleeper]
}

// sleeper is a hop that may not start before an instant, whatever is free.
type sleeper struct {
	until topology.Micros
	hop   int32
}

// waiter is a hop in the queue of a resource; from is that resource, -1 for none.
type waiter struct {
	rank, hop, from int32
}

func lessWaiter(a, b waiter) bool { return a.rank < b.rank }

func newPass(s *scheduler, rank []int32) *pass {
	n, stocks := len(s.hops), len(s.stocks.free)
	p := &pass{
		scheduler: s, rank: rank,
		timing: timing{
			start: make([]topology.Micros, n), end: make([]topology.Micros, n), order: make([]int32, 0, n),
		},
		free:    slices.Concat(s.stocks.free, s.net.capacity),
		balance: slices.Clone(s.stocks.free),
		pending: make([]int64, stocks),
		seen:    make([]int, stocks),
		started: make([]bool, n),
		missing: make([]int, n),
		waiting: make([]heap[waiter], stocks+len(s.net.lanes)),
		try:     heap[waiter]{less: lessWaiter},
		asleep: heap[sleeper]{less: func(a, b sleeper) bool {
			return cmp.Or(cmp.Compare(a.until, b.until), cmp.Compare(a.hop, b.hop)) < 0
		}},
	}
	p.steps += 16 * n // for sorting and setting up
	p.running.less = func(a, b int32) bool {
		return cmp.Or(cmp.Compare(p.end[a], p.end[b]), cmp.Compare(a, b)) < 0
	}
	for i, h := range s.hops {
		p.missing[i] = len(s.before[i])
		for _, u := range h.takes {
			p.pending[u.stock] += u.amount
		}
	}
	return p
}

// startAll starts whatever can start now, in order of rank.
func (p *pass) startAll() {
	for p.try.len() > 0 {
		w := p.try.pop()
		until := p.opening(w.hop)
		blocked := int32(-1)
		if until == p.now {
			blocked = p.blockedBy(w.hop)
		}
		switch {
		case until == never:
		case until > p.now:
			p.asleep.push(sleeper{until, w.hop})
		case blocked < 0:
			p.begin(w.hop)
		case blocked == w.from:
			p.aside = append(p.aside, w)
		default:
			p.wait(blocked, w)
		}
		if w.from >= 0 {
			p.pull(w.from)
		}
	}
	for _, w := range p.aside {
		p.wait(w.from, w)
	}
	p.aside = p.aside[:0]
}

// next goes on to the next instant at which something ends or opens, and says whether there is one.
func (p *pass) next() bool {
	at := never
	if p.running.len() > 0 {
		at = p.end[p.running.items[0]]
	}
	if p.asleep.len() > 0 {
		at = min(at, p.asleep.items[0].until)
	}
	if at == never {
		return false
	}
	p.now = at
	return true
}

// opening returns the first instant from now on at which a hop may start.
func (p *pass) opening(hop int32) topology.Micros {
	if p.open == nil {
		return p.now
	}
	return p.open(hop, p.now)
}

// take books what a hop takes from its start on, and who gets room by it.
func (p *pass) take(hop int32, start topology.Micros) {
	h, stocks := p.hops[hop], int32(len(p.stocks.free))
	for _, u := range p.net.needs[hop] {
		p.free[stocks+u.stock] -= u.amount
	}
	for _, u := range h.takes {
		p.free[u.stock] -= u.amount
		p.balance[u.stock] -= u.amount
		p.pending[u.stock] -= u.amount
	}
	for _, u := range h.gives {
		p.balance[u.stock] += u.amount
	}
	p.started[hop] = true
	p.order = append(p.order, hop)
	p.start[hop], p.end[hop] = start, p.now
	if !p.instant {
		p.end[hop] += h.rest()
	}
	p.running.push(hop)
}

// begin starts a hop and wakes those who waited for it to be on its way.
func (p *pass) begin(hop int32) {
	p.take(hop, p.now)
	for _, u := range p.hops[hop].gives {
		p.again(u.stock)
		p.pull(u.stock)
	}
}

func (p *pass) wait(resource int32, w waiter) {
	q := &p.waiting[resource]
	q.less = lessWaiter
	q.push(waiter{w.rank, w.hop, resource})
}

// pull has the first of a queue tried, unless nobody could be served.
func (p *pass) pull(resource int32) {
	if q := &p.waiting[resource]; q.len() > 0 && p.free[resource] >= p.least[resource] {
		p.try.push(q.pop())
	}
}

// blockedBy returns the resource for which a hop has to wait, -1 where it can start.
func (p *pass) blockedBy(hop int32) int32 {
	stocks := int32(len(p.stocks.free))
	p.steps += 4
	for _, u := range p.net.needs[hop] {
		if p.free[stocks+u.stock] < u.amount || p.patient && p.overtakes(hop, stocks+u.stock) {
			return stocks + u.stock
		}
	}
	for _, u := range p.hops[hop].takes {
		if p.free[u.stock] < u.amount || !p.safe(hop, u) {
			return u.stock
		}
	}
	return -1
}

// overtakes says whether a hop would take some of a lane for which one of better rank is waiting. Who waits there waits for
// something that runs, so waiting behind it ends.
func (p *pass) overtakes(hop, lane int32) bool {
	q := &p.waiting[lane]
	return q.len() > 0 && q.items[0].rank < p.rank[hop]
}

// safe says whether the rest of the serial order could still be carried out if a hop took some of a stock first. Only
// the hops before it at that stock can suffer: after its own turn nothing is different.
func (p *pass) safe(hop int32, u use) bool {
	if p.pending[u.stock] <= p.balance[u.stock] {
		return true
	}
	left := p.balance[u.stock] - u.amount
	touches := p.touch[u.stock]
	for p.seen[u.stock] < len(touches) && p.started[touches[p.seen[u.stock]].hop] {
		p.seen[u.stock]++
	}
	for _, t := range touches[p.seen[u.stock]:] {
		p.steps++
		if t.hop == hop {
			return true
		}
		if p.started[t.hop] {
			continue
		}
		if left += t.amount; t.amount < 0 && left < 0 {
			return false
		}
	}
	return true
}

// again has those tried once more who were set aside for a stock.
func (p *pass) again(stock int32) {
	p.aside = slices.DeleteFunc(p.aside, func(w waiter) bool {
		if w.from == stock {
			p.try.push(w)
		}
		return w.from == stock
	})
}

// finish ends a hop and has those tried who waited for what it gives back.
func (p *pass) finish(hop int32) {
	stocks := int32(len(p.stocks.free))
	for _, u := range p.hops[hop].gives {
		p.free[u.stock] += u.amount
		p.pull(u.stock)
	}
	for _, u := range p.net.needs[hop] {
		p.free[stocks+u.stock] += u.amount
		p.pull(stocks + u.stock)
	}
	for _, next := range p.then[hop] {
		if p.missing[next]--; p.missing[next] == 0 {
			p.try.push(waiter{p.rank[next], next, -1})
		}
	}
}
