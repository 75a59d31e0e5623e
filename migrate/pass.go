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
	pools   []pool  // stocks, then lanes
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
			start: make([]topology.Micros, n), end: make([]topology.Micros, n), after: make([][]int32, n),
		},
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
	p.running.less = func(a, b int32) bool {
		return cmp.Or(cmp.Compare(p.end[a], p.end[b]), cmp.Compare(a, b)) < 0
	}
	for _, free := range slices.Concat(s.stocks.free, s.net.capacity) {
		p.pools = append(p.pools, newPool(free))
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

// resume takes up a hop that runs when the plan starts. It holds what it holds, if need be beyond what there is.
func (p *pass) resume(hop int32) {
	h, stocks := p.hops[hop], int32(len(p.stocks.free))
	for _, u := range p.net.needs[hop] {
		p.pools[stocks+u.stock].hold(u.amount)
	}
	for _, u := range h.takes {
		p.pools[u.stock].hold(u.amount)
		p.balance[u.stock] -= u.amount
		p.pending[u.stock] -= u.amount
	}
	for _, u := range h.gives {
		p.balance[u.stock] += u.amount
	}
	p.started[hop] = true
	p.start[hop], p.end[hop] = h.left-h.estimate.Duration, h.left
	p.running.push(hop)
}

func (p *pass) wait(resource int32, w waiter) {
	q := &p.waiting[resource]
	q.less = lessWaiter
	q.push(waiter{w.rank, w.hop, resource})
}

// pull has the first of a queue tried, unless nobody could be served.
func (p *pass) pull(resource int32) {
	if q := &p.waiting[resource]; q.len() > 0 && p.pools[resource].free >= p.least[resource] {
		p.try.push(q.pop())
	}
}

// blockedBy returns the resource for which a hop has to wait, -1 where it can start.
func (p *pass) blockedBy(hop int32) int32 {
	stocks := int32(len(p.stocks.free))
	for _, u := range p.net.needs[hop] {
		if p.pools[stocks+u.stock].free < u.amount {
			return stocks + u.stock
		}
	}
	for _, u := range p.hops[hop].takes {
		if p.pools[u.stock].free < u.amount || !p.safe(hop, u) {
			return u.stock
		}
	}
	return -1
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

// begin starts a hop and wakes those who waited for it to be on its way.
func (p *pass) begin(hop int32) {
	h, stocks := p.hops[hop], int32(len(p.stocks.free))
	after := slices.Clone(p.before[hop])
	// Links first: they leave the least choice of whom to wait for. The caps come first among the needs, so from behind.
	for _, u := range slices.Backward(p.net.needs[hop]) {
		after = p.pools[stocks+u.stock].take(u.amount, after)
	}
	for _, u := range h.takes {
		after = p.pools[u.stock].take(u.amount, after)
		p.balance[u.stock] -= u.amount
		p.pending[u.stock] -= u.amount
	}
	slices.Sort(after)
	p.after[hop] = slices.Compact(after)
	p.started[hop] = true
	p.start[hop], p.end[hop] = p.now, p.now+h.rest()
	p.running.push(hop)
	for _, u := range h.gives {
		p.balance[u.stock] += u.amount
		p.again(u.stock)
		p.pull(u.stock)
	}
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
		p.pools[u.stock].give(u.amount, hop)
		p.pull(u.stock)
	}
	for _, u := range p.net.needs[hop] {
		p.pools[stocks+u.stock].give(u.amount, hop)
		p.pull(stocks + u.stock)
	}
	for _, next := range p.then[hop] {
		if p.missing[next]--; p.missing[next] == 0 {
			p.try.push(waiter{p.rank[next], next, -1})
		}
	}
}
