// Package scheduler is a plugin of kube-scheduler: the same decisions, configuration, policies and reasons as the extender's, made inside
// the scheduling cycle. It is for one minor version of Kubernetes, 1.37, because the framework's interfaces change with every one.
//
// kube-scheduler by itself filters and scores a sample of the nodes for each pod. The plugin's PreFilter hands it the few best nodes that
// the pod may take, so that it looks at those alone: faster, and what it picks is what the decision ranks first.
//
//	PreFilter   up to Args.Candidates nodes of Cluster.Best that also look plausible to Kubernetes (taints, selectors, room, ports).
//	            Of pods for which that cannot be told by looking at one node (inter-pod affinity, hard spread, volumes, claims, a
//	            named node) all nodes stay, and Filter decides; so too where no node is plausible, so that preemption and
//	            the reasons in events see every node.
//	Filter      the hard check, from the verdict of the same cycle. What preemption cannot change is UnschedulableAndUnresolvable.
//	PostFilter  where all candidates were refused by something else, the pod is queued again at once and sees all nodes then.
//	Score       Cluster.Score, 0 to 100
//	Reserve     Cluster.Reserve, which judges again; Unreserve gives back.
//	Bind        judges a last time, just before the default binder: a policy that came into force meanwhile counts.
//	SignPod     pods that the decision cannot tell apart share a signature, so that batching stays on; pods of an application, which
//	            depend on where their partners are, have none.
//
// Nothing passes where nothing can be decided: before the informers have synced, and when a policy cannot be asked, the cycle ends
// with an error, and kube-scheduler tries again later.
package scheduler
