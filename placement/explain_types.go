package placement

import (
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Answer is an assignment with the problem it answers.
type Answer struct {
	Problem    *Problem
	Assignment Assignment
}

// Line is what one placed workload costs and gets.
type Line struct {
	Workload  WorkloadID        `json:"workload"`
	Site      topology.SiteID   `json:"site"`
	Price     topology.MicroEUR `json:"priceMicroEURPerHour"`
	Traffic   topology.MicroEUR `json:"trafficMicroEURPerHour"` // of the flows into it
	Emissions int64             `json:"emissionsMgPerHour"`
	// Users is its flow from an access point that uses most of its bound (or without bounds, the slowest); nil where it
	// has none.
	Users *FlowLatency `json:"users,omitempty"`
}

// FlowLatency is the round trip of one flow at its percentile.
type FlowLatency struct {
	From       topology.NodeID    `json:"from"`
	To         topology.NodeID    `json:"to"`
	Percentile latency.Percentile `json:"percentile"`
	Latency    topology.Micros    `json:"latencyMicros"` // -1: unknown
	Bound      topology.Micros    `json:"boundMicros,omitempty"`
}

// WhyAnswer says why a workload is where it is, or what keeps it out: of one that is not placed, Line has no site.
type WhyAnswer struct {
	Line Line `json:"line"`
	// Terms are what the workload adds to each term of the objective, its flows both ways included.
	Terms []TermResult `json:"terms"`
	// Admissible is how many sites could take it as things stand, its own included (unless something is broken there);
	// Refused counts the others by every kind of constraint that refuses them, so that a site can count several times.
	Admissible int                    `json:"admissible"`
	Refused    map[ConstraintKind]int `json:"refused"`
	// RunnerUp is the best other site, nil where there is none.
	RunnerUp *Alternative `json:"runnerUp,omitempty"`
	// Ways are its flows, both ways, with placed ends that use up nine tenths of their bound or more, or take a detour.
	Ways []FlowWay `json:"ways,omitempty"`
}

// FlowWay is how flows of one kind travel between two nodes: which hop takes how much of their latency, and what the
// restriction of their data costs.
type FlowWay struct {
	FlowLatency
	Data DataClass `json:"data,omitempty"`
	// Hops share out the latency; there are none where it is unknown or was measured from end to end.
	Hops []HopShare `json:"hops,omitempty"`
	// Direct is the way that the data may not take, nil where it may.
	Direct *DirectWay `json:"direct,omitempty"`
}

// HopShare is one link of a way and what it takes of the latency's percentile, see [latency.Graph.Budget].
type HopShare struct {
	Link     topology.LinkID `json:"link"`
	To       topology.NodeID `json:"to"`
	Operator string          `json:"operator"`
	Share    topology.Micros `json:"shareMicros"`
}

// DirectWay is the way that a flow would take if its data might go everywhere.
type DirectWay struct {
	Latency topology.Micros `json:"latencyMicros"`
	// Measured says that the latency was measured from end to end; nobody knows which way, and the one of the least mean
	// stands for it.
	Measured bool `json:"measured,omitempty"`
	// Crossings are the hops that the data may not take, Reasons those of the policies, for each country and operator once.
	Crossings []latency.Crossing `json:"crossings"`
	Reasons   []Reason           `json:"reasons,omitempty"`
}

// Alternative is a site that a workload could move to, and what that would change.
type Alternative struct {
	Site  topology.SiteID `json:"site"`
	Tiers []TierDelta     `json:"tiers"` // change of each tier of the objective, first tier first
}

// TierDelta is the change of one tier's value.
type TierDelta struct {
	Name  string `json:"name"`
	Delta int64  `json:"delta"`
}

// WhyNotAnswer says why a workload is not on a site.
type WhyNotAnswer struct {
	Workload WorkloadID      `json:"workload"`
	Site     topology.SiteID `json:"site"`
	// Violations are all constraints that the workload would break there, with numbers and reasons: its own, those of its
	// flows, capacity, and those over several workloads that would be broken worse than they are now. None: the site is
	// merely no better.
	Violations []Violation `json:"violations"`
	// Tiers is what the move would change in the objective; it says which tier decided where nothing is violated.
	Tiers []TierDelta `json:"tiers"`
	// Ways are its flows as they would be there, those of [WhyAnswer].Ways.
	Ways []FlowWay `json:"ways,omitempty"`
}

// Difference compares two answers.
type Difference struct {
	Moved    []Move       `json:"moved,omitempty"`    // placed in both, on different sites
	Broken   []WorkloadID `json:"broken,omitempty"`   // placed before, not any more
	Restored []WorkloadID `json:"restored,omitempty"` // placed now, not before
	// Violations are those of the old assignment under the new problem: why the moved had to move. Workloads that the new
	// problem does not have are not among them.
	Violations []Violation `json:"violations,omitempty"`
	// Price, traffic and emissions: after minus before.
	Price     topology.MicroEUR `json:"priceMicroEURPerHour"`
	Traffic   topology.MicroEUR `json:"trafficMicroEURPerHour"`
	Emissions int64             `json:"emissionsMgPerHour"`
	// Tiers is after minus before of each tier that both objectives have, by name, in the order of the new one.
	Tiers []TierDelta `json:"tiers,omitempty"`
	// Latency is after minus before of the rate-weighted mean latency to users, over the flows present in both.
	Latency topology.Micros `json:"latencyMicros"`
	// Countries counts placed workloads per country, after minus before; zeros are left out.
	Countries map[topology.Jurisdiction]int `json:"countries,omitempty"`
}

// Move is one workload that changes its site.
type Move struct {
	Workload WorkloadID        `json:"workload"`
	From     topology.SiteID   `json:"from"`
	To       topology.SiteID   `json:"to"`
	Price    topology.MicroEUR `json:"priceMicroEURPerHour"` // after minus before
	// Latency is the change of its Users latency; zero where it has none or one is unknown.
	Latency topology.Micros `json:"latencyMicros"`
}

// Evaluation is what an assignment is worth, recomputed from the problem alone.
type Evaluation struct {
	Tiers    []TierValue  `json:"tiers"`
	Terms    []TermResult `json:"terms"`
	Lines    []Line       `json:"lines"` // one per placed workload, in order of ID
	Unplaced []WorkloadID `json:"unplaced,omitempty"`
}

// TierValue is the value of one tier of the objective.
type TierValue struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}
