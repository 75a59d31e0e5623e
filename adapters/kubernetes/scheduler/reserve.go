package scheduler

import (
	"context"
	"errors"

	v1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// Reserve takes the room, judged again. It is an error where it is not granted, so that the pod is tried again soon.
func (p *Plugin) Reserve(ctx context.Context, _ fwk.CycleState, pod *v1.Pod, node string) *fwk.Status {
	if err := p.cluster.Reserve(ctx, pod, node); err != nil {
		if errors.Is(err, kubernetes.ErrRefused) {
			return fwk.NewStatus(fwk.Unschedulable, err.Error())
		}
		return fwk.AsStatus(err)
	}
	return nil
}

// Unreserve gives it back.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *v1.Pod, _ string) {
	p.cluster.Unreserve(pod)
}

// Bind leaves binding to the next plugin, after one more look at what cannot be traded: time has passed since the cycle, and a
// policy may have come into force. (PreBind would be the place, but kube-scheduler writes a nomination to the API server for each pod that
// has something to do there.)
func (p *Plugin) Bind(ctx context.Context, _ fwk.CycleState, pod *v1.Pod, node string) *fwk.Status {
	f, err := p.cluster.Filter(ctx, pod, []string{node})
	if err != nil {
		return fwk.AsStatus(err)
	}
	if why, no := f.Hard[node]; no {
		return fwk.NewStatus(fwk.Unschedulable, why)
	}
	if _, soft := f.Soft[node]; !soft && (len(f.Pass) != 1 || f.Pass[0] != node) {
		return fwk.NewStatus(fwk.Error, "domicile: no verdict on a node")
	}
	p.widened.remove(pod.UID)
	return fwk.NewStatus(fwk.Skip)
}
