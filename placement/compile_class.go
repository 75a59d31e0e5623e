package placement

import (
	"cmp"
	"context"
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

// setClasses judges every class on every site and prices it where it may run.
func (c *compiled) setClasses() error {
	most := max(fullList, listedPairs/max(1, len(c.classes)))
	for k, cl := range c.classes {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if err := c.judge(cl); err != nil {
			return err
		}
		compiled, err := c.priceClass(cl, most)
		if err != nil {
			return err
		}
		c.out.Classes = append(c.out.Classes, *compiled)
		c.classes[k] = cl
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
	c.filterRules(cl)
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
	add(ByCapacity, "demand "+cl.tariffs.key, func(s *topology.Site) bool {
		for dim, amount := range w.Demand {
			if amount > s.Capacity[dim] {
				return false
			}
		}
		return true
	})
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
func (c *compiled) filterRules(cl *class) {
	if len(c.p.Rules) == 0 {
		return
	}
	pass := newBitset(len(c.sites))
	for k, s := range c.sites {
		ok := true
		for _, r := range c.p.Rules {
			may, _, cost := r.Judge(cl.w, s)
			ok = ok && may
			if may && cost != 0 {
				if cl.rules == nil {
					cl.rules = make([]int64, len(c.sites))
				}
				cl.rules[k] += int64(cost)
			}
		}
		if ok {
			pass.set(int32(k))
		}
	}
	cl.filters = append(cl.filters, filter{ByRule, pass})
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
	for k, at := range listed {
		v := &verdicts[k]
		if v.Denied {
			cl.admits.unset(at)
		} else if v.Points != 0 {
			if cl.points == nil {
				cl.points = make([]int64, len(c.sites))
			}
			cl.points[at] = v.Points
		}
	}
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

// priceClass lists the sites that may take a class with their costs, at most so many.
func (c *compiled) priceClass(cl *class, most int) (*problem.Class, error) {
	out := &problem.Class{Complete: true, Demand: cl.tariffs.demand, Sites: cl.admits.list(nil)}
	for t, tier := range c.tiers {
		for _, term := range tier.Terms {
			if term.Kind != Unplaced {
				continue
			}
			x, ok := mul(cl.w.Priority, term.Weight)
			if !ok {
				return nil, tooLarge(cl.w, "the cost of leaving it out")
			}
			out.Out[t] = x
		}
	}
	var err error
	if out.Cost, err = c.column(cl, out.Sites, nil); err != nil {
		return nil, err
	}
	if len(out.Sites) > most {
		c.shorten(out, most)
	}
	c.share(out)
	return out, nil
}

// shorten keeps the positions that cost least.
func (c *compiled) shorten(out *problem.Class, most int) {
	w := len(c.out.Unary)
	order := make([]int32, len(out.Sites))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(slices.Compare(out.Cost[int(a)*w:int(a)*w+w], out.Cost[int(b)*w:int(b)*w+w]), cmp.Compare(a, b))
	})
	out.Rest = c.leastOf(out, order[most:])
	order = order[:most]
	slices.Sort(order)
	sites, cost := make([]int32, 0, most), make([]int64, 0, most*w)
	for _, k := range order {
		sites = append(sites, out.Sites[k])
		cost = append(cost, out.Cost[int(k)*w:int(k)*w+w]...)
	}
	out.Sites, out.Cost, out.Complete = sites, cost, false
}

// leastOf returns the least cost of some positions, by tier.
func (c *compiled) leastOf(out *problem.Class, positions []int32) (least problem.Value) {
	w := len(c.out.Unary)
	for j, t := range c.out.Unary {
		least[t] = out.Cost[int(positions[0])*w+j]
		for _, k := range positions {
			least[t] = min(least[t], out.Cost[int(k)*w+j])
		}
	}
	return least
}

// share lets classes with the same sites hold one list and index of them.
func (c *compiled) share(out *problem.Class) {
	h := xxhash.New()
	var b [4]byte
	for _, s := range out.Sites {
		b = [4]byte{byte(s), byte(s >> 8), byte(s >> 16), byte(s >> 24)}
		h.Write(b[:])
	}
	sum := h.Sum64()
	for _, other := range c.shared[sum] {
		if slices.Equal(other.Sites, out.Sites) {
			out.Sites, out.Index = other.Sites, other.Index
			return
		}
	}
	out.Sites = slices.Clip(out.Sites)
	out.Index = problem.NewSet(len(c.sites), out.Sites)
	c.shared[sum] = append(c.shared[sum], &problem.Class{Sites: out.Sites, Index: out.Index})
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
