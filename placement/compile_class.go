package placement

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/domicile-eu/domicile/topology"
)

// filter is one unary constraint of a class: the sites that pass it.
type filter struct {
	kind ConstraintKind
	pass bitset
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
			may, _, cost := judgeBy(r, cl.w, s)
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
	cl.rules = c.hold(newSparse(costs))
	cl.filters = append(cl.filters, filter{ByRule, pass})
	return nil
}

func (c *compiled) admit(ctx context.Context, cl *class, listed []int32) ([]Verdict, error) {
	sites := make([]*topology.Site, len(listed))
	for k, at := range listed {
		sites[k] = c.sites[at]
	}
	return c.ask(ctx, cl.w, sites)
}

// sparse is a column that is mostly zero: policies favour few of the sites that a workload may run on.
type sparse struct {
	sites  []int32 // ascending
	values []int64
}

// reader returns the values of a column; it is quick where the sites that are asked for ascend.
func (p *sparse) reader() func(site int32) int64 {
	next := 0 // of p.sites
	return func(site int32) int64 {
		if next > 0 && p.sites[next-1] >= site {
			next, _ = slices.BinarySearch(p.sites, site)
		}
		for next < len(p.sites) && p.sites[next] < site {
			next++
		}
		if next < len(p.sites) && p.sites[next] == site {
			return p.values[next]
		}
		return 0
	}
}

// newSparse returns the column of a value per site; nil where all are zero.
func newSparse(column []int64) *sparse {
	var p sparse
	for at, x := range column {
		if x != 0 {
			p.sites = append(p.sites, int32(at))
			p.values = append(p.values, x)
		}
	}
	if len(p.sites) == 0 {
		return nil
	}
	return &p
}

// hold returns the same column for equal ones.
func (c *compiled) hold(p *sparse) *sparse {
	if p == nil {
		return nil
	}
	b := make([]byte, 0, 12*len(p.sites))
	for k, at := range p.sites {
		b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(b, uint32(at)), uint64(p.values[k]))
	}
	sum := xxhash.Sum64(b)
	for _, other := range c.columns[sum] {
		if slices.Equal(other.sites, p.sites) && slices.Equal(other.values, p.values) {
			return other
		}
	}
	p = c.last.column(sum, p)
	c.columns[sum] = append(c.columns[sum], p)
	return p
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
