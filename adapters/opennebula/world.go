package opennebula

import (
	"fmt"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// worldCase is one document on its way to an answer.
type worldCase struct {
	doc  *Document
	cfg  *Config
	vms  []subject // those that take part, by ID
	free []room    // by index of doc.Hosts, with what may be moved taken away
	// refused are pairs of VM and host that the choice of datastores and networks ruled out.
	refused map[[2]int]string
	reasons map[int]string
	allow   map[int][]bool // by VM: may it be on the host with that index, without regard to capacity
	whys    map[int]map[string]int
	at      map[int]int  // index of a host in doc.Hosts
	quit    map[int]bool // VMs that should leave where they are
	weights Weights
	limit   int // of moves, in an optimization
}

// subject is a VM that takes part.
type subject struct {
	*VM
	role role
	need needs
}

// room is what a host has besides what is moved about, and how much of it is taken by what stays.
type room struct {
	cpu, memory   int64 // left for all that may be placed or moved
	baseCPU, base int64 // taken by what stays: CPU, memory
	measured      int64 // measured CPU of what stays
}

// name makes IDs that sort as numbers do.
func siteID(host int) topology.SiteID { return topology.SiteID(fmt.Sprintf("host-%07d", host)) }
func component(vm int) string         { return fmt.Sprintf("vm-%07d", vm) }
func (c *worldCase) workload(vm int) placement.WorkloadID {
	return placement.WorkloadID("opennebula/" + component(vm))
}

// newCase sorts out who takes part.
func newCase(d *Document, cfg *Config) *worldCase {
	c := &worldCase{doc: d, cfg: cfg, refused: make(map[[2]int]string), reasons: make(map[int]string), allow: make(map[int][]bool),
		whys: make(map[int]map[string]int)}
	c.weights, c.at, c.quit = c.weighing(), make(map[int]int), make(map[int]bool)
	for k := range d.Hosts {
		c.at[d.Hosts[k].ID] = k
	}
	c.limit = c.moves()
	roles := make([]role, len(d.VMs))
	for i := range d.VMs {
		var why string
		if roles[i], why = c.standing(&d.VMs[i]); why != "" {
			c.reasons[d.VMs[i].ID] = why
		}
	}
	c.settle(roles)
	for i := range d.VMs {
		if roles[i] != absent {
			c.vms = append(c.vms, subject{VM: &d.VMs[i], role: roles[i], need: c.needs(&d.VMs[i])})
		}
	}
	c.rooms()
	return c
}

// settle keeps VMs of a group that is where it should be together: they could move at once only, and oned gives no word on
// when each of them is through.
func (c *worldCase) settle(roles []role) {
	index := make(map[int]int, len(roles))
	for i := range c.doc.VMs {
		index[c.doc.VMs[i].ID] = i
	}
	for _, set := range c.doc.affined() {
		if !c.doc.together(set) {
			continue
		}
		for _, vm := range set {
			if i, ok := index[vm]; ok && (roles[i] == movable || roles[i] == spare) {
				roles[i] = fixed
			}
		}
	}
}

// rooms subtracts from each host what is not moved about.
func (c *worldCase) rooms() {
	c.free = make([]room, len(c.doc.Hosts))
	index := make(map[int]int, len(c.doc.Hosts))
	known := make(map[int]bool, len(c.doc.VMs))
	for i := range c.doc.VMs {
		known[c.doc.VMs[i].ID] = true
	}
	for i := range c.doc.Hosts {
		h := &c.doc.Hosts[i]
		index[h.ID] = i
		c.free[i].baseCPU, c.free[i].base = h.UsedCPU, h.UsedMem
		if slices.ContainsFunc(h.VMs, func(id int) bool { return !known[id] }) {
			c.free[i].measured = h.MeasuredCPU // less what is known, below
		} else {
			c.free[i].measured = -1
		}
	}
	for i := range c.doc.VMs {
		v := &c.doc.VMs[i]
		if !v.onHost() {
			continue
		}
		k, ok := index[v.Running.Host]
		if !ok {
			continue
		}
		if r := &c.free[k]; r.measured >= 0 {
			r.measured = max(0, r.measured-v.UsedCPU)
		}
	}
	for _, s := range c.vms {
		k, ok := 0, false
		if s.onHost() {
			k, ok = index[s.Running.Host]
		}
		if !ok {
			continue
		}
		r := &c.free[k]
		if s.role == fixed {
			r.measured = max(0, r.measured) + s.UsedCPU
			continue
		}
		r.baseCPU, r.base = max(0, r.baseCPU-s.CPU), max(0, r.base-s.Memory)
	}
	for i := range c.free {
		r, h := &c.free[i], &c.doc.Hosts[i]
		r.measured = max(0, r.measured)
		r.cpu, r.memory = max(0, h.MaxCPU-r.baseCPU), max(0, h.MaxMemory-r.base)
	}
}

// usable says whether oned takes new VMs on a host.
func (h *Host) usable() bool { return h.Bad == "" && (h.State == 1 || h.State == 2) }
