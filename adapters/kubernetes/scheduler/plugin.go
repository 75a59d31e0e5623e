package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// Name of the plugin in a KubeSchedulerConfiguration.
const Name = "Domicile"

// decider is what the plugin asks; *kubernetes.Cluster.
type decider interface {
	Synced() bool
	Best(ctx context.Context, pod *v1.Pod, k int) ([]string, *kubernetes.Refusals, error)
	Filter(ctx context.Context, pod *v1.Pod, nodes []string) (*kubernetes.Filtered, error)
	Score(ctx context.Context, pod *v1.Pod, nodes []string) ([]int64, error)
	Reserve(ctx context.Context, pod *v1.Pod, node string) error
	Unreserve(pod *v1.Pod)
}

// nodeGetter is what the plugin looks nodes up in; the snapshot of a cycle.
type nodeGetter interface {
	Get(name string) (fwk.NodeInfo, error)
}

// Plugin is the plugin; New makes it.
type Plugin struct {
	cluster    decider
	candidates int
	nodes      func() nodeGetter
	activate   func(ctx context.Context, pod *v1.Pod)
	widened    *recent[types.UID]
}

var (
	_ fwk.PreFilterPlugin     = (*Plugin)(nil)
	_ fwk.PreFilterExtensions = (*Plugin)(nil)
	_ fwk.FilterPlugin        = (*Plugin)(nil)
	_ fwk.PostFilterPlugin    = (*Plugin)(nil)
	_ fwk.PreScorePlugin      = (*Plugin)(nil)
	_ fwk.ScorePlugin         = (*Plugin)(nil)
	_ fwk.ReservePlugin       = (*Plugin)(nil)
	_ fwk.BindPlugin          = (*Plugin)(nil)
	_ fwk.SignPlugin          = (*Plugin)(nil)
	_ fwk.EnqueueExtensions   = (*Plugin)(nil)
)

// New is the factory for app.WithPlugin. It reads the configuration, and feeds the cluster from kube-scheduler's own informers; until
// these have synced every question is answered with an error.
func New(ctx context.Context, args runtime.Object, h fwk.Handle) (fwk.Plugin, error) {
	a, err := ReadArgs(args)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(a.Config)
	if err != nil {
		return nil, fmt.Errorf("pluginConfig %s: args.config: %w", Name, err)
	}
	defer f.Close()
	cfg, err := kubernetes.ReadConfig(a.Config, f)
	if err != nil {
		return nil, err
	}
	cluster, err := kubernetes.New(cfg, &kubernetes.Options{Log: slog.Default()})
	if err != nil {
		return nil, err
	}
	p := newPlugin(cluster, a.Candidates)
	p.nodes = func() nodeGetter { return h.SnapshotSharedLister().NodeInfos() }
	p.activate = activator(h)
	return p, feed(ctx, cluster, h)
}

func newPlugin(c decider, candidates int) *Plugin {
	return &Plugin{cluster: c, candidates: candidates, widened: newRecent[types.UID](4096)}
}

// Name returns Name.
func (p *Plugin) Name() string { return Name }
