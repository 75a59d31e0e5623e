package opennebula

import (
	"slices"
	"strings"
)

// needs is what a VM takes besides CPU and memory when it comes to a host.
type needs struct {
	system     int64         // bytes on its system datastore
	image      map[int]int64 // bytes on datastores of its images
	datastores []int         // system datastores to choose from; empty: it keeps the one that it is on
}

func (c *worldCase) needs(v *VM) needs {
	n := needs{}
	if v.onHost() {
		return n // a migration takes its files along, and keeps the datastore
	}
	for _, d := range v.Disks {
		switch d.Target {
		case "SYSTEM":
			n.system += d.Size
		case "SELF":
			if n.image == nil {
				n.image = make(map[int]int64)
			}
			n.image[d.Datastore] += d.Size
		}
	}
	if req := c.doc.requirement(v.ID); req != nil {
		for _, id := range req.Datastores {
			if d := c.doc.datastore(id); d != nil && d.Type == 1 && d.Bad == "" && d.State == 0 {
				n.datastores = append(n.datastores, id)
			}
		}
	}
	return n
}

// local returns the free bytes of a datastore on a host.
func (h *Host) local(datastore int) int64 {
	if free, ok := h.LocalFree[datastore]; ok {
		return free
	}
	return h.FreeDisk
}

// why says why a VM cannot be on a host, whatever else is there; empty where it can. Short, for it is counted.
func (c *worldCase) why(s *subject, h *Host) string {
	here := s.onHost() && s.Running.Host == h.ID
	req := c.doc.requirement(s.ID)
	only, never := c.doc.listed(s.VM)
	switch {
	case s.role == fixed:
		if here {
			return ""
		}
		return "it stays where it is"
	case here:
		return "" // at a price where it is to be left, see rule
	case !h.usable():
		return "takes nothing new"
	case s.role == spare:
		if h.Cluster != s.Running.Cluster || h.PinPolicy == "PINNED" {
			return "not allowed by requirements"
		}
	case req == nil || !has(req.Hosts, h.ID):
		return "not allowed by requirements"
	}
	for _, set := range only {
		if !has(set, h.ID) {
			return "not allowed by its VM group"
		}
	}
	if slices.Contains(never, h.ID) {
		return "not allowed by its VM group"
	}
	if text := c.refused[[2]int{s.ID, h.ID}]; text != "" {
		return text
	}
	if !s.inCountries(h) {
		return "not in " + attrCountries
	}
	if here {
		return ""
	}
	if r := c.free[c.at[h.ID]]; s.CPU > r.cpu || s.Memory > r.memory {
		return tooSmall
	}
	return c.lacks(s, h)
}

// tooSmall is said of a host that lacks CPU or memory even with all that may be moved away from it.
const tooSmall = "has too little CPU or memory"

// lacks says what a host and its cluster lack of storage, networks, devices and NUMA nodes.
func (c *worldCase) lacks(s *subject, h *Host) string {
	if s.onHost() {
		if d := c.doc.datastore(s.Running.Datastore); d == nil || d.Bad != "" || !has(d.Clusters, h.Cluster) {
			return "its system datastore is not in that cluster"
		}
		if req := c.doc.requirement(s.ID); req != nil && !has(req.Datastores, s.Running.Datastore) {
			return "its system datastore is not allowed any more"
		}
		for _, n := range s.NICs {
			if net := c.doc.network(n.Network); h.Cluster != s.Running.Cluster && n.Network >= 0 && (net == nil || !has(net.Clusters, h.Cluster)) {
				return "its network is not in that cluster"
			}
		}
		return ""
	}
	if !slices.ContainsFunc(s.need.datastores, func(id int) bool { return c.fitsDatastore(s, h, id) }) {
		return "no system datastore with room in that cluster"
	}
	if free := c.freeNetworks(s, h, nil); free == nil {
		return "no network with a free lease in that cluster"
	}
	if !h.assignable(s.PCI, nil) {
		return "no free PCI device of that kind"
	}
	if !newPins(h).fits(s.Topology) {
		return "no NUMA nodes with enough free cores or memory"
	}
	return ""
}

func (c *worldCase) fitsDatastore(s *subject, h *Host, id int) bool {
	d := c.doc.datastore(id)
	if !has(d.Clusters, h.Cluster) {
		return false
	}
	if !d.Shared {
		return h.local(id) >= s.need.system
	}
	return d.Free >= s.need.system
}

// freeNetworks chooses a network for each automatic interface, different ones where that is possible; nil where it is not.
// used counts leases that are spoken for.
func (c *worldCase) freeNetworks(s *subject, h *Host, used map[int]int64) []NICNetwork {
	out := []NICNetwork{}
	req := c.doc.requirement(s.ID)
	mine := make(map[int]int64)
	for _, n := range s.NICs {
		if !n.Auto {
			continue
		}
		k := slices.IndexFunc(req.NICs, func(r NICChoice) bool { return r.NIC == n.ID })
		if k < 0 {
			return nil
		}
		best, key := -1, [2]int64{}
		for _, id := range req.NICs[k].Networks {
			net := c.doc.network(id)
			if net == nil || net.Bad != "" || !has(net.Clusters, h.Cluster) || !s.crosses(net) {
				continue
			}
			left := net.Free - used[id] - mine[id]
			if left < 1 {
				continue
			}
			if rank := [2]int64{mine[id], -left}; best < 0 || slices.Compare(rank[:], key[:]) < 0 {
				best, key = id, rank
			}
		}
		if best < 0 {
			return nil
		}
		mine[best]++
		out = append(out, NICNetwork{n.ID, best})
	}
	return out
}

func has(sorted []int, id int) bool {
	_, ok := slices.BinarySearch(sorted, id)
	return ok
}

// matches says whether a device is what is asked for.
func (p PCI) matches(d Device) bool {
	if p.Address != "" {
		return strings.EqualFold(p.Address, d.Address)
	}
	return (p.Vendor == "" || p.Vendor == d.Vendor) && (p.Device == "" || p.Device == d.Device) && (p.Class == "" || p.Class == d.Class)
}

// assignable says whether each wish gets a device of its own beside those that hold already (indices of h.Devices): a matching
// by augmenting paths. Which device it is oned chooses itself, so the wishes of all VMs that come count together.
func (h *Host) assignable(wishes, others []PCI) bool {
	if len(wishes) == 0 {
		return true
	}
	all := slices.Concat(others, wishes)
	holder := make(map[int]int)
	var find func(w int, seen map[int]bool) bool
	find = func(w int, seen map[int]bool) bool {
		for i, d := range h.Devices {
			if d.VM >= 0 || seen[i] || !all[w].matches(d) {
				continue
			}
			seen[i] = true
			if other, taken := holder[i]; !taken || find(other, seen) {
				holder[i] = w
				return true
			}
		}
		return false
	}
	for w := range all {
		if !find(w, make(map[int]bool)) {
			return false
		}
	}
	return true
}
