package placement

// ParetoOptions of [Pareto]; nil means the defaults.
type ParetoOptions struct {
	// Axes are what is traded against each other, each a named sum of terms of workloads on their sites and of flows (the
	// terms of a [CostBudget]); nil: DefaultAxes.
	Axes []Tier
	// Solves is how many problems are solved, at least one for each axis; zero: 24, which for three axes is a mesh of four
	// steps a side and nine more where the frontier has holes.
	Solves int
	// Solve are the options of each solve; nil: the defaults, of which MaxSteps is a few seconds each.
	Solve *Options
}

// DefaultAxes are what running costs in micro-euro an hour, the latency of users in ms times Mbit/s, and emissions in mg
// CO2e an hour.
var DefaultAxes = []Tier{
	{Name: "cost", Terms: []Term{{Kind: Price, Weight: 1}, {Kind: Traffic, Weight: 1}}},
	{Name: "latency", Terms: []Term{{Kind: UserLatency, Weight: 1}}},
	{Name: "carbon", Terms: []Term{{Kind: Carbon, Weight: 1_000_000}}},
}

// Frontier is a choice of assignments none of which is better than another on every axis.
type Frontier struct {
	Axes []string `json:"axes"`
	// Ideal is, for each axis, what no assignment is below that leaves as little unplaced: the proven bounds of the solves
	// for one axis alone, nil where it was stopped before those. Only where there is nothing to choose has one assignment
	// all of them.
	Ideal  []int64         `json:"ideal,omitempty"`
	Points []FrontierPoint `json:"points"` // in order of their values
	Solves int             `json:"solves"`
	// Stopped says that the context ended before all was solved.
	Stopped bool `json:"stopped,omitempty"`
}

// FrontierPoint is one assignment of a frontier.
type FrontierPoint struct {
	Values     []int64      `json:"values"` // by axis
	Assignment Assignment   `json:"assignment"`
	Unplaced   []WorkloadID `json:"unplaced,omitempty"`
}
