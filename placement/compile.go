package placement

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// compiled is a problem in numbers, with the way back to the names.
type compiled struct {
	ctx   context.Context
	p     *Problem
	in    Scope
	graph *latency.Graph
	tiers Objective

	sites     []*topology.Site // in order of ID
	siteAt    map[topology.SiteID]int32
	workloads []*Workload // in order of the applications: these are the items
	appOf     []int32     // by workload
	current   []int32     // by workload: its site, or -1
	classes   []*class
	classOf   []int32 // by workload
	dims      []topology.Dimension

	transits map[DataClass]latency.Transit
	access   map[accessKey]*accessRow
	pairs    map[pairsKey]int32
	filters  map[string]bitset
	demands  map[string]*tariffs
	numbers  map[Domain]int32 // index in out.Domains
	shapes   map[string]*problem.Class
	lists    map[uint64][]siteList
	columns  map[uint64][]*sparse
	items    [][]int32 // by class, once asked for

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
	points  *sparse // preference; nil where all are zero
	rules   *sparse // cost of the rules; nil where all are zero
	admits  bitset  // sites that pass everything
	denied  bitset  // sites that admission refuses; nil until somebody asks about all of them
}

// compile turns a problem into numbers. Admission is asked once for each class of identical workloads, about the sites
// that nothing else refuses. O(classes x sites) and the cost of the judgements.
func compile(ctx context.Context, p *Problem) (*compiled, error) {
	if err := validate(p); err != nil {
		return nil, err
	}
	c := &compiled{
		ctx: ctx, p: p, in: p.scope(), tiers: p.objective(), siteAt: make(map[topology.SiteID]int32),
		transits: make(map[DataClass]latency.Transit), access: make(map[accessKey]*accessRow), pairs: make(map[pairsKey]int32),
		filters: make(map[string]bitset), demands: make(map[string]*tariffs), numbers: make(map[Domain]int32),
		shapes: make(map[string]*problem.Class), lists: make(map[uint64][]siteList), columns: make(map[uint64][]*sparse),
		out: &problem.Problem{},
	}
	var err error
	if c.graph, err = p.graph(); err != nil {
		return nil, err
	}
	for s := range p.Continuum.Sites() {
		c.siteAt[s.ID] = int32(len(c.sites))
		c.sites = append(c.sites, s)
	}
	c.listWorkloads()
	for _, step := range []func() error{c.setObjective, c.setCapacity, c.judgeClasses, c.setGroups, c.imply, c.priceClasses, c.setMoves, c.setFlows, c.finish} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c, nil
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
	c.out.Tiers = len(c.tiers)
	if len(c.tiers) > problem.MaxTiers {
		return fmt.Errorf("%w: objective: %d tiers, at most %d are supported", ErrInvalid, len(c.tiers), problem.MaxTiers)
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
			case Unplaced, Moves:
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
	for dim := range demanded {
		c.dims = append(c.dims, dim)
	}
	slices.Sort(c.dims)
	c.out.Dims = len(c.dims)
	loaded := c.out.LoadWeight != problem.Value{}
	for _, s := range c.sites {
		for _, dim := range c.dims {
			capacity := s.Capacity[dim]
			if !loaded {
				capacity = min(capacity, problem.Most) // no sum of demands gets there
			}
			c.out.Capacity = append(c.out.Capacity, capacity)
		}
	}
	return nil
}

// setMoves prices leaving the current site.
func (c *compiled) setMoves() error {
	c.out.Near = make([]int32, len(c.sites))
	providers := make(map[topology.ProviderID]int32)
	for k, s := range c.sites {
		if _, ok := providers[s.Provider]; !ok {
			providers[s.Provider] = int32(len(providers))
		}
		c.out.Near[k] = providers[s.Provider]
	}
	priced := false
	for _, tier := range c.tiers {
		for _, term := range tier.Terms {
			priced = priced || term.Kind == Moves && term.Weight > 0
		}
	}
	if !priced || len(c.p.Current) == 0 {
		return nil
	}
	type key struct {
		cost  topology.MicroEUR
		bytes int64
		from  int32
	}
	known := make(map[key]int32)
	for i, w := range c.workloads {
		from := c.current[i]
		c.out.MoveOf = append(c.out.MoveOf, -1)
		if from < 0 {
			continue
		}
		bytes, ok := copied(w)
		if !ok {
			return tooLarge(w, "the bytes to copy")
		}
		k := key{w.MoveCost, bytes, from}
		if _, ok := known[k]; !ok {
			m, err := c.move(w, bytes, from)
			if err != nil {
				return err
			}
			known[k] = int32(len(c.out.Moves))
			c.out.Moves = append(c.out.Moves, m)
		}
		c.out.MoveOf[i] = known[k]
	}
	return nil
}

func copied(w *Workload) (int64, bool) {
	memory := w.Migration.Memory
	if memory == 0 {
		memory = w.Demand[topology.Memory]
	}
	return memory + w.Migration.Disk, memory <= math.MaxInt64-w.Migration.Disk
}

func (c *compiled) move(w *Workload, bytes int64, from int32) (problem.Move, error) {
	const bytesPerGB, hoursAMonth = 1_000_000_000, 720
	m := problem.Move{From: from}
	transfer, ok := mulDivUp(bytes, int64(c.sites[from].Egress), 1, bytesPerGB)
	if !ok || transfer > math.MaxInt64-int64(w.MoveCost) {
		return m, tooLarge(w, "the cost of a move")
	}
	for t, tier := range c.tiers {
		for _, term := range tier.Terms {
			if term.Kind != Moves {
				continue
			}
			near, ok := mulDivUp(int64(w.MoveCost), term.Weight, 1, hoursAMonth)
			far, fine := mulDivUp(int64(w.MoveCost)+transfer, term.Weight, 1, hoursAMonth)
			if !ok || !fine {
				return m, tooLarge(w, "the cost of a move")
			}
			m.Near[t], m.Far[t] = near, far
		}
	}
	return m, nil
}

func tooLarge(w *Workload, what string) error {
	return fmt.Errorf("%w: workload %s: %s does not fit 64 bits", ErrInvalid, w.ID, what)
}
