package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

type lex struct {
	b []byte
	i int
}

func (l *lex) next() int64 {
	for l.b[l.i] < '0' || l.b[l.i] > '9' {
		l.i++
	}
	v := int64(0)
	for l.i < len(l.b) && l.b[l.i] >= '0' && l.b[l.i] <= '9' {
		v = v*10 + int64(l.b[l.i]-'0')
		l.i++
	}
	return v
}

func load(name string) *lex {
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	b, _ := io.ReadAll(f)
	if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		z, _ := gzip.NewReader(bytes.NewReader(b))
		b, _ = io.ReadAll(z)
	}
	return &lex{b: b}
}

func read(model, initial string) *problem.Problem {
	l := load(model)
	n := func() int { return int(l.next()) }
	p := &problem.Problem{Tiers: 2}
	p.Dims = n()
	for d := range p.Dims {
		p.Transient = append(p.Transient, l.next() != 0)
		p.Excess = append(p.Excess, problem.ExcessTerm{Tier: 1, Dim: d, Weight: l.next(), Per: 1})
	}
	p.Sites = n()
	var neigh, loc problem.Domain
	each := problem.Domain{Parts: p.Sites}
	mmc := make([][]int64, p.Sites)
	for m := range p.Sites {
		a, b := n(), n()
		neigh.Of = append(neigh.Of, int32(a))
		neigh.Parts = max(neigh.Parts, a+1)
		loc.Of = append(loc.Of, int32(b))
		loc.Parts = max(loc.Parts, b+1)
		each.Of = append(each.Of, int32(m))
		for range p.Dims {
			p.Capacity = append(p.Capacity, l.next())
		}
		for range p.Dims {
			p.Safe = append(p.Safe, l.next())
		}
		for range p.Sites {
			mmc[m] = append(mmc[m], l.next())
		}
	}
	p.Domains = []problem.Domain{each, neigh, loc}
	services := n()
	spread := make([]int, services)
	deps := make([][]int, services)
	for s := range services {
		spread[s] = n()
		for range n() {
			deps[s] = append(deps[s], n())
		}
	}
	p.Items = n()
	all := make([]int32, p.Sites)
	for m := range all {
		all[m] = int32(m)
	}
	index := problem.NewSet(p.Sites, all)
	members := make([][]int32, services)
	p.Batches = services
	p.Near = make([]int32, p.Sites)
	var pmc []int64
	for i := range p.Items {
		s := n()
		members[s] = append(members[s], int32(i))
		p.Batch = append(p.Batch, int32(s))
		c := problem.Class{Complete: true, Sites: all, Index: index, Out: problem.Value{1}}
		for range p.Dims {
			c.Demand = append(c.Demand, l.next())
		}
		p.Classes = append(p.Classes, c)
		p.Class = append(p.Class, int32(i))
		p.Component = append(p.Component, 0)
		pmc = append(pmc, l.next())
	}
	for range n() {
		a, b := n(), n()
		t := l.next()
		w := l.next()
		p.Balance = append(p.Balance, problem.BalanceTerm{Tier: 1, Dim: a, Against: b, Ratio: t, Weight: w, Per: 1})
	}
	wp, ws, wm := l.next(), l.next(), l.next()
	a := load(initial)
	for i := range p.Items {
		home := int32(a.next())
		p.Home = append(p.Home, home)
		p.MoveOf = append(p.MoveOf, int32(i))
		v := problem.Value{0, pmc[i] * wp}
		p.Moves = append(p.Moves, problem.Move{From: home, Near: v, Far: v})
	}
	p.GroupMoves = []problem.WeightedTerm{{Tier: 1, Weight: 720 * ws}}
	p.Relocation = []problem.WeightedTerm{{Tier: 1, Weight: 720 * wm}}
	p.Relocate = func(from int32) []int64 { return mmc[from] }
	for s := range services {
		if len(members[s]) > 1 {
			p.Groups = append(p.Groups, problem.Group{Kind: problem.Conflict, Domain: 0, Limit: 1, Members: members[s]})
		}
		if spread[s] > 1 {
			p.Groups = append(p.Groups, problem.Group{Kind: problem.Spread, Domain: 2, Limit: int32(spread[s]), Members: members[s]})
		}
		for _, d := range deps[s] {
			p.Groups = append(p.Groups, problem.Group{Kind: problem.Attend, Domain: 1, Members: members[s], With: members[d]})
		}
	}
	if err := p.Finish(); err != nil {
		panic(err)
	}
	return p
}
