package placement

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Classes list all sites that may take them as long as there are no more than the larger of fullList and their share of
// listedPairs; of more, the cheapest. A listed pair takes some 20 bytes, so that the lists stay below 400 MB.
const (
	fullList    = 64
	listedPairs = 16_000_000
)

// priceClasses prices every class where it may run. Classes that come out the same in all but what leaving out costs hold
// one list; the lists are made side by side.
func (c *compiled) priceClasses() error {
	shapes, shapeOf, err := c.shapes()
	if err != nil {
		return err
	}
	lots, err := c.baseDemands(shapes)
	if err != nil {
		return err
	}
	most := max(fullList, listedPairs/max(1, len(c.classes)))
	lists, scratch := make([]problem.Class, len(shapes)), [parallel.Workers]lister{}
	err = parallel.Each(len(lots), func(w, n int) error {
		for _, k := range lots[n] {
			if err := c.ctx.Err(); err != nil {
				return err
			}
			if err := c.patchClass(int(shapes[k]), most, &scratch[w], &lists[k]); err != nil {
				return err
			}
		}
		if t := c.classes[shapes[lots[n][0]]].tariffs; t.based == nil {
			t.price, t.emissions = nil, nil // seldom asked for again, and there are many
		}
		return nil
	})
	if err != nil {
		return err
	}
	known := make(map[uint64][]siteList)
	for k := range lists {
		c.shareSites(known, &lists[k])
	}
	c.lists, c.shapeOf = lists, shapeOf
	c.out.Classes = make([]problem.Class, len(c.classes))
	for k, cl := range c.classes {
		c.out.Classes[k] = lists[shapeOf[k]]
		if err := c.priceOut(cl, &c.out.Classes[k]); err != nil {
			return err
		}
	}
	c.out.Full = c.full
	return nil
}

// full lists all sites that may take a class and their costs, see problem.Problem. It only reads what classes share.
func (c *compiled) full(k int32, sites []int32, cost []int64) ([]int32, []int64) {
	cl := c.classes[k]
	if t := cl.tariffs; t.based == nil {
		own := *cl
		own.tariffs = &tariffs{key: t.key, demand: t.demand}
		cl = &own
	}
	sites = cl.admits.list(sites)
	cost, err := c.column(cl, sites, cost)
	if err != nil {
		panic("placement: a column that was computed before fails now: " + err.Error())
	}
	return sites, cost
}

// shapes returns one class of each shape, in order of appearance, and the shape of each class.
func (c *compiled) shapes() (shapes, of []int32, err error) {
	keys := make([][sha256.Size]byte, len(c.classes))
	err = parallel.Each(len(c.classes), func(_, k int) error {
		keys[k] = shape(c.classes[k])
		return c.ctx.Err()
	})
	known := make(map[[sha256.Size]byte]int32)
	of = make([]int32, len(c.classes))
	for k := range c.classes {
		n, ok := known[keys[k]]
		if !ok {
			n = int32(len(shapes))
			known[keys[k]] = n
			shapes = append(shapes, int32(k))
		}
		of[k] = n
	}
	return shapes, of, err
}

// shape digests all that the list of a class depends on.
func shape(cl *class) [sha256.Size]byte {
	b := make([]byte, 0, 64+len(cl.tariffs.key)+8*len(cl.admits))
	b = append(append(b, cl.tariffs.key...), 0)
	for _, w := range cl.admits {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	// Columns and rows are held once each, so that their addresses tell them apart.
	b = fmt.Appendf(b, "%p %p", cl.points, cl.rules)
	for k := range cl.flows {
		b = fmt.Appendf(b, " %p %d", cl.flows[k].row, cl.flows[k].share)
	}
	return sha256.Sum256(b)
}

// baseDemands works out, side by side by demand, what the terms that depend on the demand alone cost wherever a class with
// it may run: after that tariffs are only read. It returns the shapes in lots, of which no two may touch the same tariffs
// unless those are only read.
func (c *compiled) baseDemands(shapes []int32) (lots [][]int32, err error) {
	of := make(map[*tariffs]int)
	for k, first := range shapes {
		cl := c.classes[first]
		n, ok := of[cl.tariffs]
		if !ok {
			n = len(lots)
			of[cl.tariffs] = n
			lots = append(lots, nil)
		}
		lots[n] = append(lots[n], int32(k))
	}
	if w := len(c.out.Unary); w == 0 || len(lots) > mostBased/(max(1, len(c.sites))*w) {
		return lots, nil
	}
	err = parallel.Each(len(lots), func(_, n int) error {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		reach := newBitset(len(c.sites))
		for _, k := range lots[n] {
			for w, word := range c.classes[shapes[k]].admits {
				reach[w] |= word
			}
		}
		return c.base(c.classes[shapes[lots[n][0]]], reach)
	})
	lots = make([][]int32, len(shapes))
	for k := range lots {
		lots[k] = []int32{int32(k)}
	}
	return lots, err
}

// mostBased is how many costs of demands alone are held, of 8 bytes each.
const mostBased = 32_000_000

// base computes what the terms that depend on the demand alone cost on some sites.
func (c *compiled) base(cl *class, reach bitset) error {
	w := len(c.out.Unary)
	based, known := c.last.based(cl.tariffs, reach)
	if known != nil {
		reach = known
	}
	sites := reach.list(nil)
	cost := make([]int64, len(sites)*w)
	for slot, t := range c.out.Unary {
		for _, term := range c.tiers[t].Terms {
			if term.Weight == 0 || !ofDemand(term) {
				continue
			}
			if err := c.addTerm(cl, term, sites, cost, slot); err != nil {
				return err
			}
		}
	}
	if based == nil {
		based = make([]int64, len(c.sites)*w)
	}
	for k, at := range sites {
		copy(based[int(at)*w:int(at)*w+w], cost[k*w:k*w+w])
	}
	cl.tariffs.based, cl.tariffs.price, cl.tariffs.emissions = based, nil, nil // seldom asked for again
	return nil
}

// lister is scratch memory for making lists.
type lister struct {
	sites []int32
	cost  []int64
	kept  []int32
}

// listClass lists the sites that may take a class with their costs, at most so many.
func (c *compiled) listClass(cl *class, most int, l *lister, out *problem.Class) (err error) {
	l.sites = cl.admits.list(l.sites[:0])
	if l.cost, err = c.column(cl, l.sites, l.cost[:0]); err != nil {
		return err
	}
	*out = problem.Class{Complete: true, Demand: cl.tariffs.demand}
	if len(l.sites) > most && l.cost != nil { // without costs there is no choice, and the list is one that many classes share
		c.shorten(cl, l, most, out)
	} else {
		out.Sites, out.Cost = slices.Clone(l.sites), slices.Clone(l.cost)
	}
	out.Sort(c.out.Unary)
	return nil
}

// shorten lists the sites that cost least in the first tier in which sites differ, the first of equals, and others all over
// the rest: where all classes listed the cheapest alone, those would be full and what is left had nowhere to go.
func (c *compiled) shorten(cl *class, l *lister, most int, out *problem.Class) {
	w := len(c.out.Unary)
	l.kept = leastOf(l.kept[:0], l.cost, w, len(l.sites), most-most/othersListed)
	slices.Sort(l.kept)
	l.kept = others(l.kept, most, len(l.sites), xxhash.Sum64String(string(cl.w.ID)))
	sites, cost := make([]int32, 0, most), make([]int64, 0, most*w)
	next, rest := 0, false
	for k := range l.sites {
		row := l.cost[k*w : k*w+w]
		if next < most && int(l.kept[next]) == k {
			next++
			sites, cost = append(sites, l.sites[k]), append(cost, row...)
			continue
		}
		for j, t := range c.out.Unary {
			if !rest || row[j] < out.Rest[t] {
				out.Rest[t] = row[j]
			}
		}
		rest = true
	}
	if out.Sites, out.Complete = sites, false; w > 0 {
		out.Cost = cost
	}
}

// othersListed is of how many listed sites one is not among the cheapest.
const othersListed = 3

// others adds numbers below n to ascending ones until there are most, at equal distances among those that are missing; a
// seed says where they begin.
func others(kept []int32, most, n int, seed uint64) []int32 {
	add, missing := most-len(kept), n-len(kept)
	if add <= 0 || missing < add {
		return kept
	}
	gap := missing / add
	wanted, seen, next := int(seed%uint64(gap)), 0, 0
	listed := len(kept)
	for k := int32(0); int(k) < n && add > 0; k++ {
		if next < listed && kept[next] == k {
			next++
			continue
		}
		if seen == wanted {
			kept, wanted, add = append(kept, k), wanted+gap, add-1
		}
		seen++
	}
	slices.Sort(kept)
	return kept
}

// leastOf appends the most numbers below n with the least keys, each the first of a row of w; none are the first ones. They come in no order.
func leastOf(h []int32, keys []int64, w, n, most int) []int32 {
	if w == 0 {
		for k := range int32(most) {
			h = append(h, k)
		}
		return h
	}
	greater := func(a, b int32) bool {
		return cmp.Or(cmp.Compare(keys[int(a)*w], keys[int(b)*w]), cmp.Compare(a, b)) > 0
	}
	// A heap with the greatest on top. What comes later has a greater number, so that it must cost less to get in.
	sink := func(at int) {
		for {
			child := 2*at + 1
			if child >= len(h) {
				return
			}
			if child+1 < len(h) && greater(h[child+1], h[child]) {
				child++
			}
			if greater(h[at], h[child]) {
				return
			}
			h[at], h[child] = h[child], h[at]
			at = child
		}
	}
	for k := range int32(most) {
		h = append(h, k)
	}
	for at := most/2 - 1; at >= 0; at-- {
		sink(at)
	}
	top := keys[int(h[0])*w]
	for k := most; k < n; k++ {
		if keys[k*w] < top {
			h[0] = int32(k)
			sink(0)
			top = keys[int(h[0])*w]
		}
	}
	return h
}

// priceOut sets what leaving out a workload of the class costs.
func (c *compiled) priceOut(cl *class, out *problem.Class) error {
	for t, tier := range c.tiers {
		for _, term := range tier.Terms {
			if term.Kind != Unplaced {
				continue
			}
			var ok bool
			if out.Out[t], ok = mul(cl.w.Priority, term.Weight); !ok {
				return tooLarge(cl.w, "the cost of leaving it out")
			}
		}
	}
	return nil
}

type siteList struct {
	sites []int32
	index *problem.Set
}

// shareSites lets classes with the same sites hold one list and index of them.
func (c *compiled) shareSites(known map[uint64][]siteList, list *problem.Class) {
	b := make([]byte, 0, 4*len(list.Sites))
	for _, s := range list.Sites {
		b = binary.LittleEndian.AppendUint32(b, uint32(s))
	}
	sum := xxhash.Sum64(b)
	for _, other := range known[sum] {
		if sameSlice(other.sites, list.Sites) || slices.Equal(other.sites, list.Sites) {
			list.Sites, list.Index = other.sites, other.index
			return
		}
	}
	if list.Index == nil { // otherwise it comes from the problem before
		list.Index = problem.NewSet(len(c.sites), list.Sites)
	}
	known[sum] = append(known[sum], siteList{list.Sites, list.Index})
}
