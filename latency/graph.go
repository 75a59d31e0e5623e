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
	*frame
	delta
	continuum *topology.Continuum
	fresh     freshness

	mu    sync.Mutex
	rows  map[rowKey]*Row
	order []rowKey         // of the rows with steps of their own, oldest first
	stale map[rowKey]stale // rows of earlier versions, until somebody asks for them
	// rowBytes is mostRowBytes; tests make do with less.
	rowBytes int
}

// frame is what the versions of a graph share.
type frame struct {
	ids     []topology.NodeID // sorted; a node's index stands for it everywhere below
	index   map[topology.NodeID]int32
	country []topology.Jurisdiction

	lines []line // in order of ID
	rule  *rule

	options   Options
	observed  map[int32][]observed // by either end, then in order of the other
	estimator Estimator            // nil: none

	looking   sync.Mutex
	views     map[Transit]*view
	scratches stock[scratch]
	repairs   stock[repair]
	sums      sync.Pool // of *egressSums
}

// line is a link that is fresh enough to carry routes. Its index in the graph stands for it everywhere else.
type line struct {
	*topology.Link
	ends      [2]int32 // nodes A and B
	weights   weights
	shape     shape
	cumulants cumulants
	errors    [3]float64 // see errorOf, at p50, p95 and p99
}

// other returns the node at the other end.
func (l *line) other(node int32) int32 { return l.ends[0] ^ l.ends[1] ^ node }

// New builds the graph of a continuum: O(n log n) in nodes and links, plus a fit of three percentiles per link. nil
// options are the defaults. The error names every observation of an unknown node or with a malformed round trip, every
// such link, and options that cannot be; each wraps [ErrInvalid].
func New(c *topology.Continuum, opts *Options) (*Graph, error) {
	if opts == nil {
		opts = &Options{}
	}
	g := &Graph{
		frame:     &frame{rule: newRule(), observed: map[int32][]observed{}, views: map[Transit]*view{}, options: *opts, estimator: opts.Estimator},
		continuum: c,
		rows:      map[rowKey]*Row{},
		rowBytes:  mostRowBytes,
	}
	g.options.Observations = slices.Clone(opts.Observations)
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
	g.order = append(g.order, k)
	if len(g.order) <= g.mostRows() {
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

// mostRows is how many rows with steps of their own are kept.
func (g *Graph) mostRows() int {
	const perNode = 8 + 8 // steps and tails
	return max(1, g.rowBytes/(perNode*max(1, len(g.ids))))
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
		if err := g.checkLink(l); err != nil {
			defects = append(defects, err)
			continue
		}
		if l.A == l.B {
			continue
		}
		if !f.link(l) {
			if f.isAhead(l) {
				g.ahead++
			}
			continue
		}
		i, ok := fitted[l.RTT]
		if !ok {
			fitted[l.RTT] = len(g.lines)
			g.lines = append(g.lines, g.fit(l))
			continue
		}
		same := g.lines[i]
		same.Link, same.ends = l, [2]int32{g.index[l.A], g.index[l.B]}
		g.lines = append(g.lines, same)
	}
	return defects
}

func (g *frame) checkLink(l *topology.Link) error {
	_, okA := g.index[l.A]
	_, okB := g.index[l.B]
	if !okA || !okB {
		return fmt.Errorf("%w: link %s: unknown node in %s--%s", ErrInvalid, l.ID, l.A, l.B)
	}
	if err := l.RTT.Check(); err != nil {
		return fmt.Errorf("%w: link %s: rtt: %w", ErrInvalid, l.ID, err)
	}
	return nil
}

// fit finds the distribution of a link.
func (g *frame) fit(l *topology.Link) line {
	s := newShape(l.RTT)
	c := g.rule.of(&s)
	return line{
		Link: l, ends: [2]int32{g.index[l.A], g.index[l.B]},
		weights: weights{byMean: c.mean, byTail: uint32(l.RTT.P99)}, shape: s, cumulants: c,
		errors: [3]float64{mismatch(&s, &c, P50.z()), mismatch(&s, &c, z95), mismatch(&s, &c, z99)},
	}
}

// line returns the link of an index, be it the frame's or a later one.
func (g *Graph) line(i int32) *line {
	if int(i) < len(g.lines) {
		return &g.lines[i]
	}
	return g.added[int(i)-len(g.lines)]
}

// earlier says whether a link comes before another: in order of ID, which those of the frame have by index.
func (g *Graph) earlier(a, b int32) bool {
	if n := int32(len(g.lines)); a < n && b < n {
		return a < b
	}
	return g.line(a).ID < g.line(b).ID
}

// via returns the node at the other end of a link.
func (g *Graph) via(link, node int32) int32 { return g.line(link).other(node) }

// view returns the frame as a Transit sees it.
func (g *frame) view(t Transit) *view {
	g.looking.Lock()
	defer g.looking.Unlock()
	v, ok := g.views[t]
	if !ok {
		v = g.newView(t)
		g.views[t] = v
	}
	return v
}

// unknown is what a percentile is where nobody knows it: it satisfies no bound.
const unknown topology.Micros = math.MaxInt64
