package placement

import (
	"fmt"
	"math"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// accessFlow is a flow from an access point as one workload of a class meets it.
type accessFlow struct {
	flow  *Flow
	share int64
	row   *accessRow
}

type accessKey struct {
	from       topology.AccessPointID
	transit    latency.Transit
	percentile latency.Percentile
}

// accessRow holds the ways from an access point to all sites.
type accessRow struct {
	accessKey
	restricted bool
	latency    []int32 // by site; problem.Unknown where there is no way
	egress     []int64 // of the way and of the site
}

// fillAccess looks up the ways from all access points, side by side.
func (c *compiled) fillAccess() error {
	return parallel.Each(len(c.accessRows), func(_, k int) error {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		r := c.accessRows[k]
		if r.latency != nil {
			return nil
		}
		row := c.graph.Row(r.from.Node(), r.transit)
		r.latency, r.egress = make([]int32, len(c.sites)), make([]int64, len(c.sites))
		for at, s := range c.sites {
			l, egress := lookUp(row, s.ID.Node(), r.percentile)
			r.latency[at], r.egress[at] = l, addUp(egress, int64(s.Egress))
		}
		return nil
	})
}

// anyPercentile is that of flows without a bound: what matters is whether there is a way.
const anyPercentile latency.Percentile = 0

// lookUp returns latency and egress of a way; problem.Unknown where there is none. At anyPercentile the latency is 0.
func lookUp(row *latency.Row, to topology.NodeID, p latency.Percentile) (int32, int64) {
	leg, ok := row.Leg(to)
	if !ok {
		return problem.Unknown, 0
	}
	if p == anyPercentile {
		return 0, int64(leg.Egress)
	}
	l, ok := row.Latency(to, p)
	if !ok {
		return problem.Unknown, 0
	}
	// Round trips of more than half an hour are as good as each other.
	return int32(min(l, problem.Unknown-1)), int64(leg.Egress)
}

func addUp(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// findFlows lists a class's flows from access points.
func (c *compiled) findFlows(cl *class) error {
	app := &c.p.Applications[cl.app]
	for k := range app.Flows {
		f := &app.Flows[k]
		if f.FromAccess == "" || f.To != cl.w.Component {
			continue
		}
		t, err := c.transit(dataOf(f, cl.w))
		if err != nil {
			return err
		}
		cl.flows = append(cl.flows, accessFlow{flow: f, share: shareOf(f.Rate, replicas(app, f.To)), row: c.accessRow(f, t)})
	}
	return nil
}

// passes says whether a flow's data may take a way to a site that is quick enough.
func (f *accessFlow) passes(at int32) bool {
	l := f.row.latency[at]
	return l != problem.Unknown && (f.flow.Bound == 0 || topology.Micros(l) <= f.flow.Bound)
}

// kindOfFlow is what refuses a site where there is no way at all.
func kindOfFlow(restricted bool) ConstraintKind {
	if restricted {
		return ByTransit
	}
	return ByLatency
}

func dataOf(f *Flow, to *Workload) DataClass {
	if f.Data != "" {
		return f.Data
	}
	return to.Data
}

func percentileOf(f *Flow) latency.Percentile {
	if f.Percentile == 0 {
		return latency.P95
	}
	return f.Percentile
}

func (c *compiled) transit(class DataClass) (latency.Transit, error) {
	if c.p.Transit == nil {
		return latency.Transit{}, nil
	}
	if t, ok := c.transits[class]; ok {
		return t, nil
	}
	defer named(func() string { return fmt.Sprintf("transit %T, asked about data class %q,", c.p.Transit, class) })
	t, err := c.p.Transit.Transit(c.ctx, c.in, class)
	if err != nil {
		return t, fmt.Errorf("transit of data class %q: %w", class, err)
	}
	c.transits[class] = t
	return t, nil
}

func (c *compiled) accessRow(f *Flow, t latency.Transit) *accessRow {
	key := accessKey{f.FromAccess, t, percentileOf(f)}
	if r, ok := c.access[key]; ok {
		return r
	}
	r := c.last.accessRow(key)
	if r == nil {
		r = &accessRow{accessKey: key, restricted: t != latency.Transit{}}
	}
	c.access[key] = r
	c.accessRows = append(c.accessRows, r)
	return r
}

// setFlows lists the flows between workloads, one per pair of replicas.
func (c *compiled) setFlows() error {
	first := int32(0) // of the application
	for a := range c.p.Applications {
		app := &c.p.Applications[a]
		var index spans // made where it is needed
		for k := range app.Flows {
			if f := &app.Flows[k]; f.FromComponent != "" {
				if index == nil {
					index = spansOf(app, first)
				}
				if err := c.addFlow(f, index); err != nil {
					return err
				}
			}
		}
		first += int32(len(app.Workloads))
	}
	if len(c.out.Flows) > 0 && !c.last.sending(c) {
		c.setSending()
	}
	return c.fillPrices()
}

func (c *compiled) addFlow(f *Flow, index spans) error {
	senders, receivers := index.members([]string{f.FromComponent}), index.members([]string{f.To})
	n := len(senders) * len(receivers)
	if f.FromComponent == f.To {
		n -= len(senders)
	}
	if n == 0 {
		return nil
	}
	bound, percentile := int32(problem.Unknown-1), anyPercentile
	if f.Bound > 0 {
		bound, percentile = int32(min(f.Bound, problem.Unknown-1)), percentileOf(f)
	}
	for _, to := range receivers {
		t, err := c.transit(dataOf(f, c.workloads[to]))
		if err != nil {
			return err
		}
		pairs := c.pairsOf(t, percentile)
		for _, from := range senders {
			if from != to {
				c.out.Flows = append(c.out.Flows, problem.Flow{From: from, To: to, Pairs: pairs, Bound: bound, Rate: shareOf(f.Rate, n)})
			}
		}
	}
	return nil
}

type pairsKey struct {
	transit    latency.Transit
	percentile latency.Percentile
}

// pairsOf returns the index of the table of ways between sites under a transit.
func (c *compiled) pairsOf(t latency.Transit, p latency.Percentile) int32 {
	key := pairsKey{t, p}
	if k, ok := c.pairs[key]; ok {
		return k
	}
	table := c.last.pairsOf(key)
	switch {
	case table != nil: // known from the problem before
	case p == anyPercentile:
		table = c.pricesOf(t)
	default:
		table = c.latenciesOf(t, p)
	}
	table.Restricted = t != latency.Transit{}
	k := int32(len(c.out.Pairs))
	c.out.Pairs = append(c.out.Pairs, table)
	c.pairs[key] = k
	return k
}

// latenciesOf makes the table of latencies and prices under a transit.
func (c *compiled) latenciesOf(t latency.Transit, p latency.Percentile) *problem.Pairs {
	sites, graph := c.sites, c.graph // not all of c, which the table outlives where the next problem takes it over
	rows := make([]*latency.Row, len(sites))
	return problem.NewPairs(len(sites), c.mostEgress(), func(from, to int32) (int32, int64) {
		a, b := sites[from], sites[to]
		if rows[from] == nil {
			rows[from] = graph.Row(a.ID.Node(), t)
		}
		l, egress := lookUp(rows[from], b.ID.Node(), p)
		if a.Provider != b.Provider {
			egress = addUp(egress, int64(a.Egress))
		}
		return l, egress
	})
}

// mostEgress bounds the price per GB of any way between two sites: no link is crossed twice.
func (c *compiled) mostEgress() int64 {
	sum, most, site := int64(0), int64(0), int64(0)
	for l := range c.p.Continuum.Links() {
		sum = addUp(sum, int64(l.Egress))
		most = max(most, int64(l.Egress))
	}
	if n := int64(c.p.Continuum.NumNodes()); n > 0 && most < math.MaxInt64/n {
		sum = min(sum, most*n)
	}
	for _, s := range c.sites {
		site = max(site, int64(s.Egress))
	}
	return addUp(sum, site)
}

// replicas counts the workloads of a component.
func replicas(app *Application, component string) int {
	n := 0
	for k := range app.Workloads {
		if app.Workloads[k].Component == component {
			n++
		}
	}
	return n
}
