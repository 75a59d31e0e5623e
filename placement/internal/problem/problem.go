package problem

// Problem is a compiled problem. Fill the exported fields, then call Finish; after that it must not be changed.
type Problem struct {
	Items int // number of items
	Sites int // number of sites
	Dims  int // number of capacity dimensions
	Tiers int // number of tiers of the objective, at most MaxTiers

	Class   []int32 // by item: its class
	Classes []Class
	// Capacity is what sites hold: of dimension d at site s at [s*Dims+d].
	Capacity []int64
	// Unary lists the tiers in which placing an item on a site has a cost of its own, ascending.
	Unary []int

	// Moves are the costs of leaving the current site, MoveOf the index of each item's in Moves or -1; nil where no item has
	// one. Near says which sites count as near to each other: those with the same number.
	Moves  []Move
	MoveOf []int32
	Near   []int32

	// Domains are partitions of the sites: the number of each site's part.
	Domains []Domain
	Groups  []Group
	Flows   []Flow
	Pairs   []*Pairs
	Paths   []Path
	// Traffic are the terms that price flows, and LoadWeight the cost per tier of a thousandth of a capacity above four
	// fifths in use.
	Traffic    []TrafficTerm
	LoadWeight Value

	// Home is where each item runs now, -1 for nowhere; nil where nothing runs. Transient marks the dimensions in which an
	// item that leaves its home still takes room there; nil: none.
	Home      []int32
	Transient []bool

	// Excess and Balance price the use of sites. Safe is the use up to which Excess costs nothing, laid out as Capacity; nil
	// without Excess.
	Excess  []ExcessTerm
	Balance []BalanceTerm
	Safe    []int64

	// Relocations are prices of moves by where they start and end, lazily by start: Relocate returns those from a site, by
	// target. A term counts ceil(price * Weight / 720).
	Relocation []WeightedTerm
	Relocate   func(from int32) []int64
	// GroupMoves price the largest number of items of one batch that are placed elsewhere than at home, as
	// ceil(number * Weight / 720). Batch is by item, from 0 to Batches-1.
	GroupMoves []WeightedTerm
	Batch      []int32
	Batches    int

	// Quotas limit what the items on one part of a domain take; MostMoved, where LimitMoves is set, how many items are placed
	// elsewhere than at home. The last Capped of the tiers are no objective: they add up what CostBudgets count, and Caps are their limits.
	Quotas     []Quota
	LimitMoves bool
	MostMoved  int64
	Capped     int
	Caps       []int64

	// Full appends all sites that may take a class, ascending, and their costs as in Class.Cost. It is needed where a class
	// is not complete, and safe for concurrent use.
	Full func(class int32, sites []int32, cost []int64) ([]int32, []int64)

	// Component numbers what belongs together tightly (an application): items of different components share neither
	// groups nor flows nor paths.
	Component []int32
	// Part numbers the components of applications: items of one part have the same flows to all items of another. Leaving
	// is at most what one GB from a site to any other costs, Sending to any that is not Near to it. Bounds use them; nil:
	// they count no traffic.
	Part             []int32
	Leaving, Sending []int64

	index
}

// Class is items that differ in nothing but their name.
type Class struct {
	// Demand is what each item takes of each dimension.
	Demand []int64
	// Sites are those that may take an item, as far as unary constraints go, ascending. Where Complete is not set they are
	// only the most promising of them.
	Sites    []int32
	Complete bool
	// Index finds a site's position in Sites.
	Index *Set
	// Cost is what the items cost at each of Sites: for position k and the j-th of Problem.Unary at [k*len(Unary)+j]; nil
	// where all are zero.
	Cost []int64
	// Out is the cost of leaving an item out, by tier; none is negative.
	Out Value
	// Rest is, where Complete is not set, at most what any site that is not listed costs, by tier.
	Rest Value

	order []int32 // positions by cost in the first of Problem.Unary
	least Value   // the least cost of a listed site, by tier
}

// Order returns the positions of a class by cost in the first tier in which sites differ, cheapest first; nil where all
// cost nothing.
func (c *Class) Order() []int32 { return c.order }

// Least returns at most what any listed site costs, by tier.
func (c *Class) Least() *Value { return &c.least }

// Move is the cost of running elsewhere than at the current site.
type Move struct {
	From      int32
	Near, Far Value // to a site that is Near to From, and to any other; none is negative
}

// Domain is a partition of the sites.
type Domain struct {
	Of    []int32 // by site
	Parts int
}

// TrafficTerm prices flows: a flow of so many bit/s costs ceil(rate * Factor * egress / 10^9) in Tier.
type TrafficTerm struct {
	Tier   int
	Factor int64
}

// ExcessTerm costs ceil(max(0, use - safe) * Weight / Per) of a dimension at each site.
type ExcessTerm struct {
	Tier, Dim   int
	Weight, Per int64
}

// BalanceTerm costs ceil(max(0, Ratio*free(Dim) - free(Against)) * Weight / Per) at each site.
type BalanceTerm struct {
	Tier, Dim, Against int
	Ratio, Weight, Per int64
}

// WeightedTerm is a term that needs no more than its weight.
type WeightedTerm struct {
	Tier   int
	Weight int64
}

// Quota allows the items on any one part of a domain to take at most Limit of a dimension.
type Quota struct {
	Domain int32
	Dim    int
	Limit  int64
}

// Flow is traffic from one item to another that holds while both are placed.
type Flow struct {
	From, To int32
	Pairs    int32 // index in Problem.Pairs
	Bound    int32 // greatest latency in microseconds, below Unknown
	Rate     int64 // bit/s
}

// GroupKind says what a group demands of its placed members.
type GroupKind uint8

// The kinds of groups.
const (
	Spread   GroupKind = iota // members on at least Limit parts, or as many as members are placed
	Conflict                  // at most Limit members on any part
	Together                  // all members on one part
	Attend                    // every member on a part where one of With is
	Gang                      // all members placed, or none
)

// Group is a constraint over the parts of a domain on which members are.
type Group struct {
	Kind    GroupKind
	Domain  int32 // index in Problem.Domains; any for Gang
	Limit   int32
	Members []int32
	With    []int32 // of Attend only; shares no item with Members
}
