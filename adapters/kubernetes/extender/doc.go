// Package extender answers kube-scheduler's extender API (v1) from a Cluster: filter, prioritize and bind, beside health,
// readiness and metrics.
//
// It speaks the form of nodeCacheCapable: true only, in which names of nodes travel and not whole nodes. Every answer to
// filter and bind has status 200, because kube-scheduler does not read the body of any other: what is wrong stands in
// Error, and then nothing is bound. Every node that was asked about comes back in one of the lists. Replies are written
// whole, with their length, so that connections are kept.
package extender
