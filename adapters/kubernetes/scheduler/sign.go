package scheduler

import (
	"context"
	"strings"

	v1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// SignPod signs what the decision sees of a pod besides what other plugins sign anyway. Pods that belong to an application or name
// their flows depend on where others are, so that a decision for one says nothing of the next: they are not signed.
func (p *Plugin) SignPod(_ context.Context, pod *v1.Pod) ([]fwk.SignFragment, *fwk.Status) {
	if pod.Labels[kubernetes.ApplicationLabel] != "" || pod.Annotations[kubernetes.FlowsAnnotation] != "" {
		return nil, fwk.NewStatus(fwk.Unschedulable, "placed with regard to its application")
	}
	return []fwk.SignFragment{{Key: "domicile.eu/pod", Value: signature{
		Namespace: pod.Namespace, Labels: pod.Labels, Annotations: own(pod.Annotations), Priority: pod.Spec.Priority, Requests: amounts(pod),
	}}}, nil
}

// signature is what tells pods apart; encoding/json writes maps in order of their keys.
type signature struct {
	Namespace   string
	Labels      map[string]string
	Annotations map[string]string
	Priority    *int32
	Requests    map[string]int64
}

// own are the annotations that mean something here.
func own(all map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range all {
		if strings.HasPrefix(k, "domicile.eu/") {
			out[k] = v
		}
	}
	return out
}

func amounts(pod *v1.Pod) map[string]int64 {
	r := requested(pod)
	out := map[string]int64{"cpu": r.cpu, "memory": r.memory, "ephemeral-storage": r.storage}
	for k, v := range r.scalar {
		out[string(k)] = v
	}
	return out
}
