package policy

import (
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// ImpactReport says what a proposed set of policies would do to what runs now.
type ImpactReport struct {
	InForce  string `json:"inForce"`  // digest of the policies in force, empty for none
	Proposed string `json:"proposed"` // digest of the proposed ones
	// Added and Removed are rules that only one of the two sets has, Changed those of one code whose own text, side or kind
	// differs, as proposed. Tables are those that rules rest on and that differ. All empty where what is in force is no Set.
	Added   []Rule   `json:"added,omitempty"`
	Removed []Rule   `json:"removed,omitempty"`
	Changed []Rule   `json:"changed,omitempty"`
	Tables  []string `json:"tables,omitempty"`
	// PairsBefore and PairsAfter count the pairs of a workload and a site that policies admit, of Pairs.
	Pairs       int64 `json:"pairs"`
	PairsBefore int64 `json:"pairsBefore"`
	PairsAfter  int64 `json:"pairsAfter"`
	// MustMove are workloads that run where the proposed policies refuse them or their traffic, and those in force do not, in order
	// of ID.
	MustMove []Displaced `json:"mustMove,omitempty"`
	// Refused are those that the policies in force refuse already where they run, and the proposed ones too.
	Refused []placement.WorkloadID `json:"refused,omitempty"`
	// Lifted are those that are refused now where they run, and would not be.
	Lifted []placement.WorkloadID `json:"lifted,omitempty"`
	// Also are workloads that no policy refuses where they run, but that move to make room for others, or stop because others of
	// their gang do; they have no Violations.
	Also []Displaced `json:"also,omitempty"`
	// Rules say how many of MustMove each rule of the proposal refuses, most first.
	Rules []RuleImpact `json:"rules,omitempty"`
	// Difference is from what runs to the answer below: what moves, what it costs. Workloads that do not run now and could be
	// placed count in it.
	Difference *placement.Difference `json:"difference"`
	// Result is an answer under the proposed policies.
	Result *placement.Result `json:"result"`
}

// Displaced is a workload that must leave its site.
type Displaced struct {
	Workload   placement.WorkloadID  `json:"workload"`
	From       topology.SiteID       `json:"from"`
	To         topology.SiteID       `json:"to,omitempty"`         // empty: nowhere to go
	Violations []placement.Violation `json:"violations,omitempty"` // what is new against From
	// Admitted is on how many sites the proposed policies admit it. Zero says that they leave it no place at all, more
	// that it has nowhere to go for lack of room, latency or another constraint, if To is empty.
	Admitted int `json:"admitted"`
	// Unplaced says what refuses it where, if To is empty; see placement.Unplaceable.
	Unplaced map[placement.ConstraintKind]int `json:"unplaced,omitempty"`
}

// RuleImpact is how many workloads one rule makes move.
type RuleImpact struct {
	Code     string `json:"code"`
	Title    string `json:"title"`
	MustMove int    `json:"mustMove"`
	Stranded int    `json:"stranded"` // of these
}

// Stranded are those of MustMove that have nowhere to go.
func (r *ImpactReport) Stranded() []Displaced {
	var out []Displaced
	for _, d := range r.MustMove {
		if d.To == "" {
			out = append(out, d)
		}
	}
	return out
}
