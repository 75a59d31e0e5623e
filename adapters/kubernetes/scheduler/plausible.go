package scheduler

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	fwk "k8s.io/kube-scheduler/framework"
)

// apart says that what Kubernetes itself asks of a node for this pod cannot be told by looking at that node alone, or names nodes: then
// the pod gets no shortlist, because all of its nodes might be refused and others not be looked at.
func apart(pod *v1.Pod) bool {
	s := &pod.Spec
	if len(s.ResourceClaims) > 0 || s.NodeName != "" {
		return true
	}
	for _, c := range s.TopologySpreadConstraints {
		if c.WhenUnsatisfiable == v1.DoNotSchedule {
			return true
		}
	}
	for i := range s.Volumes {
		v := &s.Volumes[i].VolumeSource
		if v.ConfigMap == nil && v.Secret == nil && v.EmptyDir == nil && v.DownwardAPI == nil && v.Projected == nil && v.HostPath == nil {
			return true
		}
	}
	a := s.Affinity
	if a == nil {
		return false
	}
	if a.PodAffinity != nil && len(a.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0 ||
		a.PodAntiAffinity != nil && len(a.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution) > 0 {
		return true
	}
	if a.NodeAffinity == nil || a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return false
	}
	for _, t := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		if len(t.MatchFields) > 0 {
			return true
		}
	}
	return false
}

// asked is what a pod asks of one node, computed once a cycle.
type asked struct {
	affinity    nodeaffinity.RequiredNodeAffinity
	tolerations []v1.Toleration
	ports       []v1.ContainerPort
	room        request
}

func ask(pod *v1.Pod) *asked {
	a := &asked{affinity: nodeaffinity.GetRequiredNodeAffinity(pod), tolerations: pod.Spec.Tolerations, room: requested(pod)}
	for i := range pod.Spec.Containers {
		for _, p := range pod.Spec.Containers[i].Ports {
			if p.HostPort > 0 {
				a.ports = append(a.ports, p)
			}
		}
	}
	return a
}

// plausible says that Kubernetes' own filters will most likely take the node. It needs not be exact, see PostFilter; where it
// is wrong a pod waits for one more attempt.
func (a *asked) plausible(n fwk.NodeInfo) bool {
	node := n.Node()
	if node == nil || node.Spec.Unschedulable && !a.tolerates(&v1.Taint{Key: v1.TaintNodeUnschedulable, Effect: v1.TaintEffectNoSchedule}) {
		return false
	}
	for i := range node.Spec.Taints {
		t := &node.Spec.Taints[i]
		if t.Effect != v1.TaintEffectPreferNoSchedule && !a.tolerates(t) {
			return false
		}
	}
	if !a.room.fits(n) {
		return false
	}
	for _, p := range a.ports {
		if n.GetUsedPorts().CheckConflict(p.HostIP, string(p.Protocol), p.HostPort) {
			return false
		}
	}
	ok, err := a.affinity.Match(node)
	return err == nil && ok
}

// tolerates knows the operators Exists and Equal; one that it does not know tolerates nothing here.
func (a *asked) tolerates(taint *v1.Taint) bool {
	for i := range a.tolerations {
		t := &a.tolerations[i]
		if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
			continue
		}
		if t.Operator == v1.TolerationOpExists || (t.Operator == "" || t.Operator == v1.TolerationOpEqual) && t.Value == taint.Value && t.Key != "" {
			return true
		}
	}
	return false
}
