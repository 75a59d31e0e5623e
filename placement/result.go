package placement

import "github.com/domicile-eu/domicile/topology"

// Options of a solve; nil means the defaults.
type Options struct {
	// Seed of every random choice; the default is 1.
	Seed uint64
	// MaxSteps is the search budget in evaluated moves, so that the result does not depend on the machine; zero:
	// 2,000,000, a few seconds on one core.
	MaxSteps int64
	// Workers is how many searches run side by side, each on its own goroutine, and share what they find at fixed numbers
	// of steps; zero: 2. It is part of what a result depends on, so the default is not the number of processors.
	Workers int
	// Progress is called now and then with the state of the search, from the goroutine that called Solve, and once before it,
	// with the zero value, when the problem is compiled; nil: never.
	Progress func(Progress)
	// Spent is for callers whose budget is not a number of steps: the share of it that is used up, from 0 to 1, asked at
	// every synchronisation (some tens of thousands of steps). Search cools down by it, and ends at 1, which it must reach: MaxSteps
	// does not count then. A clock behind it makes results depend on the machine. Nil: steps over MaxSteps.
	Spent func() float64
}

// Progress is how far a solve has come.
type Progress struct {
	Steps int64   // moves evaluated by all workers
	Spent float64 // share of the budget that is used up
	// Value and Bound are of the first tier in which sites differ; Gap is between them. While an earlier tier is not yet at its
	// own bound none is known: Bound is math.MinInt64 and Gap infinite.
	Value, Bound int64
	Gap          float64
}

// Status says what kind of answer a result is.
type Status string

// The statuses.
const (
	Optimal    Status = "optimal"    // every tier's value equals its bound, also where that is to leave something unplaced
	Feasible   Status = "feasible"   // everything that could be placed is, the gap says how good the rest is
	Incomplete Status = "incomplete" // something is left unplaced
	Stopped    Status = "stopped"    // the context ended the search; the answer is the best so far and valid
)

// Result is what Solve found.
type Result struct {
	Status     Status        `json:"status"`
	Assignment Assignment    `json:"assignment"`
	Unplaced   []Unplaceable `json:"unplaced,omitempty"` // in order of ID
	Tiers      []TierResult  `json:"tiers"`
	Terms      []TermResult  `json:"terms"`
	Steps      int64         `json:"steps"`  // moves evaluated
	Digest     string        `json:"digest"` // of problem, options and assignment
}

// Unplaceable is a workload left out, with how many sites each constraint refuses to it as things stand. Where many are
// left out on many sites (400 on 10,000), this is counted for the first of them and nil for the others; see [Why].
type Unplaceable struct {
	Workload WorkloadID             `json:"workload"`
	Refused  map[ConstraintKind]int `json:"refused"`
}

// TierResult is one tier of the objective. Bound is proven: no assignment that is as good in the earlier tiers has a
// lower value. Gap is (Value - Bound) / max(|Value|, 1).
type TierResult struct {
	Name  string  `json:"name"`
	Value int64   `json:"value"`
	Bound int64   `json:"bound"`
	Gap   float64 `json:"gap"`
	// Certificate proves Bound; nil stands for one without prices and multipliers and not Joint, which proves the trivial bound: every
	// workload where it is cheapest by itself in this tier.
	Certificate *Certificate `json:"certificate,omitempty"`
}

// Certificate proves a lower bound B of tier k by Lagrangian relaxation: for all prices y, z >= 0 and multipliers m >= 0,
//
//	B = ceil( sum over workloads of min( min over admissible sites s of c_k(s) + sum_t m_t c_t(s) + sum_d p_sd demand_d,
//	          the same for leaving it out ) - sum y_sd capacity_sd - sum z_j level_j - sum_t m_t V_t )
//
// where t runs over the earlier tiers, V_t is the value of tier t in the result, and c_t is the unary cost in tier t.
// Leaving a workload out costs its priority in tiers that count unplaced workloads and nothing elsewhere. Admissible sites
// are those that pass every unary constraint, less what follows from constraints over several workloads: sites where no
// partner of an affinity can be, interchangeable workloads beyond what the domain values in reach can hold under a spread
// or conflict, gangs with a member that fits nowhere.
//
// Terms that price the use of a site enter by their prices z. Such a term costs Weight / Per for each unit by which
// something linear in the use, sum a_d use_d, stands above a level, so it costs at least z (sum a_d use_d - level) for each z
// from 0 to Weight / Per, times the multiplier of its tier if that is an earlier one. Then p_sd = y_sd + sum of z a_d over the
// terms at s, with
//
//	Excess   a = 1 of Dimension                      level = what is safe
//	Balance  a = -Ratio of Dimension, 1 of Against   level = capacity of Against - Ratio x capacity of Dimension
//	Load     a = 1 of each dimension                 level = 4/5 of the capacity (z up to 1000 Weight / capacity)
//
// Other terms that couple workloads are at least zero and count as zero, but for Traffic between components in a Joint
// certificate. There, instead of workloads, trees of components contribute: those that flows of an application join, in its
// order, without the flows that would close a cycle. A tree counts one workload for each component, n times its priced cost
// where the component has n workloads, and each flow between two of them once for each pair of workloads that it joins. (The
// mean over all choices of one workload for each component is what the application costs, so the least is at most that. Of
// workloads of a component that differ, each site counts the cheapest; where that comes to less than every workload for
// itself, the latter counts.) A flow costs at least nothing within a site, to another site of the provider what one GB from
// the sending site at least costs (see [Traffic]), and to one of another provider that and the egress price of the sending
// site.
type Certificate struct {
	Earlier  []int64       `json:"earlier,omitempty"`  // m, one per earlier tier, in 2^-20
	Capacity []ShadowPrice `json:"capacity,omitempty"` // y, where it is not zero, by site then dimension
	Terms    []TermPrice   `json:"terms,omitempty"`    // z, where it is not zero
	// Joint says that the components of an application are looked at together.
	Joint bool `json:"joint,omitempty"`
	// Knapsacks and Tree prove more; see Branch.
	Knapsacks []Knapsack `json:"knapsacks,omitempty"`
	Tree      []Branch   `json:"tree,omitempty"`
}

// TermPrice is what one more unit of the amount that a term counts at a site is worth: of use above what is safe, of what
// is lacking for balance, of use above four fifths of the capacity.
type TermPrice struct {
	Tier      string             `json:"tier"` // where the term stands
	Kind      TermKind           `json:"kind"`
	Dimension topology.Dimension `json:"dimension"`
	Against   topology.Dimension `json:"against,omitempty"` // of Balance
	Site      topology.SiteID    `json:"site"`
	Price     int64              `json:"price"` // 2^-40 units of the certificate's tier per unit
}

// Knapsack is a site whose capacity of one dimension is kept whole in the nodes of a Tree. Demands and capacity are counted
// in units, rounded down (so that whatever fits still fits); at most 65,536 units make a site.
type Knapsack struct {
	Site      topology.SiteID    `json:"site"`
	Dimension topology.Dimension `json:"dimension"`
	Unit      int64              `json:"unit"` // base units
}

// Branch is a node of a search tree that proves a lower bound B of tier k: the bound of every leaf is at least B. Each
// node has a price u of any sign for every workload, and proves
//
//	sum over workloads of min( u, what leaving it out costs ) - sum over sites of V_s - sum y_sd capacity_sd - sum_t m_t V_t
//
// where V_s is the most that u less the cost of placing comes to over all sets of workloads that fit on s: in units of the
// dimension of its Knapsack, and wherever they like at a site without one. Costs are those that [Certificate] counts, rounded
// down to 2^-20.
//
// Nodes stand in the order in which a walk enters them. After a node that names a workload and a site come the tree in
// which it is placed there, and the tree in which it is not; a node that names none is a leaf. A placed workload counts its
// cost and takes its room, and rules out what no longer fits beside it in any dimension. A node also rules out, for all
// below it, what would cost too much by itself: every placing at a cost of which u falls short by so much that the bound of
// the node and that reach B.
type Branch struct {
	// Prices are those that differ from the node above, or from zero at the first.
	Prices   []WorkloadPrice `json:"prices,omitempty"`
	Workload WorkloadID      `json:"workload,omitempty"`
	Site     topology.SiteID `json:"site,omitempty"`
}

// WorkloadPrice is what placing a workload is worth.
type WorkloadPrice struct {
	Workload WorkloadID `json:"workload"`
	Price    int64      `json:"price"` // 2^-20 units of the tier
}

// ShadowPrice is what one more unit of a capacity would be worth.
type ShadowPrice struct {
	Site      topology.SiteID    `json:"site"`
	Dimension topology.Dimension `json:"dimension"`
	Price     int64              `json:"price"` // 2^-40 units of the tier per base unit of the dimension
}

// TermResult is one term's contribution to its tier, weight included.
type TermResult struct {
	Tier      string             `json:"tier"`
	Kind      TermKind           `json:"kind"`
	Dimension topology.Dimension `json:"dimension,omitempty"` // of Excess and Balance
	Against   topology.Dimension `json:"against,omitempty"`   // of Balance
	Value     int64              `json:"value"`
}

// ConstraintKind names a kind of hard constraint.
type ConstraintKind string

// The kinds of hard constraints.
const (
	ByAdmission ConstraintKind = "admission" // a policy denies it
	ByRule      ConstraintKind = "rule"      // a rule of the importing program denies it
	ByState     ConstraintKind = "state"     // the site is down, or cordoned and not the current one
	ByRuntime   ConstraintKind = "runtime"   // the site does not run workloads of the kind
	BySelector  ConstraintKind = "selector"  // pin, tier or label
	ByCapacity  ConstraintKind = "capacity"
	ByLatency   ConstraintKind = "latency" // a flow's bound is missed, or no way is known at all
	ByPath      ConstraintKind = "path"    // several flows, one after the other, miss their bound together
	ByTransit   ConstraintKind = "transit" // the flow's data is restricted, and no way is known that it may take
	BySpread    ConstraintKind = "spread"
	ByConflict  ConstraintKind = "conflict"
	ByAffinity  ConstraintKind = "affinity"
	ByGang      ConstraintKind = "gang"
	ByBudget    ConstraintKind = "budget"
	ByReference ConstraintKind = "reference" // the assignment names an unknown workload or site
)

// Violation is one broken constraint, with the numbers.
type Violation struct {
	Kind      ConstraintKind  `json:"kind"`
	Workloads []WorkloadID    `json:"workloads,omitempty"` // whom it concerns, in order
	Site      topology.SiteID `json:"site,omitempty"`
	Message   string          `json:"message"`
	// Have and Want are the numbers behind it in base units where there are any: use and capacity, latency and bound,
	// values found and asked for. Have is -1 where unknown.
	Have    int64    `json:"have,omitempty"`
	Want    int64    `json:"want,omitempty"`
	Unit    string   `json:"unit,omitempty"` // mcpu, bytes, us, ...
	Reasons []Reason `json:"reasons,omitempty"`
	// Before is Have under Problem.Current, zero where that keeps the constraint. Inherited says that Current breaks it at
	// least as badly: the assignment does not make it worse. Only [Check] fills these in.
	Before    int64 `json:"before,omitempty"`
	Inherited bool  `json:"inherited,omitempty"`
}
