package latency

import (
	"fmt"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// observed is an observation as seen from one of its ends.
type observed struct {
	other int32
	at    time.Time
	rtt   topology.RTT
	shape shape
	mean  topology.Micros
}

// takeObservations keeps the observations that are fresh, the newest of each pair, of equally new ones the slowest.
func (g *Graph) takeObservations(all []Observation, f freshness) (defects []error) {
	for i, o := range all {
		a, okA := g.index[o.A]
		b, okB := g.index[o.B]
		bad := func(err error) {
			defects = append(defects, fmt.Errorf("%w: observations[%d]: %w", ErrInvalid, i, err))
		}
		if !okA {
			bad(fmt.Errorf("a: unknown node %q", string(o.A)))
		}
		if !okB {
			bad(fmt.Errorf("b: unknown node %q", string(o.B)))
		}
		if okA && okB && a == b {
			bad(fmt.Errorf("b: %q is also a", string(o.B)))
		}
		if err := o.RTT.Check(); err != nil {
			bad(fmt.Errorf("rtt: %w", err))
			continue
		}
		if !okA || !okB || !f.accepts(o.At) {
			continue
		}
		s := newShape(o.RTT)
		seen := observed{other: b, at: o.At, rtt: o.RTT, shape: s, mean: topology.Micros(g.rule.of(&s).mean)}
		g.observed[a] = append(g.observed[a], seen)
		seen.other = a
		g.observed[b] = append(g.observed[b], seen)
	}
	for node, list := range g.observed {
		slices.SortFunc(list, observed.compare)
		g.observed[node] = slices.CompactFunc(list, func(x, y observed) bool { return x.other == y.other })
	}
	return defects
}

// compare orders by the other end, what counts first within it.
func (o observed) compare(p observed) int {
	if o.other != p.other {
		return int(o.other) - int(p.other)
	}
	if !o.at.Equal(p.at) {
		return p.at.Compare(o.at)
	}
	for _, d := range [...]topology.Micros{p.rtt.P95 - o.rtt.P95, p.rtt.P99 - o.rtt.P99, p.rtt.P50 - o.rtt.P50} {
		if d != 0 {
			return int(d)
		}
	}
	return 0
}

// observation returns what was measured between two nodes, nil where nothing was.
func (g *Graph) observation(from, to int32) *observed {
	list := g.observed[from]
	i, ok := slices.BinarySearchFunc(list, to, func(o observed, to int32) int { return int(o.other) - int(to) })
	if !ok {
		return nil
	}
	return &list[i]
}
