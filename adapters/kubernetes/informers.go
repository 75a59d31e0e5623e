package kubernetes

import (
	"context"
	"fmt"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Watch feeds the cluster from an API server until ctx ends. It returns once everything there is has been delivered, and
// the cluster answers from then on.
func (c *Cluster) Watch(ctx context.Context, client kubernetes.Interface) error {
	all := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(slim))
	core := all.Core().V1()
	handlers := []struct {
		in cache.SharedIndexInformer
		on cache.ResourceEventHandlerFuncs
	}{
		{core.Nodes().Informer(), handler(c.SetNode, func(n *v1.Node) { c.DeleteNode(n.Name) })},
		{core.Namespaces().Informer(), handler(c.SetNamespace, func(n *v1.Namespace) { c.DeleteNamespace(n.Name) })},
		{core.Pods().Informer(), handler(c.SetPod, c.DeletePod)},
	}
	wait := make([]cache.InformerSynced, 0, len(handlers)+1)
	for _, h := range handlers {
		reg, err := h.in.AddEventHandler(h.on)
		if err != nil {
			return err
		}
		wait = append(wait, reg.HasSynced) // what was listed has been handled, not only received
	}
	if c.cfg.ConfigMap != "" {
		synced, err := c.watchContinuum(ctx, client)
		if err != nil {
			return err
		}
		wait = append(wait, synced)
	}
	all.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), wait...) {
		return fmt.Errorf("%w: %w", ErrNotReady, context.Cause(ctx))
	}
	c.SetSynced(true)
	return nil
}

// handler passes objects of one kind on.
func handler[T any](set, drop func(*T)) cache.ResourceEventHandlerFuncs {
	pass := func(f func(*T)) func(any) {
		return func(o any) {
			if gone, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = gone.Obj
			}
			if x, ok := o.(*T); ok {
				f(x)
			}
		}
	}
	return cache.ResourceEventHandlerFuncs{AddFunc: pass(set), DeleteFunc: pass(drop), UpdateFunc: func(_, o any) { pass(set)(o) }}
}

// watchContinuum follows the ConfigMap of the continuum, and nothing else in its namespace.
func (c *Cluster) watchContinuum(ctx context.Context, client kubernetes.Interface) (cache.InformerSynced, error) {
	parts := strings.Split(c.cfg.ConfigMap, "/")
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(parts[0]),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) {
			o.FieldSelector = fields.OneTermEqualSelector("metadata.name", parts[1]).String()
		}))
	last := ""
	reg, err := factory.Core().V1().ConfigMaps().Informer().AddEventHandler(handler(func(m *v1.ConfigMap) {
		text := m.Data[parts[2]]
		if m.Name != parts[1] || text == last {
			return
		}
		last = text
		if err := c.SetContinuum(c.cfg.ConfigMap, []byte(text)); err != nil {
			c.log.Error("the continuum of the ConfigMap is refused; the old one stays in force", "configMap", c.cfg.ConfigMap, "error", err)
			return
		}
		c.log.Info("continuum loaded", "configMap", c.cfg.ConfigMap)
	}, func(*v1.ConfigMap) {
		c.log.Error("the ConfigMap of the continuum is gone; the old continuum stays in force until it is too old", "configMap", c.cfg.ConfigMap)
	}))
	if err != nil {
		return nil, err
	}
	factory.Start(ctx.Done())
	return reg.HasSynced, nil
}

// slim drops what nobody here reads, so that thousands of pods take little memory.
func slim(o any) (any, error) {
	switch x := o.(type) {
	case *v1.Node:
		return &v1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: x.Name, UID: x.UID, ResourceVersion: x.ResourceVersion, Labels: x.Labels, DeletionTimestamp: x.DeletionTimestamp},
			Spec:       v1.NodeSpec{Unschedulable: x.Spec.Unschedulable},
			Status:     v1.NodeStatus{Allocatable: x.Status.Allocatable},
		}, nil
	case *v1.Namespace:
		return &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: x.Name, UID: x.UID, ResourceVersion: x.ResourceVersion, Annotations: ours(x.Annotations)}}, nil
	case *v1.Pod:
		return slimPod(x), nil
	}
	return o, nil
}

// slimPod keeps what a pod demands and what it says of itself.
func slimPod(x *v1.Pod) *v1.Pod {
	out := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: x.Namespace, Name: x.Name, UID: x.UID, ResourceVersion: x.ResourceVersion,
			Labels: ours(x.Labels), Annotations: ours(x.Annotations), DeletionTimestamp: x.DeletionTimestamp},
		Spec: v1.PodSpec{NodeName: x.Spec.NodeName, Overhead: x.Spec.Overhead, Resources: x.Spec.Resources, Tolerations: x.Spec.Tolerations,
			Containers: slimContainers(x.Spec.Containers), InitContainers: slimContainers(x.Spec.InitContainers)},
		Status: v1.PodStatus{Phase: x.Status.Phase, Conditions: x.Status.Conditions, Resources: x.Status.Resources,
			ContainerStatuses: slimStatuses(x.Status.ContainerStatuses), InitContainerStatuses: slimStatuses(x.Status.InitContainerStatuses)},
	}
	if x.Spec.NodeName != "" {
		out.Spec.Tolerations = nil
	} else {
		out.Spec.SchedulerName, out.Spec.SchedulingGates = x.Spec.SchedulerName, x.Spec.SchedulingGates
	}
	return out
}

func slimContainers(all []v1.Container) []v1.Container {
	out := make([]v1.Container, len(all))
	for k := range all {
		out[k] = v1.Container{Name: all[k].Name, Resources: all[k].Resources, RestartPolicy: all[k].RestartPolicy, ResizePolicy: all[k].ResizePolicy}
	}
	return out
}

// slimStatuses keeps what counts while containers are being resized.
func slimStatuses(all []v1.ContainerStatus) []v1.ContainerStatus {
	out := make([]v1.ContainerStatus, len(all))
	for k := range all {
		out[k] = v1.ContainerStatus{Name: all[k].Name, Resources: all[k].Resources, AllocatedResources: all[k].AllocatedResources, State: all[k].State}
	}
	return out
}

// ours keeps labels and annotations of this project.
func ours(all map[string]string) map[string]string {
	var out map[string]string
	for key, value := range all {
		if strings.HasPrefix(key, "domicile.") {
			if out == nil {
				out = make(map[string]string)
			}
			out[key] = value
		}
	}
	return out
}
