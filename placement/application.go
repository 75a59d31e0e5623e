package placement

import (
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// WorkloadID names a workload: "application/component", with "-1", "-2", ... behind it where the component has more
// than one replica.
type WorkloadID string

// DataClass names a class of data, such as "health". Policies say where it may live and which way it may travel. The
// empty class is data without restrictions of its own; policies see it as "".
type DataClass string

// Application is workloads, the flows between them and the constraints over them.
type Application struct {
	Name        string // unique in a problem
	Tenant      string
	Workloads   []Workload // one per replica; replicas of a component stand together
	Flows       []Flow
	Constraints []Constraint
}

// Workload is one thing to place: a VM, a container, a bare-metal machine, a whole Kubernetes cluster.
type Workload struct {
	ID          WorkloadID // unique in a problem
	Application string     // name of the application that it stands in
	Tenant      string     // of that application
	Component   string     // replicas share it
	Kind        Kind
	Demand      topology.Resources
	Data        DataClass
	// Priority is the cost of leaving it out, at least 1; sums of priorities are minimised before everything else.
	Priority int64
	// Site pins it to one site; empty: anywhere.
	Site topology.SiteID
	// Tiers restricts it to sites of these tiers; none: any tier.
	Tiers []topology.Tier
	// Labels must all be present with these values on the site.
	Labels map[string]string
	// Attributes are facts for policies; values as in topology.Site.
	Attributes map[string]any
	// MoveCost is what one move of it costs beyond the transfer, in micro-euro (work, risk).
	MoveCost  topology.MicroEUR
	Migration Migration
}

// Kind is the form of a workload. It decides which runtimes can host it.
type Kind string

// The kinds, and where they run: VM and Cluster (a Kubernetes cluster made of VMs) on VM sites, Container on Kubernetes
// sites, Machine on bare-metal sites.
const (
	VM        Kind = "vm"
	Container Kind = "container"
	Machine   Kind = "machine"
	Cluster   Kind = "cluster"
)

// Migration holds the facts that package migrate plans by.
type Migration struct {
	Memory    int64           // bytes to copy; zero: the memory demand
	DirtyRate int64           // bytes/s of memory dirtied anew throughout (the cold rate)
	HotSet    int64           // bytes re-dirtied over and over
	HotPeriod topology.Micros // within which HotSet is re-dirtied once
	Disk      int64           // bytes of local disk to copy
	DiskWrite int64           // bytes/s written to it
	// Nodes is how many equal machines a cluster is made of, for Rolling; zero: 1. Where it is zero it is left out of digests.
	Nodes int64 `json:",omitempty"`
	// Methods allowed, in order of preference; none: pre-copy then stop-and-copy for VM and Cluster, blue-green then
	// stop-and-copy for Container, stop-and-copy for Machine.
	Methods []Method
	// Downtime is the longest interruption allowed; zero: no limit.
	Downtime topology.Micros
}

// Method is a way of moving a workload.
type Method string

// The methods.
const (
	PreCopy     Method = "pre-copy"      // live, memory copied in rounds while it runs
	PostCopy    Method = "post-copy"     // live, switched first; memory follows while it runs at the new site
	StopAndCopy Method = "stop-and-copy" // stopped, copied, started
	BlueGreen   Method = "blue-green"    // a second instance started, disk copied, traffic switched
	// Rolling replaces the nodes of a cluster one by one: a new node joins and takes over the disk and the pods of an old
	// one. The old ones are kept until the last new one has joined.
	Rolling Method = "rolling"
)

// Cancellable says whether a move by this method can be called off while it runs, with the workload unharmed where it
// was. A post-copy cannot: its memory is on both sites, and if either or the way between them fails, it is lost.
func (m Method) Cancellable() bool { return m != PostCopy }

// Flow is traffic into a workload from an access point or from another component.
//
// Where a component has replicas the flow holds for every replica (and every pair of replicas): each must meet the
// bound, and the rate is divided evenly among them, placed or not, rounded up to whole bit/s. A flow from a component to
// itself (replication, say) holds for every ordered pair of different replicas.
//
// A flow holds where its two ends are placed. It needs a way that its data may take from the sending end to the
// receiving end, also without a bound, and the bound is judged on that way. Inside one site there is nothing to judge:
// the latency is 0 and nothing is crossed.
type Flow struct {
	// FromAccess is an access point, FromComponent a component of the same application; exactly one is set.
	FromAccess    topology.AccessPointID
	FromComponent string
	To            string // component
	Rate          int64  // bit/s
	// Bound is the greatest round trip allowed at Percentile; zero: no bound.
	Bound      topology.Micros
	Percentile latency.Percentile // zero: P95
	Data       DataClass          // empty: that of the receiving replica
}

// Constraint is one of [Spread], [Conflict], [Affinity], [Gang] and [Path].
type Constraint interface{ constraint() }

// Domain is a property of sites over which workloads are spread or gathered: "site", "provider", "country", "tier", or
// "label:KEY". A site without the label is a domain value of its own, different from all labels.
type Domain string

// Spread wants the placed replicas of the components to use at least AtLeast different values of a domain, or as many as
// there are placed replicas if those are fewer. (Add a [Gang] where a part is worth nothing.)
type Spread struct {
	Components []string
	Over       Domain
	AtLeast    int
}

// Conflict allows at most AtMost placed replicas of the components on any one value of a domain.
type Conflict struct {
	Components []string
	Over       Domain
	AtMost     int
}

// Affinity wants every placed replica of Components on a domain value where a placed replica of With runs; where none of
// With is placed, none of Components may be. With nil, it wants all placed replicas of Components on one value. No
// component stands in both.
type Affinity struct {
	Components []string
	With       []string
	Over       Domain
}

// Gang wants the replicas of the components placed all or not at all.
type Gang struct{ Components []string }

// Path bounds the round trip of a request along several flows of the application, one after the other: the sum of theirs,
// at a percentile. A flow's own bound is for that flow alone.
//
// There is a flow from each component to the next, and one from FromAccess to the first. Each hop takes the way that the
// data of its flow may take and that is best for the hop by itself at the percentile, is independent of the other hops,
// and takes no time within one site. The percentile of a sum is less than the sum of percentiles: package latency says
// how it is found ([latency.Tail]).
//
// Flows connect all replicas of one component to all of the next, and a request can take any of them: the path holds for
// every choice of one placed replica of each component, the worst one included. Where nothing of a component is placed
// there is no path to judge. A hop whose latency is not known keeps no bound.
type Path struct {
	// Name is what reasons call it; empty: the components, as in "berlin > web > api > db". Unique in an application.
	Name string
	// FromAccess is where the request enters; empty: at the first component.
	FromAccess topology.AccessPointID
	// Components in the order of the request, each at most once, for at least two flows and at most ten. They may have at
	// most 10,000 choices of replicas.
	Components []string
	Bound      topology.Micros    // the greatest round trip allowed, above 0
	Percentile latency.Percentile // zero: P95
}

// label is how the path is called.
func (p *Path) label() string {
	if p.Name != "" {
		return p.Name
	}
	text := strings.Join(p.Components, " > ")
	if p.FromAccess != "" {
		text = string(p.FromAccess) + " > " + text
	}
	return text
}

// percentile is the one that the bound is for.
func (p *Path) percentile() latency.Percentile {
	if p.Percentile == 0 {
		return latency.P95
	}
	return p.Percentile
}

func (Spread) constraint()   {}
func (Conflict) constraint() {}
func (Affinity) constraint() {}
func (Gang) constraint()     {}
func (Path) constraint()     {}
