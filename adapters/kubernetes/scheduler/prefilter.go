package scheduler

import (
	"context"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	fwk "k8s.io/kube-scheduler/framework"
)

// growth is by how much the shortlist grows where Kubernetes itself would take none of it.
const growth = 8

// PreFilter names the few best nodes, or leaves all and judges them for Filter.
func (p *Plugin) PreFilter(ctx context.Context, state fwk.CycleState, pod *v1.Pod, nodes []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	if !p.cluster.Synced() {
		return nil, fwk.NewStatus(fwk.Error, "domicile: the informers have not synced")
	}
	if !apart(pod) && !p.widened.has(pod.UID) {
		found, status := p.shortlist(ctx, pod, len(nodes))
		if status != nil {
			return nil, status
		}
		if len(found) > 0 {
			state.Write(stateKey, &verdict{narrow: found})
			return &fwk.PreFilterResult{NodeNames: sets.KeySet(found)}, nil
		}
	}
	return nil, p.judgeAll(ctx, state, pod, nodes)
}

// shortlist is the best nodes that look plausible, none where there are none among all.
func (p *Plugin) shortlist(ctx context.Context, pod *v1.Pod, all int) (map[string]bool, *fwk.Status) {
	wants, snapshot := ask(pod), p.nodes()
	for k := p.candidates; ; k *= growth {
		best, _, err := p.cluster.Best(ctx, pod, min(k, all))
		if err != nil {
			return nil, fwk.AsStatus(err)
		}
		found := make(map[string]bool, min(len(best), p.candidates))
		for _, name := range best {
			if n, err := snapshot.Get(name); err == nil && wants.plausible(n) {
				if found[name] = true; len(found) == p.candidates {
					break
				}
			}
		}
		if len(found) > 0 || len(best) < min(k, all) || k >= all {
			return found, nil
		}
	}
}

// judgeAll keeps the verdict on every node for Filter. Where each of them is refused by what preemption cannot change, the cycle
// ends here, with the reason that most nodes share first.
func (p *Plugin) judgeAll(ctx context.Context, state fwk.CycleState, pod *v1.Pod, nodes []fwk.NodeInfo) *fwk.Status {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Node().Name
	}
	f, err := p.cluster.Filter(ctx, pod, names)
	if err != nil {
		return fwk.AsStatus(err)
	}
	if len(nodes) > 0 && len(f.Hard) == len(nodes) {
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, counted(f.Hard)...)
	}
	state.Write(stateKey, wide(f))
	return nil
}

// PreFilterExtensions says that preemption may take pods away for a while.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return p }

// AddPod changes nothing: what another pod takes is for Kubernetes to count.
func (p *Plugin) AddPod(context.Context, fwk.CycleState, *v1.Pod, fwk.PodInfo, fwk.NodeInfo) *fwk.Status {
	return nil
}

// RemovePod notes that there may be more room on the node than the verdict knows.
func (p *Plugin) RemovePod(_ context.Context, state fwk.CycleState, _ *v1.Pod, _ fwk.PodInfo, n fwk.NodeInfo) *fwk.Status {
	if v, ok := read(state); ok {
		if v.freed == nil {
			v.freed = map[string]bool{}
		}
		v.freed[n.Node().Name] = true
	}
	return nil
}
