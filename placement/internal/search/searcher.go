package search

import (
	"math/rand/v2"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Options of a search.
type Options struct {
	Seed uint64
	// Prices are shadow prices of capacity, by site and dimension, in units of Tier; nil: none.
	Prices []float64
	// Tier is the first tier in which sites differ; it decides among the sites that are open to an item.
	Tier int
	// Start is where to begin, a position per item or -1; nil: from scratch. What does not fit there is placed anew.
	Start []int32
	// Keep does not build from scratch where something that starts nowhere finds no place.
	Keep bool
	// Workers is how many searches run side by side, at least one.
	Workers int
}

// Searcher is a search under way.
type Searcher struct {
	p          *problem.Problem
	s          *problem.State
	r          *rand.Rand
	seed       uint64
	steps      int64
	displacing int64 // of the steps, those of displacements
	preceded   bool  // sites differ in a tier before the deciding one, by load or moves
	built      int64 // steps that the first assignment took

	prices  []float64
	tier    int
	order   [][]int32    // by class: its most promising positions, best first
	first   [][2]float64 // by class: the priced costs of its best two positions
	last    []float64    // by class: the priced cost of the last of its order
	bundles [][]int32    // items that only move together
	bundle  []int32      // by item
	movable []int32      // items that have a choice
	choosy  []bool       // by class: whether its order says anything
	sizes
	reach [][]int32 // by item: positions that it could take alone; nil: all of its class
	temp  [problem.MaxTiers]float64
	out   list // items that are not placed

	best      problem.Value
	bestPos   []int32
	dirty     list // items that are elsewhere than in the best assignment
	improved  int64
	exhausted bool // every assignment was looked at
	small     float64
	scratch   []int32
	trail     []step
	obstacle  problem.Obstacle
	victims   []int32

	insert inserter
}

// stream tells the random numbers of workers apart: the first has this one, the others those that follow.
const stream = 0x646f6d6963696c65

// New returns a search that has built its first assignment.
func New(p *problem.Problem, o Options) *Searcher {
	x := &Searcher{
		p: p, s: problem.NewState(p), r: rand.New(rand.NewPCG(o.Seed, stream)), seed: o.Seed,
		prices: o.Prices, tier: o.Tier, bestPos: make([]int32, p.Items),
		out: newList(p.Items), dirty: newList(p.Items), small: smallProblem,
	}
	if x.prices == nil {
		x.prices = make([]float64, p.Sites*p.Dims)
	}
	for t := range x.tier {
		x.preceded = x.preceded || p.LoadWeight[t] != 0
		for k := range p.Moves {
			x.preceded = x.preceded || p.Moves[k].Far[t] != 0
		}
	}
	x.rank()
	x.measureItems()
	x.gather()
	x.insert.init(x)
	for i := range int32(p.Items) {
		x.out.add(i)
		if len(p.Classes[p.Class[i]].Sites) > 0 {
			x.movable = append(x.movable, i)
		}
	}
	x.construct(o.Start, o.Keep)
	x.findReach()
	x.best = x.s.Value
	for i := range x.bestPos {
		x.bestPos[i] = x.s.Pos(int32(i))
	}
	x.dirty.clear()
	x.built, x.improved = x.steps, x.steps
	return x
}

// Steps returns how many moves were evaluated after the first assignment was built.
func (x *Searcher) Steps() int64 { return x.steps - x.built }

// Best returns the value of the best assignment so far.
func (x *Searcher) Best() problem.Value { return x.best }

// Idle returns how many steps ago the best assignment was found.
func (x *Searcher) Idle() int64 { return x.steps - x.improved }

// Result returns the best assignment so far as a state of its own.
func (x *Searcher) Result() *problem.State {
	s := problem.NewState(x.p)
	for i, pos := range x.bestPos {
		s.Put(int32(i), pos)
	}
	return s
}

// put makes a change of the state and keeps book.
func (x *Searcher) put(i, pos int32) {
	was := x.s.Pos(i)
	if was == pos {
		return
	}
	x.s.Put(i, pos)
	if was < 0 {
		x.out.remove(i)
	}
	if pos < 0 {
		x.out.add(i)
	}
	x.dirty.add(i)
}

// note takes the state as the best assignment if it is. It costs as much as has changed since the last one.
func (x *Searcher) note() {
	if x.s.Broken != 0 || !x.s.Value.Less(&x.best) {
		return
	}
	x.best, x.improved = x.s.Value, x.steps
	for _, i := range x.dirty.items {
		x.bestPos[i] = x.s.Pos(i)
	}
	x.dirty.clear()
}

// list is a set of items with a random element in constant time.
type list struct {
	items []int32
	at    []int32 // by item: position + 1
}

func newList(n int) list { return list{at: make([]int32, n)} }

func (l *list) add(i int32) {
	if l.at[i] == 0 {
		l.items = append(l.items, i)
		l.at[i] = int32(len(l.items))
	}
}

func (l *list) remove(i int32) {
	k := l.at[i]
	if k == 0 {
		return
	}
	last := l.items[len(l.items)-1]
	l.items[k-1], l.at[last] = last, k
	l.items, l.at[i] = l.items[:len(l.items)-1], 0
}

func (l *list) clear() {
	for _, i := range l.items {
		l.at[i] = 0
	}
	l.items = l.items[:0]
}
