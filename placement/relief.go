package placement

import "github.com/domicile-eu/domicile/topology"

// Relief is the ways out where an application cannot be placed as asked.
type Relief struct {
	Workloads []WorkloadID `json:"workloads"` // that could not be placed
	// Conflict is a set of requirements that cannot hold together while everything else stays where it is, from which none
	// can be left out.
	Conflict []Requirement `json:"conflict,omitempty"`
	// Ways are relaxations after which the workloads can be placed, each verified by solving again and by Check. Those that
	// except nothing from a policy come first, then those that leave nobody out, then those that loosen no bound or budget to
	// more than its double, then the cheaper.
	Ways []Way `json:"ways,omitempty"`
}

// Requirement is one thing that was asked, in words, with its kind.
type Requirement struct {
	Kind    ConstraintKind `json:"kind"`
	Message string         `json:"message"`
}

// Way is one set of fixes that together make a placement possible.
type Way struct {
	Fixes []Fix `json:"fixes"`
	// Cost is what the verified placement costs more than the one before, an hour: prices and traffic. Added capacity is
	// paid by what runs on it.
	Cost topology.MicroEUR `json:"costMicroEURPerHour"`
	// Site is where the first workload ends up.
	Site topology.SiteID `json:"site"`
	// Without are workloads that stay out, where a gang goes without a component.
	Without    []WorkloadID `json:"without,omitempty"`
	Assignment Assignment   `json:"assignment"`
}

// Fix is one change to what was asked or to what exists: more capacity, a looser bound, fewer selectors or constraints, an
// exception from a policy. What it says about one component or site it says about no other.
type Fix struct {
	// Kind is ByCapacity, ByLatency, ByPath, BySelector, ByAdmission, BySpread, ByConflict, ByAffinity, ByGang or ByBudget.
	Kind      ConstraintKind  `json:"kind"`
	Component string          `json:"component,omitempty"` // "application/component"; not for capacity
	Site      topology.SiteID `json:"site,omitempty"`      // of capacity, and of an exception
	// Dimension and Amount: capacity to add at Site. Of a budget, the one of Problem.Budgets that Budget says, Amount is by how
	// much its limit is raised: workloads, units of its terms, thousandths.
	Dimension topology.Dimension `json:"dimension,omitempty"`
	Amount    int64              `json:"amount,omitempty"`
	Budget    int                `json:"budget,omitempty"`
	// Source is where the flow into Component comes from, an access point or a component of the same application; its
	// bound is raised From, To. Of a path it is what the path is called.
	Source string          `json:"source,omitempty"`
	From   topology.Micros `json:"fromMicros,omitempty"`
	To     topology.Micros `json:"toMicros,omitempty"`
	// Rules are the codes of the policy rules that Component is excepted from at Site.
	Rules []string `json:"rules,omitempty"`
	// Wish is the spread, conflict or affinity of Component's application to give up, or the gang that Component leaves, in
	// words.
	Wish string `json:"wish,omitempty"`
	// Cost is what added capacity is worth at the site's prices, an hour; nothing else has a price.
	Cost    topology.MicroEUR `json:"costMicroEURPerHour,omitempty"`
	Message string            `json:"message"` // "4 cores more at ams-1 (worth 0.375 EUR/h)"
}
