package scheduler

import (
	"context"
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// feed tells the cluster of all objects that kube-scheduler's own informers see, so that neither memory nor the API server holds a
// second copy, and says when they have synced.
func feed(ctx context.Context, c *kubernetes.Cluster, cfg kubernetes.Config, h fwk.Handle) error {
	f := h.SharedInformerFactory().Core().V1()
	var synced []cache.InformerSynced
	for _, part := range []struct {
		what     string
		informer cache.SharedIndexInformer
		handler  cache.ResourceEventHandlerFuncs
	}{
		{"namespaces", f.Namespaces().Informer(), handler(c.SetNamespace, func(n *v1.Namespace) { c.DeleteNamespace(n.Name) })},
		{"nodes", f.Nodes().Informer(), handler(c.SetNode, func(n *v1.Node) { c.DeleteNode(n.Name) })},
		{"pods", f.Pods().Informer(), handler(c.SetPod, c.DeletePod)},
	} {
		r, err := part.informer.AddEventHandler(part.handler)
		if err != nil {
			return fmt.Errorf("domicile: %s: %w", part.what, err)
		}
		synced = append(synced, r.HasSynced)
	}
	c.SetSynced(false)
	go func() {
		if cache.WaitForCacheSync(ctx.Done(), synced...) {
			c.SetSynced(true)
		}
	}()
	return nil
}

// handler makes event handlers of what to do with an object that is there and one that is not.
func handler[T any](set, gone func(*T)) cache.ResourceEventHandlerFuncs {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) {
			if x, ok := o.(*T); ok {
				set(x)
			}
		},
		UpdateFunc: func(_, o any) {
			if x, ok := o.(*T); ok {
				set(x)
			}
		},
		DeleteFunc: func(o any) {
			if d, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = d.Obj
			}
			if x, ok := o.(*T); ok {
				gone(x)
			}
		},
	}
}

// activator queues a pod again. It runs beside the cycle, which holds what the queue wants.
func activator(h fwk.Handle) func(context.Context, *v1.Pod) {
	return func(ctx context.Context, pod *v1.Pod) {
		h.Activate(klog.FromContext(ctx), map[string]*v1.Pod{pod.Namespace + "/" + pod.Name: pod})
	}
}
