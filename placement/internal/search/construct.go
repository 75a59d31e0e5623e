package search

import (
	"cmp"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// construct builds the first assignment: the best of a warm start (where there is one) and of building from scratch in
// two orders.
func (x *Searcher) construct(start []int32, keep bool) {
	orders := [][]int32{x.byRegret(), x.largestFirst()}
	if start != nil {
		// What runs stays, and only what does not is placed anew: that is what a small change of the problem asks for.
		x.warm(start)
		x.fill(orders[0])
		if n := len(x.out.items); n == 0 || keep || x.p.Items > manyItems && n <= absent(start) {
			return // no more are left out than before
		}
		kept := x.positions()
		value := x.s.Value
		x.fromScratch(orders)
		if value.Less(&x.s.Value) {
			x.restore(kept)
		}
		return
	}
	x.fromScratch(orders)
}

// manyItems is from how many items on building anew beside a warm start takes too long to be tried on the chance.
const manyItems = 20_000

// absent returns how many items start nowhere.
func absent(start []int32) (n int) {
	for _, pos := range start {
		if pos < 0 {
			n++
		}
	}
	return n
}

func (x *Searcher) fromScratch(orders [][]int32) {
	var best []int32
	var value problem.Value
	for _, order := range orders {
		x.empty()
		x.fill(order)
		if best == nil || x.s.Value.Less(&value) {
			best, value = x.positions(), x.s.Value
		}
	}
	x.restore(best)
}

func (x *Searcher) positions() []int32 {
	at := make([]int32, x.p.Items)
	for i := range at {
		at[i] = x.s.Pos(int32(i))
	}
	return at
}

func (x *Searcher) empty() {
	for i := range int32(x.p.Items) {
		x.put(i, -1)
	}
}

func (x *Searcher) restore(at []int32) {
	x.empty()
	for i, pos := range at {
		x.put(int32(i), pos)
	}
}

// warm puts items where they are to start, as far as that is valid. Members of a group may need one another, so all go
// first, and then of broken groups the fewest leave.
func (x *Searcher) warm(start []int32) {
	for i, pos := range start {
		if pos >= 0 && x.s.Fits(int32(i), pos) {
			x.put(int32(i), pos)
		}
	}
	x.s.Heal(func(i int32) { x.put(i, -1) })
}

// fill places what is not placed, bundle by bundle.
func (x *Searcher) fill(order []int32) {
	for _, b := range order {
		bundle := x.bundles[b]
		if len(bundle) == 1 {
			if x.s.Pos(bundle[0]) < 0 && !x.placePath(bundle[0]) {
				x.placeOne(bundle[0])
			}
			continue
		}
		if slices.ContainsFunc(bundle, func(i int32) bool { return x.s.Pos(i) < 0 }) {
			x.insert.run(x, bundle, 20+len(bundle), nil)
		}
	}
}

// placePath places what is not placed of the paths of an item together, where that is not too much, and says whether the
// item has a place then. One by one the last of them may find none near enough to the others.
func (x *Searcher) placePath(i int32) bool {
	items := x.p.Fellows(nil, i, mostOut+1)
	items = slices.DeleteFunc(items, func(j int32) bool { return x.s.Pos(j) >= 0 })
	if len(items) < 2 || len(items) > mostOut {
		return false
	}
	x.insertWhole(items)
	return x.s.Pos(i) >= 0
}

func (x *Searcher) insertWhole(items []int32) {
	x.insert.whole = true
	x.insert.run(x, items, insertNodes+len(items), nil)
	x.insert.whole = false
}

// placeOne puts an item on the site where it costs least, shadow prices included, if there is one where it may go and
// where that beats leaving it out. Coupled costs only add, so positions are looked at in order of what they cost by
// themselves, until that alone is too much.
func (x *Searcher) placeOne(i int32) {
	c := x.p.Class[i]
	class := &x.p.Classes[c]
	p := placer{x: x, item: i, at: -1}
	p.place(class, x.order[c], x.last[c])
	if p.strained && p.at < 0 {
		p.lenient = true
		p.place(class, x.order[c], x.last[c])
	}
	x.put(i, p.at)
}

// placer looks for the best position of an item. It is strict about paths of which not all is placed until it has to be
// lenient.
type placer struct {
	x    *Searcher
	item int32
	at   int32
	d    problem.Value
	toll float64

	strained, lenient bool
}

// place looks at some positions in order of what they cost by themselves, and at the rest, of which the last of them costs no more.
func (p *placer) place(class *problem.Class, order []int32, last float64) {
	x := p.x
	for _, pos := range order {
		if p.at >= 0 && p.over(x.priced(class, pos)) {
			break
		}
		p.look(pos)
	}
	if len(class.Sites) > len(order) && (p.at < 0 || !p.over(last)) {
		p.lookAtRest(class)
	}
}

func (p *placer) look(pos int32) {
	x := p.x
	x.steps++
	var d problem.Value
	if !x.s.Try(p.item, pos, &d) || !d.Negative() {
		return
	}
	if !p.lenient && x.s.Strained(p.item, pos) {
		p.strained = true
		return
	}
	class := &x.p.Classes[x.p.Class[p.item]]
	toll := x.toll(class, class.Sites[pos])
	if p.at < 0 || x.cheaper(&d, toll, &p.d, p.toll) {
		p.d, p.at, p.toll = d, pos, toll
	}
}

// over says whether a position that costs at least so much in the deciding tier, tolls included, cannot be better than
// the best so far, as far as that tier goes.
func (p *placer) over(priced float64) bool {
	if p.x.preceded {
		return false
	}
	out := float64(p.x.p.Classes[p.x.p.Class[p.item]].Out[p.x.tier])
	return priced-out > float64(p.d[p.x.tier])+p.toll
}

// lookAtRest looks at positions in order of cost.
func (p *placer) lookAtRest(class *problem.Class) {
	order, w := class.Order(), len(p.x.p.Unary)
	for k := range class.Sites {
		pos := int32(k)
		if order != nil {
			pos = order[k]
			if p.at >= 0 && p.over(float64(class.Cost[int(pos)*w])) {
				return
			}
		} else if p.at >= 0 {
			return
		}
		p.look(pos)
	}
}

// cheaper compares two changes of value with their tolls, which count in the deciding tier.
func (x *Searcher) cheaper(a *problem.Value, tollA float64, b *problem.Value, tollB float64) bool {
	for t := range a {
		if t == x.tier {
			if ka, kb := float64(a[t])+tollA, float64(b[t])+tollB; ka != kb {
				return ka < kb
			}
		} else if a[t] != b[t] {
			return a[t] < b[t]
		}
	}
	return false
}

// byRegret orders the bundles by what losing their first choice costs, most first; those with a single choice lead.
func (x *Searcher) byRegret() []int32 {
	regret := make([]float64, len(x.p.Classes))
	for c := range x.p.Classes {
		class, order := &x.p.Classes[c], x.order[c]
		regret[c] = math.Inf(1)
		if len(order) > 1 {
			regret[c] = x.priced(class, order[1]) - x.priced(class, order[0])
		}
	}
	return x.sorted(func(i int32) float64 { return regret[x.p.Class[i]] })
}

// largestFirst orders the bundles by how much of a mean site they take, most first, where they cost the same to leave out.
func (x *Searcher) largestFirst() []int32 {
	// Priorities first: where not everything fits, the dear ones must.
	return x.sorted(func(i int32) float64 { return x.size[i] + 1e6*float64(x.p.Classes[x.p.Class[i]].Out[0]) })
}

func (x *Searcher) sorted(key func(i int32) float64) []int32 {
	keys, order := make([]float64, len(x.bundles)), make([]int32, len(x.bundles))
	for b, items := range x.bundles {
		order[b] = int32(b)
		keys[b] = math.Inf(-1)
		for _, i := range items {
			keys[b] = math.Max(keys[b], key(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[b], keys[a]), cmp.Compare(a, b)) })
	return order
}
