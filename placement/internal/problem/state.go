package problem

// State is an assignment of items to sites with all that is needed to judge changes of it. At any time the placed items
// keep the capacities, the latency bounds of flows, and the groups of kind Conflict and Together; Broken counts how far
// it is from keeping the other groups, which can only be healed by placing more. An assignment is valid where Broken is 0.
//
// It is not safe for concurrent use.
type State struct {
	Site   []int32 // by item; -1: not placed. Change it through Put only.
	Use    []int64 // by site and dimension, as Problem.Capacity
	Value  Value
	Broken int64

	p        *Problem
	pos      []int32 // by item: position of its site in its class
	cells    []int32 // dense counts of groups
	placed   []int32 // by group: placed Members
	distinct []int32 // by group: parts with Members
	head     []int32 // by site: first of its items, -1: none
	next     []int32 // by item
	prev     []int32
}

// NewState returns the state in which nothing is placed.
func NewState(p *Problem) *State {
	s := &State{
		p: p, Site: fill(p.Items), Use: make([]int64, p.Sites*p.Dims), pos: fill(p.Items),
		cells: make([]int32, p.counts), placed: make([]int32, len(p.Groups)), distinct: make([]int32, len(p.Groups)),
		head: fill(p.Sites), next: fill(p.Items), prev: fill(p.Items),
	}
	for _, c := range p.Class {
		s.Value.Add(&p.Classes[c].Out)
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

// Clone returns an independent copy.
func (s *State) Clone() *State {
	c := NewState(s.p)
	c.CopyFrom(s)
	return c
}

// CopyFrom makes s equal to another state of the same problem.
func (s *State) CopyFrom(o *State) {
	copy(s.Site, o.Site)
	copy(s.Use, o.Use)
	copy(s.pos, o.pos)
	copy(s.cells, o.cells)
	copy(s.placed, o.placed)
	copy(s.distinct, o.distinct)
	copy(s.head, o.head)
	copy(s.next, o.next)
	copy(s.prev, o.prev)
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
	demand := s.p.Classes[s.p.Class[i]].Demand
	if from >= 0 {
		base := int(from) * s.p.Dims
		for d, x := range demand {
			s.Use[base+d] -= x
		}
		s.unlink(i, from)
	}
	if to >= 0 {
		base := int(to) * s.p.Dims
		for d, x := range demand {
			s.Use[base+d] += x
		}
		s.link(i, to)
	}
	s.Site[i], s.pos[i] = to, pos
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
