// Package latency says how far apart the nodes of a continuum are: as a distribution, along which route, and across
// which borders.
//
// A [Graph] is built from a continuum's links. A link composes into routes; an [Observation] is an end-to-end
// measurement and does not, but where there is one it overrides the estimate of the same pair. A route minimises the
// mean round trip; its hops are independent, and its percentile is the percentile of their sum. Traffic may be kept
// inside borders with a [Transit]. What is unknown, or measured longer ago than [Options].MaxAge, stays unknown and is
// never taken for near.
package latency
