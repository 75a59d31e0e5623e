package opennebula

// Document is a SCHEDULER_DRIVER_ACTION as far as a scheduler needs it. Amounts are in base units: milli-CPU and bytes.
// Every pool stands in ascending order of ID.
type Document struct {
	VMs          []VM
	Hosts        []Host
	Datastores   []Datastore
	Networks     []Network
	Groups       []Group
	Clusters     []Cluster // exactly one in an optimize document
	Requirements []Requirement
	// Defects name what could not be understood of single entries. Such an entry stands in its pool with Bad set, and nothing
	// is placed by it or on it.
	Defects []string
}

// VM is a virtual machine. Running is its last history record, nil where it has none.
type VM struct {
	ID, UID            int
	Name, Owner, Group string // NAME, UNAME, GNAME
	State, LCM         int
	Resched, Locked    bool
	CPU, Memory        int64 // requested
	UsedCPU            int64 // measured; 0 where never measured
	Disks              []Disk
	NICs               []NIC
	PCI                []PCI
	Topology           Topology
	Roles              []Membership
	Attributes         map[string]string // of USER_TEMPLATE, single values only
	Automatic          string            // AUTOMATIC_REQUIREMENTS
	Running            *Placement
	Bad                string
}

// Placement is where a VM is.
type Placement struct{ Host, Cluster, Datastore int }

// Disk is a disk of a VM. Datastore is that of its image, -1 for a volatile disk; Target is where its bytes go: SYSTEM, SELF
// (the image's datastore) or NONE.
type Disk struct {
	Size      int64 // snapshots included
	Datastore int
	Target    string
}

// NIC is an interface that the scheduler must choose a network for (Auto), or one that has it.
type NIC struct {
	ID, Network int // Network is -1 where none is chosen
	Auto        bool
}

// PCI asks for a device: of these codes (an empty one is any), or at an address.
type PCI struct{ Vendor, Device, Class, Address string }

// Topology is what a VM wants of NUMA nodes; Pin is CORE, THREAD, SHARED or empty.
type Topology struct {
	Pin      string
	HugePage int64 // bytes a page, 0: none
	Nodes    []NodeDemand
}

// NodeDemand is one virtual NUMA node.
type NodeDemand struct {
	CPUs   int
	Memory int64
}

// Membership says which role of which group a VM plays.
type Membership struct {
	Group int
	Role  string
}

// Host is a hypervisor. Used counts the requested capacity of all VMs assigned to it, in the document or not.
type Host struct {
	ID, State, Cluster int
	Name, ClusterName  string
	MaxCPU, UsedCPU    int64
	MaxMemory, UsedMem int64
	MeasuredCPU        int64
	LocalFree          map[int]int64 // free bytes by datastore that is not shared
	FreeDisk           int64         // for datastores that LocalFree does not list
	Devices            []Device
	Nodes              []Node
	PinPolicy          string
	VMs                []int
	Attributes         map[string]string // of its cluster, overridden by its own
	Bad                string
}

// Device is a PCI device; VM is -1 where it is free.
type Device struct {
	Vendor, Device, Class, Address string
	VM                             int
}

// Node is a NUMA node of a host. Cores lists, for each core that is not dedicated, its threads and how many are free.
type Node struct {
	ID         int
	Cores      []Core
	FreeMemory int64
	HugePages  map[int64]int64 // free pages by size in bytes
}

// Core is a physical core.
type Core struct {
	Threads, Free int
	Dedicated     bool
}

// Datastore is a datastore; Type is 0 image, 1 system, 2 files, 3 backup.
type Datastore struct {
	ID, Type, State int
	Name, TM        string
	Shared          bool
	Free            int64 // within LIMIT_MB, too
	Clusters        []int
	Bad             string
}

// Network is a virtual network; Free is its free leases.
type Network struct {
	ID         int
	Name       string
	Free       int64
	Clusters   []int
	Attributes map[string]string
	Bad        string
}

// Group is a VM group. Affined and AntiAffined list sets of roles, by name.
type Group struct {
	ID                   int
	Name                 string
	Roles                []Role
	Affined, AntiAffined [][]string
	Bad                  string
}

// Role is a role of a group; Policy is AFFINED, ANTI_AFFINED or empty.
type Role struct {
	Name, Policy                 string
	VMs                          []int
	HostAffined, HostAntiAffined []int // hosts it must, and must not, be on
}

// Cluster is the cluster of an optimize document, with what its ONE_DRS section says.
type Cluster struct {
	ID         int
	Name       string
	Attributes map[string]string
	DRS        map[string]string
	Bad        string
}

// Requirement lists what may be chosen for a VM, each list in ascending order. A VM that has none is context only.
type Requirement struct {
	VM         int
	Hosts      []int
	Datastores []int
	NICs       []NICChoice
	Bad        string
}

// NICChoice lists the networks of one automatic interface.
type NICChoice struct {
	NIC      int
	Networks []int
}
