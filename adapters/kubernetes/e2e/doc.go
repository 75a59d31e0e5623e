// Package e2e tests the Kubernetes adapter against the real thing: etcd, kube-apiserver and kube-scheduler, built from
// their Go modules by .ci/kubernetes, run on loopback. Nodes are plain objects and there are no kubelets: pods are bound, but
// do not run.
//
// Without the programs the tests skip; with CI=true they fail instead. DOMICILE_K8S_BIN says where they are.
//
//	.ci/kubernetes                                                    builds them, then runs the tests
//	go test -run TestThroughput -timeout 60m -v . -args -throughput          5,000 nodes, 1,000 pods: a table and JSON
package e2e
