package migrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// scheduler gives times to hops that stand in a safe serial order. A hop starts as soon as it fits and the rest of the
// order stays executable; since that holds at every start, some hop can always go on and nothing ever deadlocks.
type scheduler struct {
	stocks *stocks
	net    *network
	hops   []*hop
	before [][]int32 // hops that must have ended whatever the room, per hop: its own first leg, its spread group's last move
	then   [][]int32 // the same the other way round
	touch  [][]touch // per stock: who takes and gives it, in serial order
	least  []int64   // per resource: the least that anybody needs
	// open returns the first instant from at on at which a hop may start, never where there is none; nil: at once.
	open func(hop int32, at topology.Micros) topology.Micros
	// patient has hops wait behind those of better rank on each lane, even where there is room for them at once.
	patient bool
	// instant has hops end as they start: only their order is asked for.
	instant bool
	// class ranks hops before all else, least first; nil: none goes first.
	class []topology.Micros
	steps int // of all passes so far: looks at a hop, a need or a touch
	// late is how much a timing misses what matters more than its makespan; nil: nothing does.
	late func(*timing) topology.Micros
}

// touch is a hop that takes (negative) or gives some of a stock.
type touch struct {
	hop    int32
	amount int64
}

// never is the makespan of a timing in which not everything got its turn. The order is not a safe one then.
const never = topology.Micros(math.MaxInt64)

// timing is when hops start and end.
type timing struct {
	start, end []topology.Micros
	order      []int32 // the hops as they began: a safe serial order too
	makespan   topology.Micros
}

// scheduler prepares the timing of hops that stand in a safe serial order.
func (q *sequencer) scheduler(net *network, hops []*hop) *scheduler {
	s := newScheduler(q.stocks, newSpreads(q.world, q.domains), net, hops)
	s.follow(q.first)
	if ready := q.world.ready; slices.ContainsFunc(ready, func(at topology.Micros) bool { return at > 0 }) {
		s.open = func(hop int32, at topology.Micros) topology.Micros { return max(at, ready[hops[hop].to]) }
	}
	return s
}

func newScheduler(st *stocks, sp *spreads, net *network, hops []*hop) *scheduler {
	s := &scheduler{
		stocks: st, net: net, hops: hops,
		before: make([][]int32, len(hops)), then: make([][]int32, len(hops)),
		touch: make([][]touch, len(st.free)),
		least: make([]int64, len(st.free)+len(net.lanes)),
	}
	last := make(map[int32]int32)  // of a workload
	group := make(map[int32]int32) // of a spread group
	for i, h := range hops {
		id := int32(i)
		if first, ok := last[h.work]; ok {
			s.precede(first, id)
		}
		last[h.work] = id
		for _, g := range sp.touched(h) {
			if first, ok := group[g]; ok {
				s.precede(first, id)
			}
			group[g] = id
		}
		for _, u := range h.takes {
			s.touch[u.stock] = append(s.touch[u.stock], touch{id, -u.amount})
			s.atLeast(u.stock, u.amount)
		}
		for _, u := range h.gives {
			s.touch[u.stock] = append(s.touch[u.stock], touch{id, u.amount})
		}
		for _, u := range net.needs[i] {
			s.atLeast(int32(len(st.free))+u.stock, u.amount)
		}
	}
	return s
}

func (s *scheduler) precede(first, second int32) {
	if !slices.Contains(s.before[second], first) {
		s.before[second] = append(s.before[second], first)
		s.then[first] = append(s.then[first], second)
	}
}

func (s *scheduler) atLeast(resource int32, amount int64) {
	if s.least[resource] == 0 || amount < s.least[resource] {
		s.least[resource] = amount
	}
}

// reorder takes another safe serial order as the one that has to stay executable. It gives the passes other freedom.
func (s *scheduler) reorder(order []int32) {
	at := make([]int32, len(order))
	for i, hop := range order {
		at[hop] = int32(i)
	}
	for _, list := range s.touch {
		slices.SortFunc(list, func(a, b touch) int { return cmp.Compare(at[a.hop], at[b.hop]) })
	}
}

// run is one pass of the scheduler; rank says who goes first where several could (each hop its own, least first).
func (s *scheduler) run(rank []int32) *timing {
	r := newPass(s, rank)
	for i, h := range s.hops {
		if h.left > 0 {
			r.take(int32(i), h.left-h.estimate.Duration)
		} else if len(s.before[i]) == 0 {
			r.try.push(waiter{rank[i], int32(i), -1})
		}
	}
	r.startAll()
	for r.next() {
		for r.running.len() > 0 && r.end[r.running.items[0]] == r.now {
			r.finish(r.running.pop())
		}
		for r.asleep.len() > 0 && r.asleep.items[0].until == r.now {
			hop := r.asleep.pop().hop
			r.try.push(waiter{rank[hop], hop, -1})
		}
		r.startAll()
	}
	for _, end := range r.end {
		r.makespan = max(r.makespan, end)
	}
	if slices.Contains(r.started, false) {
		r.makespan = never
	}
	return &r.timing
}
