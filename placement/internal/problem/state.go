package problem

// State is an assignment of items to sites with all that is needed to judge changes of it. At any time the placed items
// keep the capacities (also during the move), the latency bounds of flows and paths, the budgets, and the groups of kind Conflict
// and Together; Broken counts how far it is from keeping the other groups, which can only be healed by placing more. An
// assignment is valid where Broken is 0.
//
// It is not safe for concurrent use, but several states of one problem are.
type State struct {
	Site   []int32 // by item; -1: not placed. Change it through Put only.
	Use    []int64 // by site and dimension, as Problem.Capacity
	Value  Value
	Broken int64

	p        *Problem
	pos      []int32 // by item: position of its site in its class
	room     []int64 // as Use: for an item that is not at home there
	cells    []int32 // dense counts of sets
	placed   []int32 // by set: placed members
	distinct []int32 // by set: parts with members, where kept
	head     []int32 // by site: first of its items, -1: none
	next     []int32 // by item
	prev     []int32
	away     moved
	quota    []int64 // by quota and part: what is taken
}

// moved counts the items that are placed elsewhere than at home.
type moved struct {
	all     int64
	inBatch []int32 // by batch
	batches []int32 // by number: of the batches with so many
	most    int32   // in one batch
}

// NewState returns the state in which nothing is placed.
func NewState(p *Problem) *State {
	s := &State{
		p: p, Site: fill(p.Items), Use: make([]int64, p.Sites*p.Dims), pos: fill(p.Items),
		room: append([]int64(nil), p.roomFor...), cells: make([]int32, p.index.cells), placed: make([]int32, len(p.sets)),
		distinct: make([]int32, len(p.sets)), head: fill(p.Sites), next: fill(p.Items), prev: fill(p.Items),
		quota: make([]int64, p.quotaAt[len(p.Quotas)]),
	}
	if p.Batches > 0 {
		largest := int32(0)
		for _, n := range p.batchOf {
			largest = max(largest, n)
		}
		s.away.inBatch, s.away.batches = make([]int32, p.Batches), make([]int32, largest+1)
		s.away.batches[0] = int32(p.Batches)
	}
	for _, c := range p.Class {
		s.Value.Add(&p.Classes[c].Out)
	}
	for t := range p.Tiers {
		s.Value[t] += s.useOf(t) // empty sites can be out of balance
	}
	return s
}

func fill(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = -1
	}
	return s
}

// CopyFrom makes s equal to another state of the same problem.
func (s *State) CopyFrom(o *State) {
	copy(s.Site, o.Site)
	copy(s.Use, o.Use)
	copy(s.pos, o.pos)
	copy(s.room, o.room)
	copy(s.cells, o.cells)
	copy(s.placed, o.placed)
	copy(s.distinct, o.distinct)
	copy(s.head, o.head)
	copy(s.next, o.next)
	copy(s.prev, o.prev)
	copy(s.away.inBatch, o.away.inBatch)
	copy(s.away.batches, o.away.batches)
	s.away.all, s.away.most = o.away.all, o.away.most
	copy(s.quota, o.quota)
	s.Value, s.Broken = o.Value, o.Broken
}

// Problem returns what the state belongs to.
func (s *State) Problem() *Problem { return s.p }

// Pos returns the position of item i's site in its class, -1 where it is not placed.
func (s *State) Pos(i int32) int32 { return s.pos[i] }

// First returns the first item on a site, Next the one after item i; -1 where there is none.
func (s *State) First(site int32) int32 { return s.head[site] }

// Next returns the item that follows i on its site, -1 where it is the last.
func (s *State) Next(i int32) int32 { return s.next[i] }

// Put places item i at position pos of its class, or takes it out where pos is -1. The change must be allowed by Fits.
func (s *State) Put(i, pos int32) {
	from, to := s.Site[i], s.site(i, pos)
	if from == to {
		return
	}
	s.Broken += s.loose(i, from, to)
	s.addCost(i, pos, &s.Value)
	s.count(i, from, to)
	if s.p.moving {
		s.countMove(i, from, to)
	}
	if len(s.p.Quotas) > 0 {
		s.countQuotas(i, from, to)
	}
	if from >= 0 {
		s.take(i, from, -1)
		s.unlink(i, from)
	}
	if to >= 0 {
		s.take(i, to, 1)
		s.link(i, to)
	}
	s.Site[i], s.pos[i] = to, pos
}

// take changes the use of a site by item i.
func (s *State) take(i, site int32, sign int64) {
	p := s.p
	base, own := int(site)*p.Dims, int(i)*p.Dims
	demand := p.demand[own : own+p.Dims]
	use, room := s.Use[base:base+p.Dims], s.room[base:base+p.Dims]
	atHome := p.transient && p.Home[i] == site
	for d, x := range demand {
		use[d] += sign * x
		if !atHome || !p.Transient[d] {
			room[d] -= sign * x
		}
	}
}

func (s *State) site(i, pos int32) int32 {
	if pos < 0 {
		return -1
	}
	return s.p.Classes[s.p.Class[i]].Sites[pos]
}

func (s *State) link(i, site int32) {
	first := s.head[site]
	s.next[i], s.prev[i] = first, -1
	if first >= 0 {
		s.prev[first] = i
	}
	s.head[site] = i
}

func (s *State) unlink(i, site int32) {
	n, b := s.next[i], s.prev[i]
	if b >= 0 {
		s.next[b] = n
	} else {
		s.head[site] = n
	}
	if n >= 0 {
		s.prev[n] = b
	}
}
