// Package multicluster carries decisions to what runs many clusters: here a site of the continuum is a whole cluster.
//
//	Cluster Inventory        ClusterProfile in, PlacementDecision out (multicluster.x-k8s.io/v1alpha1)
//	Open Cluster Management  AddOnPlacementScore out (cluster.open-cluster-management.io/v1alpha1)
//	Karmada                  ResourceBinding of our schedulerName: spec.clusters and the condition Scheduled (work.karmada.io/v1alpha2)
//
// Each has a pure translation (profile.go, decision.go, scores.go, binding.go) and a thin reconciler that lists, translates and
// applies through the dynamic client, because none of these APIs has Go types that can be imported here. What is written is
// applied on the server's side under the field manager of Options, so that nobody else's fields are touched.
//
// # Identity
//
// A cluster is the site of its name. What the site is (country, provider, links) comes from the continuum alone; an inventory says only
// whether the cluster is there, whether it is well and how much of its capacity is left, and can make a site smaller, never larger.
// A cluster that the continuum does not know is never chosen, because its jurisdiction is unknown. One that no inventory
// lists is down, one whose health is not known to be good takes nothing new; see [Fold].
//
// # Fail closed
//
// Where nothing can be decided (a policy that cannot be asked, a malformed continuum, an inventory that cannot be read) nothing is
// written, and the error comes back. An answer that places only a part is written for the part that has a place, with the reason of
// the rest in an annotation; of a binding nothing is written then but the condition. Scores end at their validUntil.
package multicluster
