// Package kubernetes brings Domicile's decisions to a Kubernetes cluster: it turns nodes into places of a continuum and
// pods into workloads, asks package placement, and keeps books of what is where. It decides nothing itself.
//
// A [Cluster] is fed by informers ([Cluster.Watch]) and asked by the scheduler extender (package extender) and by the
// framework plugin. A node belongs to a site of the continuum's file, named by a label that kubelets must not set, or is
// described by such labels alone; many nodes may be of one site. What rules, prices and latencies say holds for the site;
// room is counted for each node.
//
// # Fail closed
//
// A node without identity, a pod whose annotations contradict each other, a pod without a class of data where a rule is in
// force, a continuum that is too old, a policy that cannot be judged: all of these refuse. Before the informers have
// synced there is no answer but an error.
package kubernetes
