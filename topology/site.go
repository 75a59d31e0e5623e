package topology

// SiteID names a site. IDs of sites, access points and exchanges share one name space: all are nodes of the network.
type SiteID string

// Jurisdiction is the country whose law applies, as an ISO 3166-1 alpha-2 code in capitals. Groups of jurisdictions
// (EU, EEA, adequate) are data of the policies, not of the topology.
type Jurisdiction string

// Tier is how far a site stands from the users: far-edge (a cell tower), edge, regional, cloud.
type Tier uint8

// The tiers, nearest to the users first.
const (
	FarEdge Tier = iota + 1
	Edge
	Regional
	Cloud
)

// Runtime is a form in which a site runs workloads.
type Runtime string

// The runtimes: virtual machines, bare metal and Kubernetes.
const (
	VM         Runtime = "vm"
	BareMetal  Runtime = "baremetal"
	Kubernetes Runtime = "kubernetes"
)

// State says whether a site takes workloads.
type State uint8

// The states. The zero value is Up.
const (
	Up       State = iota
	Cordoned       // keeps what it runs, takes nothing new
	Down           // runs nothing; links at the site still carry traffic
)

// Location is a place in decimal degrees (WGS 84).
type Location struct{ Lat, Lon float64 }

// Site is a place where workloads can run: a cell tower's edge box, a rack, a Kubernetes cluster, a cloud region.
type Site struct {
	ID       SiteID
	Name     string
	Provider ProviderID
	Country  Jurisdiction
	City     string
	Location Location
	Tier     Tier
	State    State
	Runtimes []Runtime // which forms of workload it runs, sorted

	Capacity Resources
	// Safe is the use of each dimension up to which the site runs with ease, at most its capacity; a dimension that is not
	// listed: all of its capacity. One that Capacity does not list is a defect.
	Safe Resources
	// Prices is what one pricing unit of each dimension costs an hour: a core, a GiB, a device.
	Prices map[Dimension]MicroEUR
	// Egress is the price of one GB (10^9 bytes) that leaves the site for a site or user of another provider.
	Egress MicroEUR
	Energy Energy

	// Certifications are attestations of the site itself; those of its provider hold as well.
	Certifications []Certification
	// Labels name the values of spread domains other than provider, country and site, such as rack or zone.
	Labels map[string]string
	// Attributes are further facts that policies may read. Values are strings, booleans, int64, float64, and slices
	// and string-keyed maps of these.
	Attributes map[string]any
	// Assumed lists the fields whose values are the author's assumption rather than a sourced fact.
	Assumed []string
}

// Energy turns use into emissions.
type Energy struct {
	// Intensity is grams of CO2 equivalent per kWh of the electricity used.
	Intensity int64
	// PUE is the power usage effectiveness in thousandths (1300 = 1.3); at least 1000 where Power is set.
	PUE int64
	// Power is milliwatts drawn by one pricing unit of each dimension in use.
	Power map[Dimension]int64
}

// Certification is an attestation such as {Scheme: "BSI-C5", Level: "type2"}, valid up to and including ValidUntil.
type Certification struct {
	Scheme     string
	Level      string // may be empty
	ValidUntil string // YYYY-MM-DD; empty: unknown, which satisfies no rule
	Source     string // where this was read; "assumed" if nowhere
}
