package kubernetes

import (
	"context"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// Follow feeds the cluster from informers that somebody else starts, kube-scheduler for one, so that there is one copy of everything and one
// watch. It returns at once; the cluster answers when all has been delivered. client is for the ConfigMap of the continuum alone.
func (c *Cluster) Follow(ctx context.Context, shared informers.SharedInformerFactory, client kubernetes.Interface) error {
	c.SetSynced(false)
	core := shared.Core().V1()
	var wait []cache.InformerSynced
	for _, h := range []struct {
		in cache.SharedIndexInformer
		on cache.ResourceEventHandlerFuncs
	}{
		{core.Namespaces().Informer(), handler(c.SetNamespace, func(n *v1.Namespace) { c.DeleteNamespace(n.Name) })},
		{core.Nodes().Informer(), handler(c.SetNode, func(n *v1.Node) { c.DeleteNode(n.Name) })},
		{core.Pods().Informer(), handler(c.SetPod, c.DeletePod)},
	} {
		r, err := h.in.AddEventHandler(h.on)
		if err != nil {
			return err
		}
		wait = append(wait, r.HasSynced)
	}
	if c.cfg.ConfigMap != "" {
		synced, err := c.watchContinuum(ctx, client)
		if err != nil {
			return err
		}
		wait = append(wait, synced)
	}
	go func() {
		if cache.WaitForCacheSync(ctx.Done(), wait...) {
			c.SetSynced(true)
		}
	}()
	return nil
}
