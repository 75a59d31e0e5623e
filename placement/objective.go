package placement

import "github.com/domicile-eu/domicile/topology"

// Objective is what to minimise, in strict tiers: a later tier never pays for a loss in an earlier one. The first tier
// must count unplaced workloads, because nothing is cheaper than to place nothing.
type Objective []Tier

// Tier is a weighted sum of terms, each at most once: terms are told apart by kind and dimensions.
type Tier struct {
	Name  string
	Terms []Term
}

// Term is one quantity of an objective with its weight. Each contribution is an integer of its own: the exact quantity
// is multiplied by Weight, then divided as the kind says, rounded up once; sums are exact, and one that does not fit an
// int64 is an error. Contributions are those of each placed workload, and for flows those of each flow and pair of ends:
// (access point, replica) or (replica, replica).
type Term struct {
	Kind   TermKind
	Weight int64 // at least 0
	// Dimension is the one that Excess and Balance look at; other kinds have none.
	Dimension topology.Dimension
	// Against and Ratio are of Balance: it wants Ratio units of Against free for each unit of Dimension that is free.
	Against topology.Dimension
	Ratio   int64
	// Per is how many base units Weight is for, of Excess and Balance; zero: one.
	Per int64
}

// TermKind names a term.
type TermKind string

// The terms. All money is micro-euro per hour.
const (
	// Unplaced is the sum of the priorities of unplaced workloads.
	Unplaced TermKind = "unplaced"
	// Price is what sites charge for the placed demand; see topology.Site.HourlyPrice.
	Price TermKind = "price"
	// Traffic is what the flows cost to carry: rate x (the route's egress, plus the egress price of the sending site
	// where the two ends are sites of different providers, plus that of the serving site where the flow comes from an
	// access point). The rate is the pair's share, see [Flow]. Contribution: bit/s x egress x 450 x Weight / 10^9, for an
	// hour of 1 bit/s is 450 bytes. Where no route is permitted (which [Check] refuses) the unrestricted one counts, and
	// where that is unknown too, nothing; so it is for UserLatency.
	Traffic TermKind = "traffic"
	// Carbon is emissions in mg CO2e per hour, see topology.Site.HourlyEmissions; Weight is micro-euro per kg.
	// Contribution: mg x Weight / 10^6.
	Carbon TermKind = "carbon"
	// UserLatency is the round trip of flows from access points at their percentile, weighted by rate. Weight is
	// micro-euro per ms and Mbit/s. Contribution per flow and replica: us x bit/s x Weight / 10^9.
	UserLatency TermKind = "user-latency"
	// Preference is policies' points, each worth Weight micro-euro an hour. Contribution: -points x Weight, 0 where denied.
	Preference TermKind = "preference"
	// Moves is the cost of leaving Current, spread over 720 hours: for each workload that Current places elsewhere, its
	// MoveCost plus the bytes to copy (Migration.Memory or the memory demand, plus Migration.Disk) at the old site's
	// Egress where the provider changes, that transfer rounded up. Contribution: cost x Weight / 720.
	Moves TermKind = "moves"
	// Load is use above four fifths of a site's capacity, in thousandths of the capacity of each dimension, rounded up;
	// Weight is micro-euro per thousandth. Contribution per site and dimension with a capacity:
	// ceil(1000 x (5 use - 4 capacity) / (5 capacity)) x Weight, or 0 if that is negative.
	Load TermKind = "load"
	// Excess is use of a dimension above what a site takes with ease (topology.Site.Safe, or its capacity where that says
	// nothing). Contribution per site: max(0, use - safe) x Weight / Per.
	Excess TermKind = "excess"
	// Balance is what sites lack of one dimension for what they have left of another, so that no room is left that nothing
	// can use. With free = capacity - use, contribution per site: max(0, Ratio x free(Dimension) - free(Against)) x Weight / Per.
	Balance TermKind = "balance"
	// Relocation is what Problem.Relocation says of each workload that Current places elsewhere, spread over 720 hours.
	// Contribution: cost x Weight / 720.
	Relocation TermKind = "relocation"
	// GroupMoves is the largest number of workloads of one component that Current places elsewhere; workloads that are left
	// out do not count. Contribution, once: number x Weight / 720.
	GroupMoves TermKind = "group-moves"
	// RuleCost is the cost that Problem.Rules add; a rule that refuses the pair adds none.
	RuleCost TermKind = "rules"
)

// DefaultObjective places as much as possible by priority; then minimises euro an hour: price, traffic, carbon at 100
// EUR per tonne, a tenth of a cent per preference point, moves; then latency to users. The carbon price is in the range in which EU
// emission allowances traded in 2024-2026 (60-100 EUR per tonne), taken at its upper end.
var DefaultObjective = Objective{
	{Name: "unplaced", Terms: []Term{{Kind: Unplaced, Weight: 1}}},
	{Name: "cost", Terms: []Term{{Kind: Price, Weight: 1}, {Kind: Traffic, Weight: 1}, {Kind: Carbon, Weight: 100_000}, {Kind: Preference, Weight: 1_000}, {Kind: Moves, Weight: 1}, {Kind: RuleCost, Weight: 1}}},
	{Name: "latency", Terms: []Term{{Kind: UserLatency, Weight: 1}}},
}
