package placement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// The files check_*.go are the independent side of this package: they judge and explain assignments straight from the
// domain objects, and use nothing of the search (a test sees to it). Where they and the search disagree about what a
// placement is worth or breaks, one of the two is wrong.

// checker is a problem with one assignment, indexed so that a judgement looks only at what it concerns. It lives as long
// as one call and holds that call's context and caches.
type checker struct {
	ctx   context.Context
	p     *Problem
	scope Scope
	graph *latency.Graph
	// objective is the terms of all tiers, and from budgeted on those of the cost budgets.
	objective []checkTerm
	budgeted  int
	tiers     []string
	costs     []checkCost
	spent     []int64 // what the cost budgets come to, once somebody asked
	// brief leaves out what is only for people and takes time: policy reasons and forbidden routes.
	brief bool

	items    []*checkItem // in order of ID
	byID     map[WorkloadID]*checkItem
	flows    []*checkFlow
	sets     []*checkSet
	paths    []*checkPath
	classes  []*checkClass
	stray    []Violation // entries of the assignment that name nothing
	transits map[DataClass]latency.Transit
	rows     map[checkRow]*latency.Row
	*checkTally
}

// checkItem is one workload.
type checkItem struct {
	w       *Workload
	class   *checkClass
	site    *topology.Site // nil: not placed
	current *topology.Site // where it runs now; nil: nowhere
	in, out []*checkFlow   // into its component, out of its component
	sets    []*checkSet    // constraints over its component
	paths   []*checkPath   // through its component
	batch   *checkBatch    // its component
}

// checkFlow is one flow between all replicas.
type checkFlow struct {
	*Flow
	percentile latency.Percentile
	from       []*checkItem // none: from an access point
	to         []*checkItem
	share      int64 // bit/s of each pair
}

// checkSet is one constraint over several workloads.
type checkSet struct {
	constraint Constraint
	items      []*checkItem // of its Components
	with       []*checkItem // of Affinity.With
}

type checkRow struct {
	origin  topology.NodeID
	transit latency.Transit
}

// newChecker validates the problem and indexes it with the assignment.
func newChecker(ctx context.Context, p *Problem, a Assignment) (*checker, error) {
	if err := validate(p); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	graph, err := p.graph()
	if err != nil {
		return nil, err
	}
	c := &checker{
		ctx: ctx, p: p, scope: p.scope(), graph: graph,
		byID:     make(map[WorkloadID]*checkItem),
		transits: make(map[DataClass]latency.Transit),
		rows:     make(map[checkRow]*latency.Row),
		checkTally: &checkTally{
			use: make(map[topology.SiteID]topology.Resources), coming: make(map[topology.SiteID]topology.Resources), batches: []int{0},
		},
	}
	for i, tier := range p.objective() {
		c.tiers = append(c.tiers, tier.Name)
		for _, term := range tier.Terms {
			c.objective = append(c.objective, checkTerm{Term: term, tier: i})
		}
	}
	c.budgeted = len(c.objective)
	classes := make(map[string]*checkClass)
	for i := range p.Applications {
		c.indexApplication(&p.Applications[i], classes)
	}
	slices.SortFunc(c.items, func(a, b *checkItem) int { return cmp.Compare(a.w.ID, b.w.ID) })
	c.indexBudgets()
	c.indexHomes()
	c.assign(a)
	return c, nil
}

func (c *checker) indexApplication(app *Application, classes map[string]*checkClass) {
	components := make(map[string][]*checkItem)
	gather := func(names []string) []*checkItem {
		if len(names) == 1 {
			return components[names[0]]
		}
		var items []*checkItem
		for _, name := range names {
			items = append(items, components[name]...)
		}
		return items
	}
	for i := range app.Workloads {
		w := &app.Workloads[i]
		key := classKey(w)
		class := classes[key]
		if class == nil {
			class = &checkClass{
				w:        w,
				verdicts: make(map[topology.SiteID]Verdict),
				rules:    make(map[topology.SiteID]checkRuling),
				reasons:  make(map[topology.SiteID][]Reason),
			}
			classes[key] = class
			c.classes = append(c.classes, class)
		}
		it := &checkItem{w: w, class: class}
		it.current, _ = c.p.Continuum.Site(c.p.Current[w.ID])
		if replicas := components[w.Component]; len(replicas) > 0 {
			it.batch = replicas[0].batch
		} else {
			it.batch = &checkBatch{}
		}
		components[w.Component] = append(components[w.Component], it)
		c.items = append(c.items, it)
		c.byID[w.ID] = it
	}
	for i := range app.Flows {
		c.indexFlow(&app.Flows[i], components)
	}
	for _, constraint := range app.Constraints {
		if path, ok := constraint.(Path); ok {
			c.indexPath(app, path, components)
			continue
		}
		set := &checkSet{constraint: constraint}
		switch k := constraint.(type) {
		case Spread:
			set.items = gather(k.Components)
		case Conflict:
			set.items = gather(k.Components)
		case Affinity:
			set.items, set.with = gather(k.Components), gather(k.With)
		case Gang:
			set.items = gather(k.Components)
		}
		c.sets = append(c.sets, set)
		for _, items := range [][]*checkItem{set.items, set.with} {
			for _, it := range items {
				it.sets = append(it.sets, set)
			}
		}
	}
}

func (c *checker) indexFlow(flow *Flow, components map[string][]*checkItem) {
	f := &checkFlow{Flow: flow, percentile: flow.Percentile, from: components[flow.FromComponent], to: components[flow.To]}
	if f.percentile == 0 {
		f.percentile = latency.P95
	}
	pairs := int64(len(f.to))
	switch {
	case flow.FromComponent == flow.To:
		pairs *= pairs - 1
	case flow.FromComponent != "":
		pairs *= int64(len(f.from))
	}
	if pairs > 0 {
		f.share = flow.Rate / pairs
		if flow.Rate%pairs != 0 {
			f.share++
		}
	}
	for _, it := range f.from {
		it.out = append(it.out, f)
	}
	for _, it := range f.to {
		it.in = append(it.in, f)
	}
	c.flows = append(c.flows, f)
}

// indexHomes adds up what workloads take where they run now.
func (c *checker) indexHomes() {
	if len(c.p.Transient) == 0 {
		return
	}
	c.home = make(map[topology.SiteID]topology.Resources)
	for _, it := range c.items {
		if it.current == nil {
			continue
		}
		home := amountsAt(c.home, it.current)
		for _, dim := range c.p.Transient {
			home[dim] += it.w.Demand[dim]
		}
	}
}

// assign places the workloads, and notes what the assignment names that does not exist.
func (c *checker) assign(a Assignment) {
	for _, id := range slices.Sorted(maps.Keys(a)) {
		it, known := c.byID[id]
		s, exists := c.p.Continuum.Site(a[id])
		if known && exists {
			c.put(it, s)
			continue
		}
		v := Violation{Kind: ByReference, Workloads: []WorkloadID{id}, Site: a[id]}
		switch {
		case known:
			v.Message = fmt.Sprintf("there is no site %q", a[id])
		case exists:
			v.Message = fmt.Sprintf("there is no workload %q", id)
		default:
			v.Message = fmt.Sprintf("there is neither a workload %q nor a site %q", id, a[id])
		}
		c.stray = append(c.stray, v)
	}
}

// pairs yields the ends of the flow whose workloads are placed: from is nil where the flow comes from an access point.
func (f *checkFlow) pairs(yield func(from, to *checkItem) bool) {
	for _, to := range f.to {
		if !f.into(to, func(from *checkItem) bool { return yield(from, to) }) {
			return
		}
	}
}

// into yields the sending ends of the flow for one receiving replica, where both are placed.
func (f *checkFlow) into(to *checkItem, yield func(from *checkItem) bool) bool {
	switch {
	case to.site == nil:
		return true
	case f.FromAccess != "":
		return yield(nil)
	}
	for _, from := range f.from {
		if from != to && from.site != nil && !yield(from) {
			return false
		}
	}
	return true
}

// touching yields the pairs of all flows that have the workload at one end. It must be placed.
func (it *checkItem) touching(yield func(f *checkFlow, from, to *checkItem) bool) {
	for _, f := range it.in {
		if !f.into(it, func(from *checkItem) bool { return yield(f, from, it) }) {
			return
		}
	}
	for _, f := range it.out {
		for _, to := range f.to {
			if to != it && to.site != nil && !yield(f, it, to) {
				return
			}
		}
	}
}

// data returns the class of the flow's data on the way to a replica.
func (f *checkFlow) data(to *checkItem) DataClass {
	if f.Data != "" {
		return f.Data
	}
	return to.w.Data
}

// origin returns the node that the flow starts from.
func (f *checkFlow) origin(from *checkItem) topology.NodeID {
	if from == nil {
		return f.FromAccess.Node()
	}
	return from.site.ID.Node()
}
