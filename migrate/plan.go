package migrate

import (
	"errors"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// ErrInvalid is wrapped by every defect of the input: unknown workloads and sites, negative amounts, sums that overflow.
var ErrInvalid = errors.New("invalid migration")

// Plan is an ordered and timed set of moves.
type Plan struct {
	Moves    []Move          `json:"moves"` // by start, then ID
	Stuck    []Stuck         `json:"stuck,omitempty"`
	Late     []Late          `json:"late,omitempty"` // that arrive after their deadline, by deadline
	Makespan topology.Micros `json:"makespanMicros"`
	// Bound is a proven lower bound on the makespan of any plan that makes these moves, no others, by these methods, at the
	// full rates of these routes and, where Certificate.Holds says so, of all other routes too; the largest that was found.
	// Witness says why, so that anybody can check it. Gap is (Makespan - Bound) / max(Makespan, 1).
	Bound   topology.Micros `json:"boundMicros"`
	Witness string          `json:"witness"`
	// Certificate is the same as data, from which Replay recomputes the bound.
	Certificate Certificate `json:"certificate"`
	Gap         float64     `json:"gap"`
	// RouteBound is the largest bound found that holds whichever routes the data may take, 0 where none was found. Where it
	// is less than Bound, RouteCertificate proves it.
	RouteBound       topology.Micros `json:"routeBoundMicros"`
	RouteCertificate *Certificate    `json:"routeCertificate,omitempty"`
	Bytes            int64           `json:"bytes"` // that cross the network
	// Transfer is what the copying costs: egress of the sites left and of the links crossed.
	Transfer topology.MicroEUR `json:"transferMicroEUR"`
	// Double is what running at both ends costs: the price of the new site while the old one still runs.
	Double topology.MicroEUR `json:"doubleMicroEUR"`
	// PeakDouble is the most demand that is held at both ends at one time, per dimension (each its own peak).
	PeakDouble topology.Resources `json:"peakDouble"`
	// Start holds what was violated before the plan began (fix, never worsen), for the constraints that a plan keeps.
	Start []placement.Violation `json:"start,omitempty"`
	// NoReturn is the index in Moves of the first move that cannot be undone, -1 where all can.
	NoReturn int `json:"noReturn"`
	// Initial are the workloads that only the target places and Removed those that only the start does, in order. They are
	// not moves: see the package documentation.
	Initial []placement.WorkloadID `json:"initial,omitempty"`
	Removed []placement.WorkloadID `json:"removed,omitempty"`
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
	Rate     int64                `json:"rate"` // bit/s reserved on every link of the route from Start to End
	Bytes    int64                `json:"bytes"`
	Start    topology.Micros      `json:"startMicros"`
	End      topology.Micros      `json:"endMicros"`
	Downtime topology.Micros      `json:"downtimeMicros"`
	// Safe is a duration that the move seldom exceeds, zero where none is known; End - Start is what it takes in the middle.
	Safe topology.Micros `json:"safeMicros,omitempty"`
	// NotBefore is the instant before which the move may not start, whatever has ended.
	NotBefore topology.Micros `json:"notBeforeMicros,omitempty"`
	// After are the IDs of moves that must have ended before this one starts, in order.
	After    []int             `json:"after,omitempty"`
	Transfer topology.MicroEUR `json:"transferMicroEUR"`
	// Undo says how the move is taken back; empty where it cannot, and then NoReturn says why not.
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
