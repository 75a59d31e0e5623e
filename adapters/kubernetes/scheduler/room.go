package scheduler

import (
	v1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"
	fwk "k8s.io/kube-scheduler/framework"
)

// request is what a pod takes of a node, in the units of kube-scheduler.
type request struct {
	cpu, memory, storage int64
	scalar               map[v1.ResourceName]int64
}

func requested(pod *v1.Pod) request {
	var r request
	for name, q := range resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{}) {
		switch name {
		case v1.ResourceCPU:
			r.cpu = q.MilliValue()
		case v1.ResourceMemory:
			r.memory = q.Value()
		case v1.ResourceEphemeralStorage:
			r.storage = q.Value()
		default:
			if r.scalar == nil {
				r.scalar = map[v1.ResourceName]int64{}
			}
			r.scalar[name] = q.Value()
		}
	}
	return r
}

// fits says whether there is room on a node besides all that runs there and is on its way there.
func (r *request) fits(n fwk.NodeInfo) bool {
	has, used := n.GetAllocatable(), n.GetRequested()
	if len(n.GetPods())+1 > has.GetAllowedPodNumber() {
		return false
	}
	free := func(want, has, used int64) bool { return want == 0 || want <= has-used }
	if !free(r.cpu, has.GetMilliCPU(), used.GetMilliCPU()) || !free(r.memory, has.GetMemory(), used.GetMemory()) ||
		!free(r.storage, has.GetEphemeralStorage(), used.GetEphemeralStorage()) {
		return false
	}
	for name, want := range r.scalar {
		if !free(want, has.GetScalarResources()[name], used.GetScalarResources()[name]) {
			return false
		}
	}
	return true
}
