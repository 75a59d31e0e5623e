package opennebula

import (
	"cmp"
	"slices"
)

// pick chooses a system datastore and networks for each VM that is new on its host, and sees to it that devices and NUMA nodes
// go round. Where something does not, the pair of VM and host is ruled out and named; it says whether all was well.
//
// Who has the highest priority comes first, then the fewest datastores to choose from, then who needs the least.
func (c *worldCase) pick(on map[int]int) (map[int]Target, bool) {
	var order []*subject
	for i := range c.vms {
		s := &c.vms[i]
		if h, ok := on[s.ID]; ok && s.role != fixed && !(s.onHost() && s.Running.Host == h) {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b *subject) int {
		return cmp.Or(cmp.Compare(b.priority(), a.priority()), cmp.Compare(len(a.need.datastores), len(b.need.datastores)), cmp.Compare(a.need.system, b.need.system))
	})
	t := &taken{shared: make(map[int]int64), local: make(map[[2]int]int64), leases: make(map[int]int64), devices: make(map[int][]PCI), pins: make(map[int]*pins)}
	out, well := make(map[int]Target), true
	for _, s := range order {
		h := c.doc.host(on[s.ID])
		target, why := c.take(t, s, h)
		if why == "" {
			out[s.ID] = target
			continue
		}
		well = false
		c.refused[[2]int{s.ID, h.ID}] = why
		delete(on, s.ID)
		if s.onHost() {
			on[s.ID] = s.Running.Host
		}
	}
	return out, well
}

// taken is what those that were chosen for already take.
type taken struct {
	shared  map[int]int64    // by datastore, images included
	local   map[[2]int]int64 // by host and datastore
	leases  map[int]int64
	devices map[int][]PCI
	pins    map[int]*pins
}

func (c *worldCase) take(t *taken, s *subject, h *Host) (Target, string) {
	target := Target{Host: h.ID, Datastore: -1}
	if s.onHost() {
		target.Datastore = s.Running.Datastore
		if d := c.doc.datastore(target.Datastore); d != nil && !d.Shared {
			size := s.stored()
			if key := [2]int{h.ID, d.ID}; h.local(d.ID)-t.local[key] < size {
				return target, "too little local disk"
			} else {
				t.local[key] += size
			}
		}
		return target, ""
	}
	for id, bytes := range s.need.image {
		if d := c.doc.datastore(id); d == nil || d.Free-t.shared[id] < bytes {
			return target, "too little room on the datastore of its image"
		}
	}
	left := func(id int) int64 {
		if d := c.doc.datastore(id); d.Shared {
			return d.Free - t.shared[id]
		}
		return h.local(id) - t.local[[2]int{h.ID, id}]
	}
	for _, id := range s.need.datastores {
		if c.fitsDatastore(s, h, id) && left(id) >= s.need.system && (target.Datastore < 0 || left(id) > left(target.Datastore)) {
			target.Datastore = id
		}
	}
	if target.Datastore < 0 {
		return target, "no system datastore with room beside the others"
	}
	if target.NICs = c.freeNetworks(s, h, t.leases); target.NICs == nil {
		return target, "no network with a free lease beside the others"
	}
	if !h.assignable(s.PCI, t.devices[h.ID]) {
		return target, "no free PCI device beside the others"
	}
	if len(target.NICs) == 0 {
		target.NICs = nil
	}
	p := t.pins[h.ID]
	if p == nil {
		p = newPins(h)
		t.pins[h.ID] = p
	}
	if !p.fits(s.Topology) {
		return target, "no free NUMA nodes beside the others"
	}
	p.take(s.Topology)
	t.devices[h.ID] = append(t.devices[h.ID], s.PCI...)
	for _, n := range target.NICs {
		t.leases[n.Network]++
	}
	for id, bytes := range s.need.image {
		t.shared[id] += bytes
	}
	if d := c.doc.datastore(target.Datastore); d.Shared {
		t.shared[d.ID] += s.need.system
	} else {
		t.local[[2]int{h.ID, d.ID}] += s.need.system
	}
	return target, ""
}

// stored is what a VM has on its system datastore.
func (v *VM) stored() int64 {
	var sum int64
	for _, d := range v.Disks {
		if d.Target == "SYSTEM" {
			sum += d.Size
		}
	}
	return sum
}
