package opennebula

import (
	"fmt"
	"slices"
	"strings"
)

// CheckPlan lists what is wrong with a plan for a document: what oned would refuse, and what it would execute although it
// should not. It counts in the document's own terms and shares no code with what makes plans.
//
// A plan is judged for every order in which its actions may begin and end, and for every part of them that may fail: all that
// is on a host now stays there, and all that comes is there.
func CheckPlan(d *Document, mode Mode, p *Plan) []string {
	k := &planCheck{d: d, mode: mode, now: make(map[int]int), to: make(map[int]int)}
	for i := range d.VMs {
		v := &d.VMs[i]
		if v.Running != nil && (v.State == 3 || v.State == 5 || v.State == 7 || v.State == 8) {
			k.now[v.ID] = v.Running.Host
		}
	}
	want := -1
	if mode == Optimize && len(d.Clusters) == 1 {
		want = d.Clusters[0].ID
	}
	if p.ID != want {
		k.note(-1, "the plan is for %d, not %d", p.ID, want)
	}
	for _, a := range p.Actions {
		if _, twice := k.to[a.VM]; twice {
			k.note(a.VM, "it stands in the plan twice")
			continue
		}
		k.to[a.VM] = a.Host
		k.action(a)
	}
	k.hosts(p)
	k.storage(p)
	k.groups()
	return k.wrong
}

type planCheck struct {
	d       *Document
	mode    Mode
	now, to map[int]int
	wrong   []string
}

func (k *planCheck) note(vm int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if vm >= 0 {
		text = fmt.Sprintf("VM %d: %s", vm, text)
	}
	k.wrong = append(k.wrong, text)
}

func search[T any](all []T, is func(*T) bool) *T {
	for i := range all {
		if is(&all[i]) {
			return &all[i]
		}
	}
	return nil
}

// action checks one action by itself.
func (k *planCheck) action(a Action) {
	v := search(k.d.VMs, func(v *VM) bool { return v.ID == a.VM })
	h := search(k.d.Hosts, func(h *Host) bool { return h.ID == a.Host })
	r := search(k.d.Requirements, func(r *Requirement) bool { return r.VM == a.VM })
	switch {
	case v == nil || h == nil:
		k.note(a.VM, "it or host %d is not in the document", a.Host)
		return
	case v.Locked, v.Bad != "", h.Bad != "", h.State != 1 && h.State != 2:
		k.note(a.VM, "it is locked, or the host takes nothing, or one of them could not be read")
	}
	for _, m := range v.Roles {
		if g := search(k.d.Groups, func(g *Group) bool { return g.ID == m.Group }); g == nil || g.Bad != "" {
			k.note(a.VM, "the rules of its VM group %d are not known", m.Group)
		}
	}
	from, runs := k.now[a.VM]
	switch a.Operation {
	case Deploy:
		if v.State != 1 || runs || k.mode == Optimize {
			k.note(a.VM, "it is not pending")
		}
	case Migrate:
		if !runs || from == a.Host || !(v.State == 3 && (v.LCM == 3 || v.LCM == 16) || v.State == 8 || v.State == 5) {
			k.note(a.VM, "it cannot be migrated from %d to %d in state %d, %d", from, a.Host, v.State, v.LCM)
		}
		if len(v.PCI) > 0 || v.Topology.Pin != "" {
			k.note(a.VM, "with PCI devices or pinned it is not migrated")
		}
	default:
		k.note(a.VM, "operation %q", a.Operation)
	}
	switch {
	case r == nil && (k.mode == Optimize || a.Operation == Deploy || v.Attributes["SCHED_REQUIREMENTS"] != "" || v.Running == nil || h.Cluster != v.Running.Cluster):
		k.note(a.VM, "host %d is not known to be allowed", a.Host)
	case r != nil && !slices.Contains(r.Hosts, a.Host):
		k.note(a.VM, "host %d is not allowed", a.Host)
	}
	k.choices(a, v, h, r)
}

// choices checks datastore and networks against the host's cluster.
func (k *planCheck) choices(a Action, v *VM, h *Host, r *Requirement) {
	ds := search(k.d.Datastores, func(d *Datastore) bool { return d.ID == a.Datastore })
	if ds == nil || ds.Type != 1 || ds.Bad != "" || !slices.Contains(ds.Clusters, h.Cluster) {
		k.note(a.VM, "datastore %d is no system datastore of cluster %d", a.Datastore, h.Cluster)
	} else if r != nil && !slices.Contains(r.Datastores, a.Datastore) {
		k.note(a.VM, "datastore %d is not allowed", a.Datastore)
	}
	if a.Operation == Migrate {
		if v.Running != nil && a.Datastore != v.Running.Datastore {
			k.note(a.VM, "it would change host and datastore at once")
		}
		if len(a.NICs) > 0 {
			k.note(a.VM, "a migration chooses no networks")
		}
		return
	}
	chosen := make(map[int]int)
	for _, n := range a.NICs {
		chosen[n.NIC] = n.Network
	}
	autos := 0
	for _, n := range v.NICs {
		if !n.Auto {
			continue
		}
		autos++
		network, ok := chosen[n.ID]
		var c *NICChoice
		if r != nil {
			c = search(r.NICs, func(c *NICChoice) bool { return c.NIC == n.ID })
		}
		net := search(k.d.Networks, func(x *Network) bool { return x.ID == network })
		if !ok || c == nil || net == nil || !slices.Contains(c.Networks, network) || !slices.Contains(net.Clusters, h.Cluster) {
			k.note(a.VM, "interface %d has no network that is allowed and in cluster %d", n.ID, h.Cluster)
			continue
		}
		wanted, there := v.Attributes["DOMICILE_COUNTRIES"], net.Attributes["COUNTRY"]
		if wanted != "" && there != "" && !slices.Contains(strings.FieldsFunc(wanted, func(r rune) bool { return r == ',' || r == ' ' }), there) {
			k.note(a.VM, "interface %d is in network %d, in %s, and the VM is to be in %s", n.ID, network, there, wanted)
		}
	}
	if autos != len(a.NICs) {
		k.note(a.VM, "%d interfaces want a network, %d are given one", autos, len(a.NICs))
	}
}

// hosts checks CPU, memory, devices and NUMA memory of every host with all that comes to it.
func (k *planCheck) hosts(p *Plan) {
	for i := range k.d.Hosts {
		h := &k.d.Hosts[i]
		cpu, memory, comes := h.UsedCPU, h.UsedMem, false
		var wishes []PCI
		for _, a := range p.Actions {
			if a.Host != h.ID {
				continue
			}
			v := search(k.d.VMs, func(v *VM) bool { return v.ID == a.VM })
			if v == nil {
				continue
			}
			comes = true
			cpu, memory = cpu+v.CPU, memory+v.Memory
			wishes = append(wishes, v.PCI...)
		}
		if comes && (cpu > h.MaxCPU || memory > h.MaxMemory) {
			k.note(-1, "host %d would hold %d of %d milli-CPU and %d of %d bytes", h.ID, cpu, h.MaxCPU, memory, h.MaxMemory)
		}
		// Hall: whichever kinds are asked for, there are as many free devices of any of these kinds as wishes for them.
		kinds := make([]PCI, 0)
		for _, w := range wishes {
			if !slices.Contains(kinds, w) {
				kinds = append(kinds, w)
			}
		}
		for set := 1; set < 1<<min(len(kinds), 10); set++ {
			want, have := 0, 0
			for _, w := range wishes {
				if set>>slices.Index(kinds, w)&1 == 1 {
					want++
				}
			}
			for _, dev := range h.Devices {
				for b, kind := range kinds {
					if set>>b&1 == 1 && dev.VM < 0 && (kind.Address != "" && strings.EqualFold(kind.Address, dev.Address) || kind.Address == "" &&
						(kind.Vendor == "" || kind.Vendor == dev.Vendor) && (kind.Device == "" || kind.Device == dev.Device) && (kind.Class == "" || kind.Class == dev.Class)) {
						have++
						break
					}
				}
			}
			if want > have {
				k.note(-1, "host %d has %d free PCI devices for %d wishes", h.ID, have, want)
			}
		}
	}
}

// storage checks datastores and leases with all that is deployed.
func (k *planCheck) storage(p *Plan) {
	shared, local, leases := make(map[int]int64), make(map[[2]int]int64), make(map[int]int64)
	for _, a := range p.Actions {
		v := search(k.d.VMs, func(v *VM) bool { return v.ID == a.VM })
		ds := search(k.d.Datastores, func(d *Datastore) bool { return d.ID == a.Datastore })
		if v == nil || ds == nil {
			continue
		}
		for _, n := range a.NICs {
			leases[n.Network]++
		}
		for _, d := range v.Disks {
			switch {
			case d.Target == "SYSTEM" && !ds.Shared:
				local[[2]int{a.Host, ds.ID}] += d.Size
			case a.Operation == Migrate:
			case d.Target == "SYSTEM":
				shared[ds.ID] += d.Size
			case d.Target == "SELF":
				shared[d.Datastore] += d.Size
			}
		}
	}
	for i := range k.d.Datastores {
		if d := &k.d.Datastores[i]; shared[d.ID] > d.Free {
			k.note(-1, "datastore %d has %d bytes for %d", d.ID, d.Free, shared[d.ID])
		}
		for j := range k.d.Hosts {
			h := &k.d.Hosts[j]
			free, ok := h.LocalFree[k.d.Datastores[i].ID]
			if !ok {
				free = h.FreeDisk
			}
			if need := local[[2]int{h.ID, k.d.Datastores[i].ID}]; need > free {
				k.note(-1, "datastore %d on host %d has %d bytes for %d", k.d.Datastores[i].ID, h.ID, free, need)
			}
		}
	}
	for i := range k.d.Networks {
		if n := &k.d.Networks[i]; leases[n.ID] > n.Free {
			k.note(-1, "network %d has %d free leases for %d", n.ID, n.Free, leases[n.ID])
		}
	}
}

// groups checks VM groups, in every mixture of before and after that the plan can lead to.
func (k *planCheck) groups() {
	for i := range k.d.Groups {
		g := &k.d.Groups[i]
		of := make(map[int]string) // role by VM
		for _, r := range g.Roles {
			for _, vm := range r.VMs {
				of[vm] = r.Name
			}
			for vm, host := range k.to {
				if slices.Contains(r.VMs, vm) && (len(r.HostAffined) > 0 && !slices.Contains(r.HostAffined, host) || slices.Contains(r.HostAntiAffined, host)) {
					k.note(vm, "its role may not be on host %d", host)
				}
			}
		}
		for _, r := range g.Roles {
			if r.Policy == "AFFINED" {
				k.joined(r.VMs)
			}
		}
		for _, names := range g.Affined {
			var set []int
			for vm, role := range of {
				if slices.Contains(names, role) {
					set = append(set, vm)
				}
			}
			slices.Sort(set)
			k.joined(set)
		}
		for v, role := range of {
			for w, other := range of {
				if v >= w {
					continue
				}
				if k.apartRule(g, role, other) {
					k.apart(v, w)
				}
			}
		}
	}
	slices.Sort(k.wrong)
}

// apartRule says whether VMs of these roles must not meet.
func (k *planCheck) apartRule(g *Group, role, other string) bool {
	if role == other {
		r := search(g.Roles, func(r *Role) bool { return r.Name == role })
		return r != nil && r.Policy == "ANTI_AFFINED"
	}
	return slices.ContainsFunc(g.AntiAffined, func(s []string) bool { return slices.Contains(s, role) && slices.Contains(s, other) })
}

// apart: one that comes meets neither where the other is nor where it goes.
func (k *planCheck) apart(v, w int) {
	for _, pair := range [][2]int{{v, w}, {w, v}} {
		to, comes := k.to[pair[0]]
		if !comes {
			continue
		}
		if at, ok := k.now[pair[1]]; ok && at == to {
			k.note(pair[0], "it meets %d on host %d", pair[1], to)
		}
		if at, ok := k.to[pair[1]]; ok && at == to {
			k.note(pair[0], "it would meet %d on host %d", pair[1], to)
		}
	}
}

// joined: a set that belongs together is never on more hosts than it is on now, whichever of its moves come true first.
func (k *planCheck) joined(set []int) {
	var movers []int
	hosts := make(map[int]bool)
	for _, vm := range set {
		if _, ok := k.to[vm]; ok {
			movers = append(movers, vm)
		}
		if at, ok := k.now[vm]; ok {
			hosts[at] = true
		}
	}
	limit := max(1, len(hosts))
	if len(movers) > 16 {
		k.note(-1, "%d VMs that belong together are moved at once", len(movers))
		return
	}
	for mixture := range 1 << len(movers) {
		hosts := make(map[int]bool)
		for _, vm := range set {
			at, ok := k.now[vm]
			if i := slices.Index(movers, vm); i >= 0 && mixture>>i&1 == 1 {
				at, ok = k.to[vm], true
			}
			if ok {
				hosts[at] = true
			}
		}
		if len(hosts) > limit {
			k.note(-1, "VMs %v, which belong together, could be on %d hosts instead of %d", set, len(hosts), limit)
			return
		}
	}
}
