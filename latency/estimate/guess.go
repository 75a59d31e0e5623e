package estimate

import (
	"math"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// The upper end of the prior where nothing was measured. In WonderNetwork's pings of 2018 it takes in about nineteen of twenty
// pairs below 3,000 km, though hairpins over far exchanges make those of a few hundred kilometres ten times the prior.
const (
	priorUpperFactor = 1.5
	priorUpperExtra  = 80.0 // ms
)

// Estimate implements latency.Estimator: the round trip between two places, false where it stays unknown. Of a measured pair it
// says what all pairs together make of it, which the measurement itself overrides in a graph.
func (e *Estimator) Estimate(a, b topology.NodeID) (latency.Estimate, bool) {
	i, okA := e.index[a]
	j, okB := e.index[b]
	if !okA || !okB || i == j {
		return latency.Estimate{}, false
	}
	middle, low, high, basis := e.guess(key{min(i, j), max(i, j)})
	if basis == "" {
		return latency.Estimate{}, false
	}
	likely, upper := e.rtt(middle, 0), e.rtt(high, 1)
	if upper.Check() != nil {
		return latency.Estimate{}, false
	}
	return latency.Estimate{Likely: likely, Lower: min(micros(low), likely.P50), Upper: upper, Basis: basis}, true
}

// guess returns logarithms in ms and what they rest on, "" where the pair is unknown.
func (e *Estimator) guess(k key) (middle, low, high float64, basis string) {
	switch {
	case e.network != nil && related(e.parts, k.a, k.b):
		m, apart := e.network.guess(k.a, k.b)
		middle, basis = m, BasisNetwork
		low, high = e.spread.ends(m, apart, k.a, k.b, int32(min(e.degree[k.a], e.degree[k.b])))
	case !e.w.located(k.a, k.b):
		return 0, 0, 0, ""
	case e.curve != nil:
		middle, basis = e.curve.guess(k.a, k.b), BasisDistance
		low, high = middle-e.byCurve.lower, middle+e.byCurve.upper
	default:
		prior := (routeFactor*e.w.distance(k.a, k.b)*microsPerKm + overhead) / 1000
		middle, basis = math.Log(prior), BasisPrior
		low, high = math.Inf(-1), math.Log(priorUpperFactor*prior+priorUpperExtra)
	}
	if e.w.located(k.a, k.b) { // nothing is faster than light
		floor := math.Log(max(e.w.distance(k.a, k.b)*microsPerKm/1000, leastRTT))
		middle, low, high = max(middle, floor), max(low, floor), max(high, floor)
	}
	if math.IsNaN(middle + low + high) {
		return 0, 0, 0, ""
	}
	return middle, low, high, basis
}

// rtt makes percentiles of a median, with ratios that are usual (0) or those of the upper end (1).
func (e *Estimator) rtt(log float64, end int) topology.RTT {
	p50 := micros(log)
	out := [2]topology.Micros{p50, p50}
	for i, r := range e.ratios {
		times := r.likely
		if end == 1 {
			times = r.upper
		}
		out[i] = max(p50, topology.Micros(math.Ceil(min(float64(p50)*times, math.MaxInt32*4))))
	}
	return topology.RTT{P50: p50, P95: out[0], P99: max(out[0], out[1])}
}

// micros rounds a logarithm of ms to microseconds, at least one; it stays below 2^33, which is more than the hour that a round
// trip may take.
func micros(log float64) topology.Micros {
	return topology.Micros(min(max(math.Round(math.Exp(log)*1000), 1), 1<<33))
}
