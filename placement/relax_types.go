package placement

import "github.com/domicile-eu/domicile/topology"

// Relief is the ways out where something cannot be placed.
type Relief struct {
	Workloads []WorkloadID `json:"workloads"` // that could not be placed
	// Conflict is a set of requirements that cannot hold together, from which none can be left out.
	Conflict []Requirement `json:"conflict"`
	// Ways are relaxations after which the workloads can be placed, cheapest first; each was verified by solving again.
	Ways []Way `json:"ways"`
}

// Requirement is one thing that was asked, in words, with its kind.
type Requirement struct {
	Kind    ConstraintKind `json:"kind"`
	Message string         `json:"message"`
}

// Way is one set of fixes that together make a placement possible.
type Way struct {
	Fixes []Fix `json:"fixes"`
	// Cost is what the fixes themselves cost and the verified placement costs more than before, an hour.
	Cost topology.MicroEUR `json:"costMicroEURPerHour"`
	// Site is where the (first) workload ends up.
	Site   topology.SiteID `json:"site"`
	Result *Result         `json:"result"`
}

// Fix is one change to what was asked or exists: more capacity, a looser bound, an admitted exception.
type Fix struct {
	Kind      ConstraintKind  `json:"kind"`
	Component string          `json:"component,omitempty"` // "application/component"
	Site      topology.SiteID `json:"site,omitempty"`
	// Dimension and Amount: capacity to add at Site.
	Dimension topology.Dimension `json:"dimension,omitempty"`
	Amount    int64              `json:"amount,omitempty"`
	// From and To: the latency bound before and after.
	From topology.Micros `json:"fromMicros,omitempty"`
	To   topology.Micros `json:"toMicros,omitempty"`
	// Rules are the codes of the policy rules to except the component from, at Site.
	Rules []string `json:"rules,omitempty"`
	// Cost is micro-euro an hour for capacity; nothing else has a price.
	Cost    topology.MicroEUR `json:"costMicroEURPerHour"`
	Message string            `json:"message"` // "+4 vCPU at ams-1 = 9.00 EUR/day"
}
