package placement

import (
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// filter is one unary constraint of a class: the sites that pass it.
type filter struct {
	kind ConstraintKind
	pass bitset
}

// Classes list all sites that may take them as long as there are no more than the larger of fullList and their share of
// listedPairs; of more, the cheapest. A listed pair takes some 20 bytes, so that the lists stay below 400 MB.
const (
	fullList    = 64
	listedPairs = 16_000_000
)

// judgeClasses finds the sites of every class.
func (c *compiled) judgeClasses() error {
	for _, cl := range c.classes {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if err := c.judge(cl); err != nil {
			return err
		}
	}
	return nil
}

// priceClasses prices every class where it may run.
func (c *compiled) priceClasses() error {
	most := max(fullList, listedPairs/max(1, len(c.classes)))
	for _, cl := range c.classes {
		compiled, err := c.priceClass(cl, most)
		if err != nil {
			return err
		}
		c.out.Classes = append(c.out.Classes, *compiled)
	}
	c.out.Full = func(k int32, sites []int32, cost []int64) ([]int32, []int64) {
		sites = c.classes[k].admits.list(sites)
		cost, err := c.column(c.classes[k], sites, cost)
		if err != nil {
			panic("placement: a column that was computed before fails now: " + err.Error())
		}
		return sites, cost
	}
	return nil
}

// judge finds the sites that pass every unary constraint. What is cheap to ask comes first, and the later questions are
// asked only about the sites that are left.
func (c *compiled) judge(cl *class) error {
	c.filterFacts(cl)
	if err := c.filterRules(cl); err != nil {
		return err
	}
	cl.admits = newBitset(len(c.sites))
	for k := range c.sites {
		cl.admits.set(int32(k))
	}
	for _, f := range cl.filters {
		cl.admits.and(f.pass)
	}
	if err := c.findFlows(cl); err != nil {
		return err
	}
	for k := range cl.flows {
		for _, at := range cl.admits.list(nil) {
			if !cl.flows[k].passes(c, at) {
				cl.admits.unset(at)
			}
		}
	}
	return c.filterAdmission(cl, cl.admits.list(nil))
}

// filterFacts adds what follows from the facts of the sites alone.
func (c *compiled) filterFacts(cl *class) {
	w := cl.w
	add := func(kind ConstraintKind, key string, pass func(s *topology.Site) bool) {
		cl.filters = append(cl.filters, filter{kind, c.filter(key, pass)})
	}
	add(ByState, "state"+strconv.Itoa(int(cl.stays)), func(s *topology.Site) bool {
		return s.State == topology.Up || cl.stays >= 0 && c.sites[cl.stays] == s
	})
	runtime := runtimeOf(w.Kind)
	add(ByRuntime, "runtime "+string(runtime), func(s *topology.Site) bool { return slices.Contains(s.Runtimes, runtime) })
	if w.Site != "" {
		add(BySelector, "site "+string(w.Site), func(s *topology.Site) bool { return s.ID == w.Site })
	}
	if len(w.Tiers) > 0 {
		add(BySelector, fmt.Sprint("tiers", w.Tiers), func(s *topology.Site) bool { return slices.Contains(w.Tiers, s.Tier) })
	}
	for _, key := range slices.Sorted(maps.Keys(w.Labels)) {
		want := w.Labels[key]
		add(BySelector, "label "+strconv.Quote(key)+strconv.Quote(want), func(s *topology.Site) bool {
			have, ok := s.Labels[key]
			return ok && have == want
		})
	}
	cl.tariffs = c.tariffsOf(w)
	cl.filters = append(cl.filters, filter{ByCapacity, c.largeEnough(cl.tariffs)})
}

// largeEnough returns the sites that could take a demand if they were empty.
func (c *compiled) largeEnough(t *tariffs) bitset {
	key := "demand " + t.key
	b, ok := c.filters[key]
	if ok {
		return b
	}
	b = newBitset(len(c.sites))
	dims := len(c.dims)
sites:
	for k := range c.sites {
		for d, amount := range t.demand {
			if amount > c.out.Capacity[k*dims+d] {
				continue sites
			}
		}
		b.set(int32(k))
	}
	c.filters[key] = b
	return b
}

// filter returns the sites that pass, computed once per key.
func (c *compiled) filter(key string, pass func(s *topology.Site) bool) bitset {
	if b, ok := c.filters[key]; ok {
		return b
	}
	b := newBitset(len(c.sites))
	for k, s := range c.sites {
		if pass(s) {
			b.set(int32(k))
		}
	}
	c.filters[key] = b
	return b
}

// runtimeOf returns the runtime that hosts a kind of workload.
func runtimeOf(k Kind) topology.Runtime {
	switch k {
	case Container:
		return topology.Kubernetes
	case Machine:
		return topology.BareMetal
	}
	return topology.VM
}

// filterRules asks the rules of the importing program about all sites.
func (c *compiled) filterRules(cl *class) error {
	if len(c.p.Rules) == 0 {
		return nil
	}
	pass, costs := newBitset(len(c.sites)), make([]int64, len(c.sites))
	for k, s := range c.sites {
		ok := true
		for _, r := range c.p.Rules {
			may, _, cost := r.Judge(cl.w, s)
			ok = ok && may
			if !may {
				continue
			}
			sum := costs[k] + int64(cost)
			if (cost > 0) != (sum > costs[k]) && cost != 0 {
				return tooLarge(cl.w, "the sum of the rules' costs at "+string(s.ID))
			}
			costs[k] = sum
		}
		if ok {
			pass.set(int32(k))
		}
	}
	cl.rules = c.hold(costs)
	cl.filters = append(cl.filters, filter{ByRule, pass})
	return nil
}

// filterAdmission asks the policies about the sites listed; the others are refused already.
func (c *compiled) filterAdmission(cl *class, listed []int32) error {
	if c.p.Admission == nil || len(listed) == 0 {
		return nil
	}
	verdicts, err := c.admit(c.ctx, cl, listed)
	if err != nil {
		return err
	}
	points := make([]int64, len(c.sites))
	for k, at := range listed {
		if v := &verdicts[k]; v.Denied {
			cl.admits.unset(at)
		} else {
			points[at] = v.Points
		}
	}
	cl.points = c.hold(points)
	return nil
}

func (c *compiled) admit(ctx context.Context, cl *class, listed []int32) ([]Verdict, error) {
	sites := make([]*topology.Site, len(listed))
	for k, at := range listed {
		sites[k] = c.sites[at]
	}
	verdicts, err := c.p.Admission.Admit(ctx, c.in, cl.w, sites)
	if err != nil {
		return nil, fmt.Errorf("admission of %s: %w", cl.w.ID, err)
	}
	if len(verdicts) != len(sites) {
		return nil, fmt.Errorf("admission of %s: %d verdicts on %d sites", cl.w.ID, len(verdicts), len(sites))
	}
	return verdicts, nil
}

// priceClass lists the sites that may take a class with their costs, at most so many. Classes that come out the same in
// all but what leaving out costs hold one list.
func (c *compiled) priceClass(cl *class, most int) (*problem.Class, error) {
	key := c.shape(cl)
	out, ok := c.shapes[key]
	if !ok {
		out = &problem.Class{Complete: true, Demand: cl.tariffs.demand, Sites: cl.admits.list(nil)}
		var err error
		if out.Cost, err = c.column(cl, out.Sites, nil); err != nil {
			return nil, err
		}
		// Without costs there is no choice of the most promising, and the list is one that many classes share.
		if len(out.Sites) > most && out.Cost != nil {
			c.shorten(out, most)
		}
		out.Sites, out.Index = c.shareSites(slices.Clip(out.Sites))
		out.Sort(c.out.Unary)
		c.shapes[key] = out
	}
	own := *out
	for t, tier := range c.tiers {
		for _, term := range tier.Terms {
			if term.Kind != Unplaced {
				continue
			}
			if own.Out[t], ok = mul(cl.w.Priority, term.Weight); !ok {
				return nil, tooLarge(cl.w, "the cost of leaving it out")
			}
		}
	}
	return &own, nil
}

// shape writes all that the list of a class depends on.
func (c *compiled) shape(cl *class) string {
	b := make([]byte, 0, 256)
	b = append(append(b, cl.tariffs.key...), 0)
	for _, w := range cl.admits {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	// Columns and rows are held once each, so that their addresses tell them apart.
	b = fmt.Appendf(b, "%p %p", cl.points, cl.rules)
	for k := range cl.flows {
		b = fmt.Appendf(b, " %p %d", cl.flows[k].row, cl.flows[k].share)
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}

// shorten keeps the positions that cost least in the first tier in which sites differ.
func (c *compiled) shorten(out *problem.Class, most int) {
	w := len(c.out.Unary)
	dearer := func(a, b int32) bool {
		x, y := int64(0), int64(0)
		if w > 0 {
			x, y = out.Cost[int(a)*w], out.Cost[int(b)*w]
		}
		return x > y || x == y && a > b
	}
	kept, rest := leastOf(len(out.Sites), most, dearer)
	for j, t := range c.out.Unary {
		out.Rest[t] = out.Cost[int(rest[0])*w+j]
		for _, k := range rest {
			out.Rest[t] = min(out.Rest[t], out.Cost[int(k)*w+j])
		}
	}
	slices.Sort(kept)
	sites, cost := make([]int32, 0, most), make([]int64, 0, most*w)
	for _, k := range kept {
		sites = append(sites, out.Sites[k])
		cost = append(cost, out.Cost[int(k)*w:int(k)*w+w]...)
	}
	out.Sites, out.Cost, out.Complete = sites, cost, false
}

// leastOf divides the numbers below n into the most least ones and the rest.
func leastOf(n, most int, greater func(a, b int32) bool) (kept, rest []int32) {
	h := &intHeap{greater: greater}
	rest = make([]int32, 0, n-most)
	for k := range int32(n) {
		switch {
		case len(h.items) < most:
			heap.Push(h, k)
		case greater(h.items[0], k):
			rest = append(rest, h.items[0])
			h.items[0] = k
			heap.Fix(h, 0)
		default:
			rest = append(rest, k)
		}
	}
	return h.items, rest
}

// intHeap is a heap with the greatest on top.
type intHeap struct {
	items   []int32
	greater func(a, b int32) bool
}

func (h *intHeap) Len() int           { return len(h.items) }
func (h *intHeap) Less(i, j int) bool { return h.greater(h.items[i], h.items[j]) }
func (h *intHeap) Swap(i, j int)      { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *intHeap) Push(x any)         { h.items = append(h.items, x.(int32)) }
func (h *intHeap) Pop() any           { panic("placement: nothing is taken from this heap") }

// shareSites lets classes with the same sites hold one list and index of them.
func (c *compiled) shareSites(sites []int32) ([]int32, *problem.Set) {
	b := make([]byte, 0, 4*len(sites))
	for _, s := range sites {
		b = binary.LittleEndian.AppendUint32(b, uint32(s))
	}
	sum := xxhash.Sum64(b)
	for _, other := range c.lists[sum] {
		if slices.Equal(other.sites, sites) {
			return other.sites, other.index
		}
	}
	index := problem.NewSet(len(c.sites), sites)
	c.lists[sum] = append(c.lists[sum], siteList{sites, index})
	return sites, index
}

type siteList struct {
	sites []int32
	index *problem.Set
}

// sparse is a column that is mostly zero: policies favour few of the sites that a workload may run on.
type sparse struct {
	sites  []int32 // ascending
	values []int64
}

// at returns the value at a site.
func (p *sparse) at(site int32) int64 {
	if k, ok := slices.BinarySearch(p.sites, site); ok {
		return p.values[k]
	}
	return 0
}

// hold returns the column of a value per site, the same for equal columns; nil where all are zero.
func (c *compiled) hold(column []int64) *sparse {
	var p sparse
	var b []byte
	for at, x := range column {
		if x != 0 {
			p.sites = append(p.sites, int32(at))
			p.values = append(p.values, x)
			b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(b, uint32(at)), uint64(x))
		}
	}
	if len(p.sites) == 0 {
		return nil
	}
	sum := xxhash.Sum64(b)
	for _, other := range c.columns[sum] {
		if slices.Equal(other.sites, p.sites) && slices.Equal(other.values, p.values) {
			return other
		}
	}
	c.columns[sum] = append(c.columns[sum], &p)
	return &p
}

// demandKey writes a demand.
func demandKey(demand topology.Resources) string {
	var b strings.Builder
	for _, dim := range slices.Sorted(maps.Keys(demand)) {
		if demand[dim] > 0 {
			fmt.Fprintf(&b, "%q=%d ", string(dim), demand[dim])
		}
	}
	return b.String()
}
