package opennebula

import (
	"slices"
	"strings"
)

// Units of the document, in base units.
const (
	kib     = 1 << 10
	mib     = 1 << 20
	percent = 10   // of a core, in milli-CPU
	core    = 1000 // milli-CPU
)

func yes(text string) bool { return strings.EqualFold(text, "YES") }

func (f *fields) vm() VM {
	t := f.child("TEMPLATE")
	v := VM{
		ID: f.id, UID: f.integer(-1, maxID, "UID"), Name: f.value("NAME"), Owner: f.value("UNAME"), Group: f.value("GNAME"),
		State: f.integer(-1, 1000, "STATE"), LCM: f.integer(-1, 1000, "LCM_STATE"),
		Resched: f.integer(0, 1, "RESCHED") == 1, Locked: f.child("LOCK") != nil,
		CPU: f.amount(t, core, "CPU"), Memory: f.amount(t, mib, "MEMORY"),
		UsedCPU:    measured(f.element, percent, "MONITORING", "CPU"),
		Attributes: attributes(f.child("USER_TEMPLATE"), nil), Automatic: t.value("AUTOMATIC_REQUIREMENTS"),
	}
	if v.CPU == 0 || v.Memory == 0 {
		f.defect("TEMPLATE", "asks for no CPU or no memory")
	}
	t.all("DISK", func(e *element) { v.Disks = append(v.Disks, f.disk(e)) })
	t.all("NIC", func(e *element) {
		n := NIC{ID: f.integerOf(e, -1, maxID, "NIC_ID"), Network: f.integerOf(e, -1, maxID, "NETWORK_ID"),
			Auto: strings.EqualFold(e.value("NETWORK_MODE"), "auto")}
		v.NICs = append(v.NICs, n)
	})
	t.all("PCI", func(e *element) {
		v.PCI = append(v.PCI, PCI{strings.ToLower(e.value("VENDOR")), strings.ToLower(e.value("DEVICE")), strings.ToLower(e.value("CLASS")), e.value("SHORT_ADDRESS")})
	})
	t.all("VMGROUP", func(e *element) {
		v.Roles = append(v.Roles, Membership{f.integerOf(e, -1, maxID, "VMGROUP_ID"), e.value("ROLE")})
	})
	v.Topology = f.topology(t)
	v.Running = f.running()
	v.Bad = f.bad
	return v
}

func (f *fields) disk(e *element) Disk {
	d := Disk{Size: f.amount(e, mib, "SIZE") + f.amount(e, mib, "DISK_SNAPSHOT_TOTAL_SIZE"), Datastore: -1, Target: "SYSTEM"}
	switch strings.ToLower(e.value("TYPE")) {
	case "fs", "swap":
		return d // volatile: DATASTORE_ID is the system datastore that it came to lie on
	}
	d.Datastore = f.integerOf(e, -1, maxID, "DATASTORE_ID")
	d.Target = strings.ToUpper(e.value("LN_TARGET"))
	if yes(e.value("CLONE")) {
		d.Target = strings.ToUpper(e.value("CLONE_TARGET"))
	}
	return d
}

func (f *fields) topology(t *element) Topology {
	top := t.child("TOPOLOGY")
	out := Topology{Pin: strings.ToUpper(top.value("PIN_POLICY")), HugePage: f.amount(top, mib, "HUGEPAGE_SIZE")}
	if out.Pin == "NONE" {
		out.Pin = ""
	}
	t.all("NUMA_NODE", func(e *element) {
		out.Nodes = append(out.Nodes, NodeDemand{CPUs: f.integerOf(e, 0, 1<<20, "TOTAL_CPUS"), Memory: f.amount(e, kib, "MEMORY")})
	})
	if (out.Pin != "" || out.HugePage > 0) && len(out.Nodes) == 0 {
		cpus := int(f.amount(t, 1, "VCPU"))
		if cpus == 0 {
			cpus = int(f.amount(t, 1, "CPU"))
		}
		out.Nodes = []NodeDemand{{CPUs: cpus, Memory: f.amount(t, mib, "MEMORY")}}
	}
	return out
}

// running returns the record with the largest SEQ. States in which a VM is on no host, such as PENDING, are for who asks.
func (f *fields) running() *Placement {
	var last *Placement
	seq := -1
	f.child("HISTORY_RECORDS").all("HISTORY", func(e *element) {
		if s := f.integerOf(e, 0, maxID, "SEQ"); s > seq {
			seq = s
			last = &Placement{f.integerOf(e, -1, maxID, "HID"), f.integerOf(e, -1, maxID, "CID"), f.integerOf(e, -1, maxID, "DS_ID")}
		}
	})
	return last
}

func (f *fields) host() Host {
	s := f.child("HOST_SHARE")
	h := Host{
		ID: f.id, State: f.integer(-1, 1000, "STATE"), Cluster: f.integer(-1, maxID, "CLUSTER_ID"), Name: f.value("NAME"), ClusterName: f.value("CLUSTER"),
		MaxCPU: f.amount(s, percent, "MAX_CPU"), UsedCPU: f.amount(s, percent, "CPU_USAGE"),
		MaxMemory: f.amount(s, kib, "MAX_MEM"), UsedMem: f.amount(s, kib, "MEM_USAGE"),
		MeasuredCPU: measured(f.element, percent, "MONITORING", "CAPACITY", "USED_CPU"),
		FreeDisk:    measured(s, mib, "DATASTORES", "FREE_DISK"), VMs: f.ids(f.element, "VMS"), PinPolicy: strings.ToUpper(f.value("TEMPLATE", "PIN_POLICY")),
		Attributes: attributes(f.child("TEMPLATE"), attributes(f.child("CLUSTER_TEMPLATE"), nil)),
	}
	s.child("DATASTORES").all("DS", func(e *element) {
		if h.LocalFree == nil {
			h.LocalFree = make(map[int]int64)
		}
		h.LocalFree[f.integerOf(e, -1, maxID, "ID")] = f.amount(e, mib, "FREE_MB")
	})
	s.child("PCI_DEVICES").all("PCI", func(e *element) {
		h.Devices = append(h.Devices, Device{strings.ToLower(e.value("VENDOR")), strings.ToLower(e.value("DEVICE")), strings.ToLower(e.value("CLASS")),
			e.value("SHORT_ADDRESS"), f.integerOf(e, 0, maxID, "VMID")})
	})
	s.child("NUMA_NODES").all("NODE", func(e *element) { h.Nodes = append(h.Nodes, f.node(e)) })
	h.Bad = f.bad
	return h
}

func (f *fields) node(e *element) Node {
	n := Node{ID: f.integerOf(e, -1, maxID, "NODE_ID"), HugePages: make(map[int64]int64)}
	e.all("CORE", func(c *element) {
		cpus := words(c.value("CPUS"))
		n.Cores = append(n.Cores, Core{Threads: len(cpus), Dedicated: yes(c.value("DEDICATED")),
			Free: max(0, min(len(cpus), f.integerOf(c, 0, 1<<20, "FREE")))})
	})
	e.all("HUGEPAGE", func(p *element) {
		n.HugePages[f.amount(p, kib, "SIZE")] += max(0, f.amount(p, 1, "PAGES")-f.amount(p, 1, "USAGE"))
	})
	n.FreeMemory = max(0, f.amount(e.child("MEMORY"), kib, "TOTAL")-f.amount(e.child("MEMORY"), kib, "USAGE"))
	return n
}

func (f *fields) datastore() Datastore {
	d := Datastore{ID: f.id, Type: f.integer(-1, 1000, "TYPE"), State: f.integer(0, 1000, "STATE"), Name: f.value("NAME"), TM: f.value("TM_MAD"),
		Shared: !strings.EqualFold(f.value("TEMPLATE", "SHARED"), "NO"), Free: f.amount(f.element, mib, "FREE_MB"), Clusters: f.ids(f.element, "CLUSTERS")}
	if limit := f.amount(f.element, mib, "TEMPLATE", "LIMIT_MB"); limit > 0 {
		d.Free = min(d.Free, max(0, limit-f.amount(f.element, mib, "USED_MB")))
	}
	d.Bad = f.bad
	return d
}

func (f *fields) network() Network {
	n := Network{ID: f.id, Name: f.value("NAME"), Clusters: f.ids(f.element, "CLUSTERS"), Attributes: attributes(f.child("TEMPLATE"), nil)}
	f.child("AR_POOL").all("AR", func(e *element) { n.Free += f.amount(e, 1, "SIZE") })
	n.Free = max(0, n.Free-f.amount(f.element, 1, "USED_LEASES"))
	n.Bad = f.bad
	return n
}

func (f *fields) group() Group {
	g := Group{ID: f.id, Name: f.value("NAME")}
	f.child("ROLES").all("ROLE", func(e *element) {
		g.Roles = append(g.Roles, Role{Name: e.value("NAME"), Policy: strings.ToUpper(e.value("POLICY")), VMs: f.idList("ROLES/ROLE/VMS", e.value("VMS")),
			HostAffined: f.idList("ROLES/ROLE/HOST_AFFINED", e.value("HOST_AFFINED")), HostAntiAffined: f.idList("ROLES/ROLE/HOST_ANTI_AFFINED", e.value("HOST_ANTI_AFFINED"))})
	})
	t := f.child("TEMPLATE")
	t.all("AFFINED", func(e *element) { g.Affined = append(g.Affined, words(e.text)) })
	t.all("ANTI_AFFINED", func(e *element) { g.AntiAffined = append(g.AntiAffined, words(e.text)) })
	for _, set := range slices.Concat(g.Affined, g.AntiAffined) {
		for _, name := range set {
			if !slices.ContainsFunc(g.Roles, func(r Role) bool { return r.Name == name }) {
				f.defect("TEMPLATE", "there is no role "+clip(name))
			}
		}
	}
	g.Bad = f.bad
	return g
}

func (f *fields) cluster() Cluster {
	c := Cluster{ID: f.id, Name: f.value("NAME"), Attributes: attributes(f.child("TEMPLATE"), nil), DRS: attributes(f.at("TEMPLATE", "ONE_DRS"), nil)}
	c.Bad = f.bad
	return c
}

func (f *fields) requirement() Requirement {
	r := Requirement{VM: f.id, Hosts: f.ids(f.element, "HOSTS"), Datastores: f.ids(f.element, "DATASTORES")}
	f.all("NIC", func(e *element) {
		r.NICs = append(r.NICs, NICChoice{f.integerOf(e, -1, maxID, "ID"), f.ids(e, "VNETS")})
	})
	r.Bad = f.bad
	return r
}
