package latency

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/domicile-eu/domicile/topology"
)

// ErrInvalid is wrapped by every defect of options, observations and links.
var ErrInvalid = errors.New("invalid latency data")

// Graph is the latency graph of one version of a continuum. It is immutable but for the rows that it remembers, and safe
// for concurrent use. Rows are kept once computed, up to about 256 MiB of them; then the older half is forgotten, and
// computed anew where it is asked for again.
//
// Routes over 71 minutes (2^32 microseconds) are not found. Sites that are down still pass traffic on, see [topology.State].
type Graph struct {
	continuum *topology.Continuum
	fresh     freshness

	ids     []topology.NodeID // sorted; a node's index stands for it everywhere below
	index   map[topology.NodeID]int32
	country []topology.Jurisdiction

	links     []*topology.Link // those fresh enough to carry routes, in order of ID
	ends      [][2]int32       // nodes A and B of each link
	egress    []topology.MicroEUR
	shapes    []shape
	cumulants []cumulants
	errors    [][3]float64 // see errorOf, at p50, p95 and p99
	rule      *rule

	observed  map[int32][]observed // by either end, then in order of the other
	estimator Estimator            // nil: none

	mu    sync.Mutex
	views map[Transit]*view
	rows  map[rowKey]*Row
	order []rowKey  // of the rows with steps of their own, oldest first
	heaps sync.Pool // of *heap
	sums  sync.Pool // of *egressSums
	// rowBytes is mostRowBytes; tests make do with less.
	rowBytes int
}

// New builds the graph of a continuum: O(n log n) in nodes and links, plus a fit of three percentiles per link. nil
// options are the defaults. The error names every observation of an unknown node or with a malformed round trip, every
// such link, and options that cannot be; each wraps [ErrInvalid].
func New(c *topology.Continuum, opts *Options) (*Graph, error) {
	if opts == nil {
		opts = &Options{}
	}
	g := &Graph{
		continuum: c,
		rule:      newRule(),
		observed:  map[int32][]observed{},
		estimator: opts.Estimator,
		views:     map[Transit]*view{},
		rows:      map[rowKey]*Row{},
		rowBytes:  mostRowBytes,
	}
	g.heaps.New = func() any { return new(heap) }
	f, err := opts.freshness(c)
	g.fresh = f
	defects := []error{err}
	g.indexNodes()
	defects = append(defects, g.takeLinks(f)...)
	defects = append(defects, g.takeObservations(opts.Observations, f)...)
	if err := errors.Join(defects...); err != nil {
		return nil, err
	}
	return g, nil
}

// mostRowBytes is about how much memory the rows that are kept take. Who holds rows of all origins holds them himself.
const mostRowBytes = 256 << 20

// keep keeps a row, and forgets others where there are too many. The caller holds mu.
func (g *Graph) keep(k rowKey, r *Row) {
	g.rows[k] = r
	if r.base != nil {
		return
	}
	const perNode = 8 + 8 + 1 // steps, tails and whether they are the same
	g.order = append(g.order, k)
	if len(g.order) <= max(1, g.rowBytes/(perNode*len(g.ids))) {
		return
	}
	for k, r := range g.rows { // those that share steps are made in no time
		if r.base != nil {
			delete(g.rows, k)
		}
	}
	half := (len(g.order) + 1) / 2
	for _, old := range g.order[:half] {
		delete(g.rows, old)
	}
	g.order = append([]rowKey(nil), g.order[half:]...)
}

// Continuum returns what the graph was built from.
func (g *Graph) Continuum() *topology.Continuum { return g.continuum }

func (o *Options) freshness(c *topology.Continuum) (freshness, error) {
	f := freshness{asOf: o.AsOf, maxAge: o.MaxAge}
	if f.asOf.IsZero() {
		f.asOf = c.AsOf()
	}
	if f.maxAge < 0 {
		return f, fmt.Errorf("%w: MaxAge is negative: %v", ErrInvalid, f.maxAge)
	}
	if f.maxAge > 0 && f.asOf.IsZero() {
		return f, fmt.Errorf("%w: MaxAge needs AsOf, here or in the continuum", ErrInvalid)
	}
	return f, nil
}

// indexNodes numbers all nodes in order of ID.
func (g *Graph) indexNodes() {
	c := g.continuum
	type node struct {
		id      topology.NodeID
		country topology.Jurisdiction
	}
	nodes := make([]node, 0, c.NumNodes())
	for s := range c.Sites() {
		nodes = append(nodes, node{s.ID.Node(), s.Country})
	}
	for a := range c.AccessPoints() {
		nodes = append(nodes, node{a.ID.Node(), a.Country})
	}
	for x := range c.Exchanges() {
		nodes = append(nodes, node{x.ID, x.Country})
	}
	slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(a.id, b.id) })
	g.index = make(map[topology.NodeID]int32, len(nodes))
	for i, n := range nodes {
		g.ids = append(g.ids, n.id)
		g.country = append(g.country, n.country)
		g.index[n.id] = int32(i)
	}
}

// takeLinks fits the links that are fresh. A link from a node to itself carries no route.
func (g *Graph) takeLinks(f freshness) (defects []error) {
	fitted := map[topology.RTT]int{} // links often share their figures
	for l := range g.continuum.Links() {
		a, okA := g.index[l.A]
		b, okB := g.index[l.B]
		if !okA || !okB {
			defects = append(defects, fmt.Errorf("%w: link %s: unknown node in %s--%s", ErrInvalid, l.ID, l.A, l.B))
			continue
		}
		if err := l.RTT.Check(); err != nil {
			defects = append(defects, fmt.Errorf("%w: link %s: rtt: %w", ErrInvalid, l.ID, err))
			continue
		}
		if a == b || !f.link(l) {
			continue
		}
		i, ok := fitted[l.RTT]
		if !ok {
			i = len(g.links)
			fitted[l.RTT] = i
		}
		g.fit(l.RTT, i)
		g.links = append(g.links, l)
		g.ends = append(g.ends, [2]int32{a, b})
		g.egress = append(g.egress, l.Egress)
	}
	return defects
}

// fit appends the distribution of a link, which is that of link i if there already is one of that index.
func (g *Graph) fit(r topology.RTT, i int) {
	if i < len(g.links) {
		g.shapes = append(g.shapes, g.shapes[i])
		g.cumulants = append(g.cumulants, g.cumulants[i])
		g.errors = append(g.errors, g.errors[i])
		return
	}
	s := newShape(r)
	c := g.rule.of(&s)
	g.shapes = append(g.shapes, s)
	g.cumulants = append(g.cumulants, c)
	g.errors = append(g.errors, [3]float64{mismatch(&s, &c, P50.z()), mismatch(&s, &c, z95), mismatch(&s, &c, z99)})
}

// via returns the node at the other end of a link.
func (g *Graph) via(link, node int32) int32 {
	e := g.ends[link]
	return e[0] ^ e[1] ^ node
}

// unknown is what a percentile is where nobody knows it: it satisfies no bound.
const unknown topology.Micros = math.MaxInt64
