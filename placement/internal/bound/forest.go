package bound

import "github.com/domicile-eu/domicile/placement/internal/problem"

// A forest is the parts of applications that flows join. Of flows that close a cycle of parts, those that come later in
// the problem are left out.
//
// Choose one item of each part at random: what n items of a part cost is n times the mean over the choices, and what the
// flows between parts with n and m items cost n m times. So the least of any choice, counted so, is at most what the
// application costs.
type forest struct {
	nodes  []node // parents before their children
	trees  [][2]int32
	taken  []bool  // by item: it stands in a tree
	nodeOf []int32 // by item: -1: it stands in none
	// highest is the highest price of sending from a site.
	highest int64
}

// node is a part of an application in a tree.
type node struct {
	kinds  []bunch // how its items differ
	count  int64
	parent int32 // in nodes; -1: it is a root
	// up are the flows to the parent, down those from it.
	up, down []stream
	// flows in all: up to its parent, down to it, and those of its children.
	bits float64
}

// stream is flows of one rate.
type stream struct{ rate, count int64 }

// mostJoint is the number of pairs of an item and a site up to which parts are looked at together: a third of a
// microsecond each to prove a bound, and more to verify it.
const mostJoint = 50_000_000

// newForest finds the trees; nil where there is nothing to join.
func newForest(p *problem.Problem, tier int) *forest {
	if Large(p) {
		return nil
	}
	return grow(p, tier)
}

// grow finds the trees of a problem of any size; nil where there is nothing to join.
func grow(p *problem.Problem, tier int) *forest {
	priced := false
	for _, term := range p.Traffic {
		priced = priced || term.Tier <= tier
	}
	if !priced || p.Part == nil {
		return nil
	}
	b := &planter{p: p, joined: make(map[[2]int32]int32), of: make([]int32, 0, p.Items)}
	for _, part := range p.Part {
		for int(part) >= len(b.of) {
			b.of = append(b.of, int32(len(b.of)))
		}
	}
	b.edges = make([][]int32, len(b.of))
	for k := range p.Flows {
		b.add(&p.Flows[k])
	}
	if len(b.list) == 0 {
		return nil
	}
	return b.plant()
}

// planter builds a forest.
type planter struct {
	p      *problem.Problem
	of     []int32 // union-find over parts
	list   []edge
	joined map[[2]int32]int32 // the edge between two parts, lower first
	edges  [][]int32          // by part
}

// edge is the flows between two parts.
type edge struct {
	ends  [2]int32
	flows [2][]stream // from the first, from the second
}

func (b *planter) root(k int32) int32 {
	for b.of[k] != k {
		b.of[k] = b.of[b.of[k]]
		k = b.of[k]
	}
	return k
}

func (b *planter) add(f *problem.Flow) {
	from, to := b.p.Part[f.From], b.p.Part[f.To]
	if from == to || f.Rate == 0 {
		return
	}
	ends := [2]int32{min(from, to), max(from, to)}
	k, ok := b.joined[ends]
	if !ok {
		x, y := b.root(from), b.root(to)
		if x == y {
			b.joined[ends] = -1
			return
		}
		b.of[x] = y
		k = int32(len(b.list))
		b.list = append(b.list, edge{ends: ends})
		b.joined[ends] = k
		b.edges[from] = append(b.edges[from], k)
		b.edges[to] = append(b.edges[to], k)
	}
	if k < 0 {
		return
	}
	side := &b.list[k].flows[0]
	if from != ends[0] {
		side = &b.list[k].flows[1]
	}
	for n := range *side {
		if (*side)[n].rate == f.Rate {
			(*side)[n].count++
			return
		}
	}
	*side = append(*side, stream{f.Rate, 1})
}

func (b *planter) plant() *forest {
	f := &forest{taken: make([]bool, b.p.Items), nodeOf: make([]int32, b.p.Items)}
	for _, x := range b.p.Sending {
		f.highest = max(f.highest, x)
	}
	at := make([]int32, len(b.of)) // node of each part + 1
	for part := range b.of {
		if at[part] != 0 || len(b.edges[part]) == 0 {
			continue
		}
		first := int32(len(f.nodes))
		at[part] = first + 1
		f.nodes = append(f.nodes, node{parent: -1})
		list := []int32{int32(part)}
		for k := 0; k < len(list); k++ {
			own := list[k]
			for _, e := range b.edges[own] {
				f.child(&b.list[e], own, at, &list)
			}
		}
		f.trees = append(f.trees, [2]int32{first, int32(len(f.nodes))})
	}
	for i, part := range b.p.Part {
		f.nodeOf[i] = at[part] - 1
		if at[part] == 0 {
			continue
		}
		f.taken[i] = true
		f.nodes[at[part]-1].take(b.p, int32(i))
	}
	return f
}

// child adds the other end of an edge, unless it is the parent.
func (f *forest) child(e *edge, own int32, at []int32, list *[]int32) {
	other, up, down := e.ends[0], e.flows[0], e.flows[1]
	if other == own {
		other, up, down = e.ends[1], e.flows[1], e.flows[0]
	}
	if at[other] != 0 {
		return
	}
	bits := 0.0
	for _, s := range append(append([]stream(nil), up...), down...) {
		bits += float64(s.rate) * float64(s.count)
	}
	f.nodes[at[own]-1].bits += bits
	f.nodes = append(f.nodes, node{parent: at[own] - 1, up: up, down: down, bits: bits})
	at[other] = int32(len(f.nodes))
	*list = append(*list, other)
}

func (n *node) take(p *problem.Problem, i int32) {
	n.count++
	own := bunch{class: p.Class[i], move: moveOf(p, i), count: 1}
	for k := range n.kinds {
		if n.kinds[k].class == own.class && n.kinds[k].move == own.move {
			n.kinds[k].count++
			return
		}
	}
	n.kinds = append(n.kinds, own)
}
