package scheduler

import (
	"context"
	"maps"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// EventsToRegister says after which changes a refused pod is worth another look. Policies and continuum change without an event;
// feed wakes pods up then.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return []fwk.ClusterEventWithHint{
		{Event: fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.Add | fwk.UpdateNodeAllocatable | fwk.UpdateNodeLabel | fwk.UpdateNodeTaint},
			QueueingHintFn: nodeHint},
		{Event: fwk.ClusterEvent{Resource: fwk.AssignedPod, ActionType: fwk.Add | fwk.Delete | fwk.UpdatePodScaleDown | fwk.UpdatePodLabel},
			QueueingHintFn: podHint},
		{Event: fwk.ClusterEvent{Resource: fwk.UnscheduledPod, ActionType: fwk.Add}, QueueingHintFn: podHint}, // of a gang
		{Event: fwk.ClusterEvent{Resource: fwk.TargetPod, ActionType: fwk.UpdatePodLabel | fwk.UpdatePodScaleDown | fwk.UpdatePodToleration}},
	}, nil
}

// nodeHint wakes a pod for a new node, and for one with other labels, more room or other taints.
func nodeHint(_ klog.Logger, _ *v1.Pod, before, after any) (fwk.QueueingHint, error) {
	old, isNode := before.(*v1.Node)
	now, stays := after.(*v1.Node)
	if !isNode || !stays {
		return fwk.Queue, nil
	}
	if !maps.Equal(old.Labels, now.Labels) || old.Spec.Unschedulable != now.Spec.Unschedulable || !equality.Semantic.DeepEqual(old.Spec.Taints, now.Spec.Taints) {
		return fwk.Queue, nil
	}
	for name, q := range now.Status.Allocatable {
		if was := old.Status.Allocatable[name]; q.Cmp(was) > 0 {
			return fwk.Queue, nil
		}
	}
	return fwk.QueueSkip, nil
}

// podHint wakes a pod where another went or shrank, because it leaves room, and where one of its own application came, because it may
// have waited for it.
func podHint(_ klog.Logger, pod *v1.Pod, before, after any) (fwk.QueueingHint, error) {
	came, ok := after.(*v1.Pod)
	if !ok {
		return fwk.Queue, nil
	}
	app := pod.Labels[kubernetes.ApplicationLabel]
	if before == nil && (app == "" || came.Namespace != pod.Namespace || came.Labels[kubernetes.ApplicationLabel] != app) {
		return fwk.QueueSkip, nil
	}
	return fwk.Queue, nil
}
