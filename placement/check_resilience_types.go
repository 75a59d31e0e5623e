package placement

import "github.com/domicile-eu/domicile/topology"

// FailureKind names a kind of thing that fails.
type FailureKind string

// The kinds of failures, and what is gone with each. A site or exchange that fails takes its links with it, so that it
// passes no traffic on either (unlike a site that is [topology.Down]).
const (
	FailedSite         FailureKind = "site"
	FailedExchange     FailureKind = "exchange"
	FailedLink         FailureKind = "link"
	FailedProvider     FailureKind = "provider"     // all its sites
	FailedOperator     FailureKind = "operator"     // all links that it carries
	FailedJurisdiction FailureKind = "jurisdiction" // all nodes in a country, and all links that cross it
)

// ResilienceReport lists the single points of failure of an answer.
type ResilienceReport struct {
	// Losses are the failures by which something is lost, the worst first: those that hurt most applications, then those with
	// most components down and promises broken, then those that take most workloads, then those that most traffic hangs on.
	Losses []Loss `json:"losses"`
	// Examined counts by kind all failures that were looked at. What is not among the losses runs nothing and breaks nothing.
	Examined map[FailureKind]int `json:"examined"`
	// Already is how many of the promises are broken now; a failure is charged only with what it makes worse.
	Already int `json:"alreadyBroken"`
}

// Loss is what one failure takes, before anybody reacts.
type Loss struct {
	Kind      FailureKind     `json:"kind"`
	ID        string          `json:"id"`
	Workloads []WorkloadID    `json:"workloads,omitempty"` // that run on what fails
	Down      []string        `json:"down,omitempty"`      // components, as "application/component", of which nothing is left
	Promises  []BrokenPromise `json:"promises,omitempty"`  // in the order of the problem
	// Applications are those with a component down or a promise broken.
	Applications []string `json:"applications,omitempty"`
	// Rate is bit/s of the flows that cross what fails now, or end there.
	Rate int64 `json:"rateBitPerSecond"`
}

// BrokenPromise is a flow, path or constraint that does not hold any more among the workloads that are left.
type BrokenPromise struct {
	Kind        ConstraintKind `json:"kind"` // ByLatency, ByTransit, ByPath, BySpread, ByAffinity or ByGang
	Application string         `json:"application"`
	Promise     string         `json:"promise"` // such as "berlin > web" for a flow, or the name of a path
	// Missed is how many pairs of ends miss it, of the pairs that are left; 1 of 1 for what is not a flow.
	Missed int `json:"missed"`
	Of     int `json:"of"`
	// Have and Want are those of the worst of them; see [Violation]. Have is -1 where no way is left that the data may take.
	Have int64  `json:"have"`
	Want int64  `json:"want"`
	Unit string `json:"unit"`
}

// failure is what is gone.
type checkFailure struct {
	kind  FailureKind
	id    string
	nodes []topology.NodeID
	links []topology.LinkID // those at the nodes included
}

// failureKinds is the order in which equally bad failures are told.
var failureKinds = []FailureKind{FailedLink, FailedSite, FailedExchange, FailedOperator, FailedProvider, FailedJurisdiction}
