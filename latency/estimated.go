package latency

import "github.com/domicile-eu/domicile/topology"

// Estimator guesses round trips of pairs that have neither an observation nor a route; package estimate has one. Its answers
// must not change while a graph uses it, and it must be safe for concurrent use.
type Estimator interface {
	// Estimate guesses the round trip between two nodes, in either order alike; false where it stays unknown.
	Estimate(a, b topology.NodeID) (Estimate, bool)
	// Digest is the same for estimators that answer the same.
	Digest() string
}

// Estimate is a guess and how far off it may be.
type Estimate struct {
	// Likely is the guess itself, Lower and Upper are the ends of an interval for its median. Of Upper all percentiles count:
	// latencies that are compared with bounds are those of Upper.
	Likely topology.RTT
	Lower  topology.Micros
	Upper  topology.RTT
	Basis  string // what the guess rests on, in a word or two, for explanations
}

// Estimate returns the guess that the latency to a node rests on, and false where it rests on an observation or a route, or
// is unknown.
func (r *Row) Estimate(to topology.NodeID) (Estimate, bool) {
	node, ok := r.find(to)
	if !ok || r.observation(node) != nil || r.sumTo(byMean, node) != unreached {
		return Estimate{}, false
	}
	return r.estimate(node)
}

// estimate asks the estimator about a node that has neither an observation nor a route. Nobody knows which way an estimated
// packet would go, so restricted traffic gets none. What is no proper interval counts as unknown.
func (r *Row) estimate(node int32) (Estimate, bool) {
	if !r.open || r.g.estimator == nil {
		return Estimate{}, false
	}
	e, ok := r.g.estimator.Estimate(r.g.ids[r.origin], r.g.ids[node])
	sound := e.Likely.Check() == nil && e.Upper.Check() == nil && 0 < e.Lower && e.Lower <= e.Likely.P50 &&
		e.Likely.P50 <= e.Upper.P50 && e.Likely.P95 <= e.Upper.P95 && e.Likely.P99 <= e.Upper.P99
	return e, ok && sound
}

// mean returns the mean of the likely round trip.
func (g *Graph) mean(rtt topology.RTT) topology.Micros {
	s := newShape(rtt)
	return topology.Micros(g.rule.of(&s).mean)
}

// tail returns what adds up of a round trip that has no hops, at p.
func (g *Graph) tail(s *shape, p Percentile) Tail {
	c := g.rule.of(s)
	return Tail{int64(c.mean), c.variance, c.third, c.variance, mismatch(s, &c, p.z())}
}
