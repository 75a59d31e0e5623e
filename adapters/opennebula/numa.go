package opennebula

import "slices"

// pins is what is left of a host's NUMA nodes while VMs are put on them.
type pins struct {
	nodes []Node
}

func newPins(h *Host) *pins {
	p := &pins{nodes: make([]Node, len(h.Nodes))}
	for i, n := range h.Nodes {
		n.Cores = slices.Clone(n.Cores)
		pages := make(map[int64]int64, len(n.HugePages))
		for size, k := range n.HugePages {
			pages[size] = k
		}
		n.HugePages = pages
		p.nodes[i] = n
	}
	return p
}

// fits says whether a VM finds its virtual nodes on real ones.
func (p *pins) fits(t Topology) bool {
	if t.Pin == "" && t.HugePage == 0 {
		return true
	}
	return (&pins{nodes: slices.Clone(p.nodes)}).take(t)
}

// take puts each virtual node on the first real one that has room. It is stricter than oned can be, never laxer: a core
// counts only as a whole for CORE, a thread only where it is free.
func (p *pins) take(t Topology) bool {
	if t.Pin == "" && t.HugePage == 0 {
		return true
	}
	for _, want := range t.Nodes {
		if !slices.ContainsFunc(p.indices(), func(i int) bool { return p.takeOn(i, t, want) }) {
			return false
		}
	}
	return true
}

func (p *pins) indices() []int {
	out := make([]int, len(p.nodes))
	for i := range out {
		out[i] = i
	}
	return out
}

func (p *pins) takeOn(i int, t Topology, want NodeDemand) bool {
	n := p.nodes[i]
	var pages int64
	if t.HugePage > 0 {
		pages = (want.Memory + t.HugePage - 1) / t.HugePage
		if n.HugePages[t.HugePage] < pages {
			return false
		}
	} else if n.FreeMemory < want.Memory {
		return false
	}
	cores, left := slices.Clone(n.Cores), want.CPUs
	if t.Pin == "CORE" || t.Pin == "THREAD" {
		for k := range cores {
			c := &cores[k]
			if left <= 0 {
				break
			}
			if c.Dedicated || t.Pin == "CORE" && c.Free < c.Threads {
				continue
			}
			if c.Free > 0 {
				left -= c.Free
				c.Free = 0
			}
		}
		if left > 0 {
			return false
		}
	}
	n.Cores, n.FreeMemory = cores, n.FreeMemory-want.Memory
	if t.HugePage > 0 {
		held := make(map[int64]int64, len(n.HugePages))
		for size, k := range n.HugePages {
			held[size] = k
		}
		held[t.HugePage] -= pages
		n.HugePages, n.FreeMemory = held, n.FreeMemory+want.Memory
	}
	p.nodes[i] = n
	return true
}
