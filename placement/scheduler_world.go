package placement

import (
	"cmp"
	"context"
	"maps"
	"math"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// schedWorld is all that stays the same from one [Scheduler.Update] to the next: the sites, the objective, the shadow
// prices and what is known of workload shapes. It is immutable but for its memo, which a mutex guards.
type schedWorld struct {
	problem   Problem // without applications
	cert      *Certificate
	sites     []*topology.Site
	siteAt    map[topology.SiteID]int32
	graph     *latency.Graph
	tiers     Objective
	deciding  int
	unary     []int
	dims      []topology.Dimension
	transient []bool  // by dimension; nil: none
	capacity  []int64 // by site and dimension
	prices    []int64 // shadow prices by site and dimension, 2^-bound.CapacityBits; nil: none
	near      []int32 // the number of each site's provider
	mostMoved int64   // the limit of moves; -1: none
	shares    []schedShare
	terms     []schedTerm
	// What the terms that are not known beforehand come to is never below zero, unless lowers is set; where early is set,
	// they count in a tier before the deciding one.
	lowers, early bool

	shapes shapeMemo
}

// schedTerm is a term that looks at the use of sites, on flows or at where a workload comes from.
type schedTerm struct {
	Term
	tier, dim, against int
}

func newSchedWorld(ctx context.Context, p *Problem, prices *Certificate, shapes int) (*schedWorld, error) {
	bare := *p
	bare.Applications, bare.Current = nil, nil // compiled knows no workloads
	c, err := newCompiled(ctx, &bare, nil)
	if err != nil {
		return nil, err
	}
	bare.Latency = c.graph
	if err := c.setObjective(); err != nil {
		return nil, err
	}
	w := &schedWorld{
		problem: bare, sites: c.sites, siteAt: c.siteAt, graph: c.graph, tiers: c.tiers,
		unary: c.out.Unary,
	}
	w.setDimensions(p)
	c.dims, c.out.Dims, c.out.Capacity = w.dims, len(w.dims), w.capacity
	w.setDeciding()
	w.setTerms()
	w.setPrices(prices)
	providers := make(map[topology.ProviderID]int32)
	for _, s := range w.sites {
		if _, ok := providers[s.Provider]; !ok {
			providers[s.Provider] = int32(len(providers))
		}
		w.near = append(w.near, providers[s.Provider])
	}
	w.problem.Current = maps.Clone(p.Current)
	w.cert = prices
	w.shapes.compiled, w.shapes.most = c, shapes
	w.shapes.shapes, w.shapes.domains = make(map[string]*schedShape), make(map[Domain][]int32)
	return w, w.setBudgets()
}

// setDimensions lists what sites have; a workload that demands anything else fits nowhere.
func (w *schedWorld) setDimensions(p *Problem) {
	known := make(map[topology.Dimension]bool)
	for _, s := range w.sites {
		for dim := range s.Capacity {
			known[dim] = true
		}
	}
	w.dims = slices.Sorted(maps.Keys(known))
	for _, dim := range p.Transient {
		if k, ok := slices.BinarySearch(w.dims, dim); ok {
			if w.transient == nil {
				w.transient = make([]bool, len(w.dims))
			}
			w.transient[k] = true
		}
	}
	for _, s := range w.sites {
		for _, dim := range w.dims {
			w.capacity = append(w.capacity, s.Capacity[dim])
		}
	}
}

// setDeciding finds the first tier in which sites differ for a workload, by itself or by their use; the last one where
// there is none. The tiers before it are never among the unary ones.
func (w *schedWorld) setDeciding() {
	w.deciding = len(w.tiers) - 1
	for t := len(w.tiers) - 1; t >= 0; t-- {
		if slices.Contains(w.unary, t) || slices.ContainsFunc(w.tiers[t].Terms, func(term Term) bool {
			return term.Weight > 0 && (term.Kind == Load || term.Kind == Excess || term.Kind == Balance)
		}) {
			w.deciding = t
		}
	}
}

// setTerms lists the terms that are not those of a shape alone.
func (w *schedWorld) setTerms() {
	index := func(dim topology.Dimension) int {
		if k, ok := slices.BinarySearch(w.dims, dim); ok {
			return k
		}
		return -1 // no site has any, so that nothing that demands it is placed
	}
	for t, tier := range w.tiers {
		for _, term := range tier.Terms {
			if term.Weight == 0 {
				continue
			}
			switch term.Kind {
			case Balance:
				w.lowers = true
			case Traffic, Moves, Load, Excess, Relocation, GroupMoves:
			default:
				continue
			}
			w.terms = append(w.terms, schedTerm{term, t, index(term.Dimension), index(term.Against)})
			w.early = w.early || t < w.deciding
		}
	}
}

func (w *schedWorld) setPrices(cert *Certificate) {
	if cert == nil || len(cert.Capacity) == 0 {
		return
	}
	w.prices = make([]int64, len(w.sites)*len(w.dims))
	for _, y := range cert.Capacity {
		at, ok := w.siteAt[y.Site]
		k, has := slices.BinarySearch(w.dims, y.Dimension)
		if ok && has {
			w.prices[int(at)*len(w.dims)+k] = max(0, y.Price)
		}
	}
}

// toll returns the shadow price of a demand at a site, rounded to the nearest unit of the deciding tier.
func (w *schedWorld) toll(demand []int64, at int32) int64 {
	if w.prices == nil {
		return 0
	}
	var hi, lo uint64
	base := int(at) * len(w.dims)
	for d, x := range demand {
		h, l := bits.Mul64(uint64(w.prices[base+d]), uint64(x))
		var carry uint64
		lo, carry = bits.Add64(lo, l, 0)
		hi, carry = bits.Add64(hi, h, carry)
		if carry != 0 {
			return math.MaxInt64
		}
	}
	const half = 1 << (bound.CapacityBits - 1)
	lo, carry := bits.Add64(lo, half, 0)
	hi += carry
	if hi >= 1<<(bound.CapacityBits-1) {
		return math.MaxInt64
	}
	return int64(hi<<(64-bound.CapacityBits) | lo>>bound.CapacityBits)
}

// schedShape is what is known of a workload shape whatever else is placed: all workloads that differ in nothing but their
// ID have the same.
type schedShape struct {
	demand []int64
	has    bitset
	sites  []int32 // that pass every unary constraint, best first
	// lead is cost and toll in the deciding tier, by position in sites; cost is the cost in each of the unary tiers.
	lead []int64
	toll []int64
	cost []int64

	class *class      // for reports; guarded by the memo
	used  atomic.Bool // since the clock last came by
}

// shapeMemo holds the shapes that were asked for last. When there are too many, one that was not used since the clock
// last came by makes room.
type shapeMemo struct {
	most   int
	mu     sync.RWMutex // guards the three below, for a moment only
	shapes map[string]*schedShape
	clock  []string
	hand   int

	compiling sync.Mutex // guards the rest
	compiled  *compiled
	made      int // since the caches of compiled were cleared
	domains   map[Domain][]int32
}

// transit asks which way a class of data may travel.
func (m *shapeMemo) transit(ctx context.Context, class DataClass) (latency.Transit, error) {
	m.compiling.Lock()
	defer m.compiling.Unlock()
	c := *m.compiled
	c.ctx = ctx
	return c.transit(class)
}

// domain returns the number of each site's part of a domain.
func (m *shapeMemo) domain(d Domain) []int32 {
	m.compiling.Lock()
	defer m.compiling.Unlock()
	of, ok := m.domains[d]
	if !ok {
		of = m.compiled.out.Domains[m.compiled.domain(d)].Of
		m.domains[d] = of
	}
	return of
}

// refusedBy names a kind of unary constraint that refuses a site to a shape.
func (m *shapeMemo) refusedBy(s *schedShape, at int32) ConstraintKind {
	m.compiling.Lock()
	defer m.compiling.Unlock()
	cl := *s.class
	cl.denied = newBitset(len(m.compiled.sites)) // what nothing else refuses, admission does
	if kinds := m.compiled.refusalsAlone(&cl, at); len(kinds) > 0 {
		return kinds[0]
	}
	return ByAdmission
}

// find returns the shape of a workload, compiled if need be: one at a time, while others find theirs.
func (m *shapeMemo) find(ctx context.Context, w *schedWorld, app *Application, load *Workload, key string, stays int32) (*schedShape, error) {
	if s := m.known(key); s != nil {
		return s, nil
	}
	m.compiling.Lock()
	defer m.compiling.Unlock()
	if s := m.known(key); s != nil {
		return s, nil
	}
	s, err := m.compile(ctx, w, app, load, stays)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, s)
	return s, nil
}

func (m *shapeMemo) known(key string) *schedShape {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s := m.shapes[key]
	if s != nil && !s.used.Load() {
		s.used.Store(true)
	}
	return s
}

func (m *shapeMemo) keep(key string, s *schedShape) {
	if len(m.clock) < m.most {
		m.clock = append(m.clock, key)
		m.shapes[key] = s
		return
	}
	for ; m.shapes[m.clock[m.hand]].used.Load(); m.hand = (m.hand + 1) % len(m.clock) {
		m.shapes[m.clock[m.hand]].used.Store(false)
	}
	delete(m.shapes, m.clock[m.hand])
	m.clock[m.hand], m.shapes[key] = key, s
	m.hand = (m.hand + 1) % len(m.clock)
}

// compile judges and prices one workload on all sites. O(sites log sites) and one question to Admission.
func (m *shapeMemo) compile(ctx context.Context, w *schedWorld, app *Application, load *Workload, stays int32) (*schedShape, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m.made++; m.made > m.most {
		// The caches grow with every demand and every origin of traffic that was ever seen. What shapes need they have.
		m.made = 0
		clear(m.compiled.filters)
		clear(m.compiled.demands)
		clear(m.compiled.access)
		clear(m.compiled.columns)
	}
	c := *m.compiled
	asked := w.problem
	asked.Applications = []Application{*app}
	c.ctx, c.p = ctx, &asked
	cl := &class{w: load, stays: stays}
	for dim, amount := range load.Demand {
		if _, heard := slices.BinarySearch(w.dims, dim); !heard && amount > 0 {
			c.filters["demand "+demandKey(load.Demand)] = newBitset(len(w.sites)) // no site has any
		}
	}
	c.classes = []*class{cl}
	if err := c.judgeClasses(); err != nil {
		return nil, err
	}
	s := &schedShape{demand: cl.tariffs.demand, has: cl.admits, class: cl}
	sites := cl.admits.list(nil)
	cost, err := c.column(cl, sites, nil)
	if err != nil {
		return nil, err
	}
	s.order(w, sites, cost)
	return s, nil
}

// order sorts the sites by what is known of them.
func (s *schedShape) order(w *schedWorld, sites []int32, cost []int64) {
	n, u := len(sites), len(w.unary)
	lead, toll, order := make([]int64, n), make([]int64, n), make([]int32, n)
	later := 0 // the first of the unary tiers behind the deciding one
	if u > 0 && w.unary[0] == w.deciding {
		later = 1
	}
	for k, at := range sites {
		order[k] = int32(k)
		toll[k] = w.toll(s.demand, at)
		if later > 0 {
			lead[k] = cost[k*u]
		}
		lead[k] = addUp(lead[k], toll[k])
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := cmp.Compare(lead[a], lead[b]); c != 0 {
			return c
		}
		if c := slices.Compare(cost[int(a)*u+later:int(a)*u+u], cost[int(b)*u+later:int(b)*u+u]); c != 0 {
			return c
		}
		return int(a - b)
	})
	for _, k := range order {
		s.sites = append(s.sites, sites[k])
		s.lead = append(s.lead, lead[k])
		s.toll = append(s.toll, toll[k])
		s.cost = append(s.cost, cost[int(k)*u:int(k)*u+u]...)
	}
}

// value returns what a position costs that is known beforehand, by tier, its toll included.
func (s *schedShape) value(w *schedWorld, pos int) (v problem.Value) {
	u := len(w.unary)
	for j, t := range w.unary {
		v[t] = s.cost[pos*u+j]
	}
	v[w.deciding] = s.lead[pos]
	return v
}

// ShadowPrices returns what more capacity would be worth in the first tier in which sites differ, as in the certificate
// of that tier's bound: what [NewScheduler] charges workloads for what they take. It costs what the bound of a solve
// costs, so that a program may do it now and then and beside its decisions.
func ShadowPrices(ctx context.Context, p *Problem) (*Certificate, error) {
	c, err := compile(ctx, p)
	if err != nil {
		return nil, err
	}
	tier := c.decidingTier()
	_, first := c.firstBounds(ctx, tier)
	y := first[tier]
	if y == nil {
		return &Certificate{}, nil
	}
	cert := c.certificate(tier, y)
	if cert == nil {
		cert = &Certificate{}
	}
	return cert, nil
}
