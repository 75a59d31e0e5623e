package search

import "github.com/domicile-eu/domicile/placement/internal/problem"

// inserter takes items out and puts them back in the best way, by branch and bound over the items in order.
type inserter struct {
	items  []int32
	nodes  int             // left to open
	slack  []problem.Value // by depth: the most that the items from there on can still gain
	least  []problem.Value // by class: the least an item can cost more than left out
	levels [][]choice
	was    []int32 // where the items were
	at     []int32 // the choice on the way
	best   []int32 // the best way found
	value  problem.Value
	found  bool
	all    bool // every choice is looked at
	whole  bool // no choice counts that leaves no room for the rest of a path
}

// choice is one position that an item could take.
type choice struct {
	pos   int32
	loose int64
	d     problem.Value
}

// Classes with more positions than manySites are looked at in part: the ranked ones, the old one and some at random.
const (
	manySites   = 48
	alsoRandom  = 8
	mostChoices = 6 // that are followed per item
)

func (n *inserter) init(x *Searcher) {
	p := x.p
	n.least = make([]problem.Value, len(p.Classes))
	for c := range p.Classes {
		class, least := &p.Classes[c], &n.least[c]
		if len(class.Sites) == 0 {
			continue
		}
		var cheapest problem.Value
		for j, t := range p.Unary {
			for k := range class.Sites {
				if class.Cost == nil {
					break
				}
				y := class.Cost[k*len(p.Unary)+j]
				if k == 0 || y < cheapest[t] {
					cheapest[t] = y
				}
			}
		}
		for t := range least {
			least[t] = min(0, cheapest[t]-class.Out[t])
		}
		p.AddRelief(int32(c), least)
	}
}

// run takes the items out and puts them back in the best way that it finds while it opens so many nodes. The outcome is
// valid and never worse than bar, or where that cannot be had, nothing changes; nil stands for the present value. It
// returns whether anything changed.
func (n *inserter) run(x *Searcher, items []int32, nodes int, bar *problem.Value) bool {
	n.items, n.nodes, n.found = items, nodes, false
	n.value = x.s.Value
	if bar != nil {
		n.value = *bar
	}
	n.grow(len(items))
	was := n.was[:len(items)]
	for k, i := range items {
		was[k] = x.s.Pos(i)
	}
	for _, i := range items {
		x.put(i, -1)
	}
	var sum problem.Value
	n.slack[len(items)] = sum
	for k := len(items) - 1; k >= 0; k-- {
		sum.Add(&n.least[x.p.Class[items[k]]])
		n.slack[k] = sum
	}
	n.open(x, 0)
	way := was
	if n.found {
		way = n.best[:len(items)]
	}
	changed := false
	for k, i := range items {
		x.put(i, way[k])
		changed = changed || way[k] != was[k]
	}
	return changed
}

func (n *inserter) grow(items int) {
	for len(n.levels) < items {
		n.levels = append(n.levels, nil)
	}
	for len(n.slack) <= items {
		n.slack = append(n.slack, problem.Value{})
	}
	for len(n.best) < items {
		n.best = append(n.best, -1)
		n.at = append(n.at, -1)
		n.was = append(n.was, -1)
	}
}

// open chooses for the items from depth on.
func (n *inserter) open(x *Searcher, depth int) {
	if depth == len(n.items) {
		n.leaf(x)
		return
	}
	if n.nodes <= 0 {
		return
	}
	n.nodes--
	i := n.items[depth]
	for _, c := range n.choices(x, depth, i) {
		value := x.s.Value.Plus(&c.d)
		if n.hopeless(value.Plus(&n.slack[depth+1])) {
			continue
		}
		n.at[depth] = c.pos
		x.put(i, c.pos)
		n.open(x, depth+1)
		x.put(i, -1)
	}
	if !n.hopeless(x.s.Value.Plus(&n.slack[depth+1])) {
		n.at[depth] = -1
		n.open(x, depth+1)
	}
}

// hopeless says whether a lower bound cannot beat the best way; before the first way, what is as good as the bar will do.
func (n *inserter) hopeless(bound problem.Value) bool {
	if n.found {
		return !bound.Less(&n.value)
	}
	return n.value.Less(&bound)
}

func (n *inserter) leaf(x *Searcher) {
	if x.s.Broken != 0 || n.hopeless(x.s.Value) {
		return
	}
	n.found, n.value = true, x.s.Value
	copy(n.best, n.at[:len(n.items)])
}

// choices returns the positions open to an item, the most promising first: those that heal groups, then the cheap ones.
func (n *inserter) choices(x *Searcher, depth int, i int32) []choice {
	list := n.levels[depth][:0]
	class := &x.p.Classes[x.p.Class[i]]
	most := mostChoices
	if n.all {
		most = len(class.Sites)
	}
	look := func(pos int32) {
		x.steps++
		if !x.s.Fits(i, pos) || n.whole && x.s.Strained(i, pos) {
			return
		}
		c := choice{pos: pos, loose: x.s.Loose(i, pos)}
		x.s.Cost(i, pos, &c.d)
		list = insertChoice(list, &c, most)
	}
	if n.all || len(class.Sites) <= manySites {
		for pos := range int32(len(class.Sites)) {
			look(pos)
		}
	} else {
		for _, pos := range x.order[x.p.Class[i]] {
			look(pos)
		}
		for range alsoRandom {
			look(int32(x.r.IntN(len(class.Sites))))
		}
		if was := n.was[depth]; was >= 0 {
			look(was)
		}
	}
	n.levels[depth] = list
	return list
}

func insertChoice(list []choice, c *choice, most int) []choice {
	k := len(list)
	for k > 0 && c.before(&list[k-1]) {
		k--
	}
	if k > 0 && list[k-1].pos == c.pos || k == most {
		return list
	}
	if len(list) < most {
		list = append(list, choice{})
	}
	copy(list[k+1:], list[k:])
	list[k] = *c
	return list
}

func (c *choice) before(o *choice) bool {
	if c.loose != o.loose {
		return c.loose < o.loose
	}
	return c.d.Less(&o.d)
}
