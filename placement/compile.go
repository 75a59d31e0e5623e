package placement

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// compiled is a problem in numbers, with the way back to the names.
type compiled struct {
	ctx   context.Context
	p     *Problem
	in    Scope
	graph *latency.Graph
	tiers Objective // of the objective, and behind them one per CostBudget

	sites     []*topology.Site // in order of ID
	siteAt    map[topology.SiteID]int32
	workloads []*Workload // in order of the applications, which are in order of name: these are the items
	appOf     []int32     // by workload
	current   []int32     // by workload: its site, or -1
	classes   []*class
	classOf   []int32 // by workload
	dims      []topology.Dimension

	transits   map[DataClass]latency.Transit
	access     map[accessKey]*accessRow
	pairs      map[pairsKey]int32
	filters    map[string]bitset
	demands    map[string]*tariffs
	numbers    map[Domain]int32 // index in out.Domains
	columns    map[uint64][]*sparse
	items      [][]int32    // by class, once asked for
	accessRows []*accessRow // of access, in order of appearance

	hint Assignment // where a search starts; nil: where workloads run now

	lists   []problem.Class // by shape of class
	shapeOf []int32         // by class
	listed  int             // the first classes, which listWorkloads has found; the others follow from constraints
	proven  []*bound.Prices // by tier: what proves the bound of the last answer
	packed  bool            // the last answer was also looked for with capacities kept whole
	given   *Options        // what a solver was asked for, of which it does a part; nil: all
	last    *memo           // what is known from the problem before; nil: nothing

	out *problem.Problem
}

// class is workloads that differ in nothing but their ID, and in where they run if that matters to what is admissible.
type class struct {
	w       *Workload
	app     int32
	stays   int32    // a cordoned site that its workloads run on, -1
	filters []filter // of the facts and rules
	flows   []accessFlow
	tariffs *tariffs
	points  *sparse     // preference; nil where all are zero
	rules   *sparse     // cost of the rules; nil where all are zero
	admits  bitset      // sites that pass everything
	judged  bitset      // the same before constraints over several workloads took any away; nil where they did not
	verdict *verdictRow // nil where admission does not tell its classes
	denied  bitset      // sites that admission refuses; nil until somebody asks about all of them
}

// compile turns a problem into numbers. Admission is asked once for each class of identical workloads, about the sites
// that nothing else refuses. O(classes x sites) and the cost of the judgements.
func compile(ctx context.Context, p *Problem) (*compiled, error) {
	return recompile(ctx, p, nil)
}

// recompile compiles a problem with what is known from the one before.
func recompile(ctx context.Context, p *Problem, before *compiled) (*compiled, error) {
	if err := validate(p); err != nil {
		return nil, err
	}
	c, err := newCompiled(ctx, p, before)
	if err != nil {
		return nil, err
	}
	c.listWorkloads()
	for _, step := range []func() error{c.setObjective, c.setCapacity, c.match, c.judgeClasses, c.setGroups, c.imply, c.priceClasses, c.setMoves, c.setWhole, c.setBudgets, c.setFlows, c.setPaths, c.finish} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// newCompiled numbers the sites and knows nothing of workloads yet.
func newCompiled(ctx context.Context, p *Problem, before *compiled) (*compiled, error) {
	p = p.inOrder()
	c := &compiled{
		ctx: ctx, p: p, in: p.scope(), tiers: p.tiersAndBudgets(), siteAt: make(map[topology.SiteID]int32),
		transits: make(map[DataClass]latency.Transit), access: make(map[accessKey]*accessRow), pairs: make(map[pairsKey]int32),
		filters: make(map[string]bitset), demands: make(map[string]*tariffs), numbers: make(map[Domain]int32),
		columns: make(map[uint64][]*sparse),
		out:     &problem.Problem{},
	}
	for s := range p.Continuum.Sites() {
		c.siteAt[s.ID] = int32(len(c.sites))
		c.sites = append(c.sites, s)
	}
	if c.last = c.remember(before); c.last != nil {
		c.graph = before.graph
		return c, nil
	}
	var err error
	c.graph, err = p.graph()
	return c, err
}

// inOrder returns the problem with its applications in order of name, so that the order in which they come makes no
// difference to what is found.
func (p *Problem) inOrder() *Problem {
	byName := func(a, b Application) int { return cmp.Compare(a.Name, b.Name) }
	if slices.IsSortedFunc(p.Applications, byName) {
		return p
	}
	q := *p
	q.Applications = slices.SortedStableFunc(slices.Values(p.Applications), byName)
	return &q
}

// finish indexes the numbers. Sums that might overflow are the problem's fault.
func (c *compiled) finish() error {
	if err := c.out.Finish(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// listWorkloads numbers the workloads and sorts them into classes.
func (c *compiled) listWorkloads() {
	part := int32(-1)
	alike := make(map[string][]int32) // classes of the component at hand, by demand
	for a := range c.p.Applications {
		app := &c.p.Applications[a]
		for k := range app.Workloads {
			w := &app.Workloads[k]
			if k == 0 || app.Workloads[k-1].Component != w.Component {
				clear(alike)
			}
			current := c.currentOf(w)
			stays := int32(-1)
			if current >= 0 && c.sites[current].State == topology.Cordoned {
				stays = current
			}
			if k == 0 || app.Workloads[k-1].Component != w.Component {
				part++
			}
			c.out.Part = append(c.out.Part, part)
			c.workloads = append(c.workloads, w)
			c.appOf = append(c.appOf, int32(a))
			c.current = append(c.current, current)
			c.classOf = append(c.classOf, c.findClass(alike, w, int32(a), stays))
		}
	}
	c.out.Items, c.out.Sites = len(c.workloads), len(c.sites)
	c.out.Class, c.out.Component = c.classOf, c.appOf
}

// currentOf returns the site that a workload runs on, -1 where it runs nowhere or on a site that is gone.
func (c *compiled) currentOf(w *Workload) int32 {
	if id, ok := c.p.Current[w.ID]; ok {
		if at, ok := c.siteAt[id]; ok {
			return at
		}
	}
	return -1
}

// findClass returns the class of a workload among those of its component, or makes one.
func (c *compiled) findClass(alike map[string][]int32, w *Workload, app, stays int32) int32 {
	key := demandKey(w.Demand)
	for _, k := range alike[key] {
		other := *c.classes[k].w
		other.ID = w.ID
		if c.classes[k].stays == stays && reflect.DeepEqual(&other, w) {
			return k
		}
	}
	k := int32(len(c.classes))
	c.classes = append(c.classes, &class{w: w, app: app, stays: stays})
	alike[key] = append(alike[key], k)
	return k
}

// setObjective notes which tiers have which coupled terms, and in which of them sites differ for a single workload.
func (c *compiled) setObjective() error {
	c.out.Tiers, c.out.Capped = len(c.tiers), len(c.tiers)-len(c.p.objective())
	if len(c.tiers) > problem.MaxTiers {
		return fmt.Errorf("%w: objective: %d tiers and cost budgets, at most %d are supported", ErrInvalid, len(c.tiers), problem.MaxTiers)
	}
	for t, tier := range c.tiers {
		unary := false
		for _, term := range tier.Terms {
			if term.Weight == 0 {
				continue
			}
			switch term.Kind {
			case Load:
				c.out.LoadWeight[t] = term.Weight
			case Traffic:
				if term.Weight > math.MaxInt64/bytesPerHour {
					return fmt.Errorf("%w: objective: weight %d of %s is too large", ErrInvalid, term.Weight, term.Kind)
				}
				c.out.Traffic = append(c.out.Traffic, problem.TrafficTerm{Tier: t, Factor: term.Weight * bytesPerHour})
				unary = true
			case Unplaced, Moves, Excess, Balance, Relocation, GroupMoves:
			default:
				unary = true
			}
		}
		if unary {
			c.out.Unary = append(c.out.Unary, t)
		}
	}
	return nil
}

// bytesPerHour is how many bytes 1 bit/s carries in an hour.
const bytesPerHour = 450

// setCapacity lists the dimensions that anything demands and what the sites have of them.
func (c *compiled) setCapacity() error {
	demanded := make(map[topology.Dimension]bool)
	for _, w := range c.workloads {
		for dim, amount := range w.Demand {
			if amount > 0 {
				demanded[dim] = true
			}
		}
	}
	for _, tier := range c.tiers {
		for _, term := range tier.Terms {
			if term.Kind == Balance && term.Weight > 0 { // also where nobody demands them
				demanded[term.Dimension], demanded[term.Against] = true, true
			}
		}
	}
	for dim := range demanded {
		c.dims = append(c.dims, dim)
	}
	slices.Sort(c.dims)
	c.out.Dims = len(c.dims)
	// A capacity that no sum of demands reaches may be cut off, unless what is free of it counts.
	exact := c.out.LoadWeight != problem.Value{}
	for _, tier := range c.tiers {
		for _, term := range tier.Terms {
			exact = exact || term.Kind == Balance && term.Weight > 0
		}
	}
	for _, s := range c.sites {
		for _, dim := range c.dims {
			capacity := s.Capacity[dim]
			if !exact {
				capacity = min(capacity, problem.Most)
			}
			c.out.Capacity = append(c.out.Capacity, capacity)
		}
	}
	return nil
}

func tooLarge(w *Workload, what string) error {
	return fmt.Errorf("%w: workload %s: %s does not fit 64 bits", ErrInvalid, w.ID, what)
}
