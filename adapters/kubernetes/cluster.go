package kubernetes

import (
	"context"
	"errors"
	"log/slog"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/domicile-eu/domicile/policy"
)

// ErrInvalid is wrapped by errors about files and objects that are malformed.
var ErrInvalid = errors.New("invalid Kubernetes configuration")

// ErrNotReady is wrapped by the errors of questions that cannot be answered yet or any more: nothing may be bound on them.
var ErrNotReady = errors.New("not ready")

// ErrRefused is wrapped by the errors of reservations that were not granted.
var ErrRefused = errors.New("refused")

// Options of a cluster; nil means the defaults.
type Options struct {
	Clock func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: none
}

// Cluster is the picture of one Kubernetes cluster. It is safe for concurrent use.
type Cluster struct{}

// Filtered says of each node that was asked about whether a pod may go there.
type Filtered struct {
	Pass []string
	// Hard and Soft hold why not, by node: what preemption cannot change, and lack of room. Texts name neither nodes nor
	// numbers, so that Kubernetes can count them.
	Hard, Soft map[string]string
}

// Refusals counts nodes by why they are refused.
type Refusals struct {
	Hard, Soft map[string]int
}

// New makes a cluster of a configuration, which knows no nodes yet.
func New(cfg Config, opts *Options) (*Cluster, error) { return &Cluster{}, nil }

// SetNode, DeleteNode and the like tell of the cluster's objects.
func (c *Cluster) SetNode(n *v1.Node)           {}
func (c *Cluster) DeleteNode(name string)       {}
func (c *Cluster) SetPod(p *v1.Pod)             {}
func (c *Cluster) DeletePod(p *v1.Pod)          {}
func (c *Cluster) SetNamespace(n *v1.Namespace) {}
func (c *Cluster) DeleteNamespace(name string)  {}

// SetContinuum replaces the continuum; what is wrong with it leaves the old one in force.
func (c *Cluster) SetContinuum(file string, text []byte) error { return nil }

// SetPolicies replaces the policies; what is wrong with them leaves the old ones in force.
func (c *Cluster) SetPolicies(sources []policy.Source) error { return nil }

// Synced says whether the informers have delivered all there is.
func (c *Cluster) Synced() bool { return true }

// SetSynced says that they have.
func (c *Cluster) SetSynced(synced bool) {}

// Filter says on which of these nodes a pod may run.
func (c *Cluster) Filter(ctx context.Context, pod *v1.Pod, nodes []string) (*Filtered, error) {
	return &Filtered{Pass: nodes}, nil
}

// Score rates nodes from 0 to 100, best first.
func (c *Cluster) Score(ctx context.Context, pod *v1.Pod, nodes []string) ([]int64, error) {
	return make([]int64, len(nodes)), nil
}

// Best returns up to k of the best nodes that a pod may run on, and what refuses the others where there are none.
func (c *Cluster) Best(ctx context.Context, pod *v1.Pod, k int) ([]string, *Refusals, error) {
	return nil, &Refusals{}, nil
}

// Reserve holds room for a pod on a node until it is seen there, for at most the configured time.
func (c *Cluster) Reserve(ctx context.Context, pod *v1.Pod, node string) error { return nil }

// Unreserve gives it back.
func (c *Cluster) Unreserve(pod *v1.Pod) {}

// Explain says in words what is known of a pod and what stands against each node.
func (c *Cluster) Explain(ctx context.Context, namespace, pod string) (string, error) { return "", nil }

// Watch feeds the cluster from an API server until ctx ends; it returns after the first sync.
func (c *Cluster) Watch(ctx context.Context, client kubernetes.Interface) error { return nil }
