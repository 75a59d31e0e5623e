package migrate

import (
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Options of a plan; nil means the defaults.
type Options struct {
	// SiteMoves is how many moves may run at once into, and as many out of, one site; zero: 4, between the 2 of KubeVirt and
	// the 30 of OpenNebula.
	SiteMoves int
	// Setup is the time a move takes before and after the copying; zero: 5 s.
	Setup topology.Micros
}

// Plan is an ordered and timed set of moves.
type Plan struct {
	Moves    []Move          `json:"moves"` // by start, then ID
	Stuck    []Stuck         `json:"stuck,omitempty"`
	Makespan topology.Micros `json:"makespanMicros"`
	// Bound is a proven lower bound on the makespan of any plan for these moves, by Witness; Gap is
	// (Makespan - Bound) / max(Makespan, 1).
	Bound   topology.Micros `json:"boundMicros"`
	Witness string          `json:"witness"`
	Gap     float64         `json:"gap"`
	Bytes   int64           `json:"bytes"`
	// Transfer is what the copying costs: egress of the sites left and of the links crossed.
	Transfer topology.MicroEUR `json:"transferMicroEUR"`
	// Double is what running at both ends costs.
	Double topology.MicroEUR `json:"doubleMicroEUR"`
	// PeakDouble is the most demand that is held at both ends at one time, per dimension (each its own peak).
	PeakDouble topology.Resources `json:"peakDouble"`
	// Start holds what was violated before the plan began (fix, never worsen).
	Start []placement.Violation `json:"start,omitempty"`
	// NoReturn is the index in Moves of the first move that cannot be undone, -1 where all can.
	NoReturn int `json:"noReturn"`
}

// Move is one migration of one workload.
type Move struct {
	ID       int                  `json:"id"`
	Workload placement.WorkloadID `json:"workload"`
	From     topology.SiteID      `json:"from"`
	To       topology.SiteID      `json:"to"`
	Stage    bool                 `json:"stage,omitempty"` // to a site it will leave again, to break a cycle
	Method   placement.Method     `json:"method"`
	Route    latency.Route        `json:"route"`
	Rate     int64                `json:"rate"` // bit/s reserved on every link of the route
	Bytes    int64                `json:"bytes"`
	Start    topology.Micros      `json:"startMicros"`
	End      topology.Micros      `json:"endMicros"`
	Downtime topology.Micros      `json:"downtimeMicros"`
	// After are the IDs of moves that must have ended before this one starts.
	After    []int             `json:"after,omitempty"`
	Transfer topology.MicroEUR `json:"transferMicroEUR"`
	// Undo says how the move is taken back; empty where it cannot, and then why not.
	Undo     string `json:"undo,omitempty"`
	NoReturn string `json:"noReturn,omitempty"`
}

// Stuck is a move that cannot be made, and why.
type Stuck struct {
	Workload placement.WorkloadID  `json:"workload"`
	From     topology.SiteID       `json:"from"`
	To       topology.SiteID       `json:"to,omitempty"`
	Message  string                `json:"message"`
	Reasons  []placement.Violation `json:"reasons,omitempty"`
}

// Scope says what to empty: the sites that match any of the fields.
type Scope struct {
	Sites     []topology.SiteID       `json:"sites,omitempty"`
	Providers []topology.ProviderID   `json:"providers,omitempty"`
	Countries []topology.Jurisdiction `json:"countries,omitempty"`
}

// Drained is the outcome of a drain.
type Drained struct {
	Scope  Scope                `json:"scope"`
	From   placement.Assignment `json:"from"`
	Target *placement.Result    `json:"target"`
	Plan   *Plan                `json:"plan"`
	// Staying are the workloads that have nowhere to go, with the reasons; they keep running where they are.
	Staying []Stuck `json:"staying,omitempty"`
	// Back is the plan of the way back, as far as there is one.
	Back *Plan `json:"back"`
	// Difference compares before and after.
	Difference *placement.Difference `json:"difference"`
}

// ExitReport is the plan of leaving a provider, its legal clock and its bill. It states facts and dates from the data
// it was given; it is no legal advice.
type ExitReport struct {
	Provider topology.ProviderID `json:"provider"`
	Drained
	Inventory []Item   `json:"inventory"`
	Clock     []Phase  `json:"clock"`
	Bill      []Charge `json:"bill"`
	// Bandwidth is the least sustained rate in bit/s that moves the bytes within the transition period.
	Bandwidth int64 `json:"bandwidth"`
	// Slack is the transition period less the makespan.
	Slack topology.Micros `json:"slackMicros"`
	// LatestStart is the last safe day to begin, YYYY-MM-DD.
	LatestStart string `json:"latestStart"`
}

// Item is one workload at the provider.
type Item struct {
	Workload     placement.WorkloadID `json:"workload"`
	Site         topology.SiteID      `json:"site"`
	Bytes        int64                `json:"bytes"`
	NotPortable  []string             `json:"notPortable,omitempty"` // what will not come along as it is, and why
	Target       topology.SiteID      `json:"target,omitempty"`
	Alternatives []topology.SiteID    `json:"alternatives,omitempty"`
}

// Phase is one period of the legal clock.
type Phase struct {
	Name   string `json:"name"`
	From   string `json:"from"` // YYYY-MM-DD
	Until  string `json:"until"`
	Basis  string `json:"basis"`
	Source string `json:"source"` // where the period was read, and whether first or second hand
}

// Charge is one line of the bill.
type Charge struct {
	Name  string            `json:"name"`
	Cost  topology.MicroEUR `json:"costMicroEUR"`
	Basis string            `json:"basis"`
}
