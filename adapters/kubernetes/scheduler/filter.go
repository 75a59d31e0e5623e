package scheduler

import (
	"context"

	v1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// Filter judges a node again, by the verdict of this cycle or, of a node that this did not look at (a nominated one), anew.
func (p *Plugin) Filter(ctx context.Context, state fwk.CycleState, pod *v1.Pod, n fwk.NodeInfo) *fwk.Status {
	if n.Node() == nil {
		return fwk.NewStatus(fwk.Error, "domicile: a node without an object")
	}
	name := n.Node().Name
	v, ok := read(state)
	if !ok {
		return fwk.NewStatus(fwk.Error, "domicile: there is no verdict in this cycle")
	}
	if v.narrow[name] {
		return nil
	}
	hard, soft := v.hard, v.soft
	if v.narrow != nil {
		f, err := p.cluster.Filter(ctx, pod, []string{name})
		if err != nil {
			return fwk.AsStatus(err)
		}
		hard, soft = f.Hard, f.Soft
		if len(f.Pass)+len(hard)+len(soft) != 1 {
			return fwk.NewStatus(fwk.Error, "domicile: no verdict on a node")
		}
	}
	if why, no := hard[name]; no {
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, why)
	}
	if why, no := soft[name]; no && !v.freed[name] {
		return fwk.NewStatus(fwk.Unschedulable, why)
	}
	return nil
}

// PostFilter has a pod tried again, with all nodes, whose candidates were all refused by something that the plugin cannot foresee.
// It never nominates, so that preemption has its turn. Preemption alone would not help: the nodes that were left out count as
// beyond help.
func (p *Plugin) PostFilter(ctx context.Context, state fwk.CycleState, pod *v1.Pod, _ fwk.NodeToStatusReader) (*fwk.PostFilterResult, *fwk.Status) {
	if v, ok := read(state); ok && v.narrow != nil {
		p.widened.add(pod.UID)
		if p.activate != nil {
			p.activate(ctx, pod)
		}
	}
	return nil, fwk.NewStatus(fwk.Unschedulable)
}
