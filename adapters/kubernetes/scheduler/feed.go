package scheduler

import (
	"context"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// look is how often files are looked at for changes.
const look = 10 * time.Second

// feed tells the cluster of all objects that kube-scheduler's own informers see, and follows the files. Pods that wait are woken up when
// another policy or continuum comes into force, of which the scheduling queue has no event.
func feed(ctx context.Context, c *kubernetes.Cluster, h fwk.Handle) error {
	if err := c.Follow(ctx, h.SharedInformerFactory(), h.ClientSet()); err != nil {
		return err
	}
	go c.FollowFiles(ctx, look, nil, func() {
		pods, err := h.SharedInformerFactory().Core().V1().Pods().Lister().List(labels.Everything())
		if err != nil {
			return // a lister of memory has none
		}
		waiting := map[string]*v1.Pod{}
		for _, p := range pods {
			if p.Spec.NodeName == "" && p.DeletionTimestamp == nil {
				waiting[p.Namespace+"/"+p.Name] = p
			}
		}
		h.Activate(klog.FromContext(ctx), waiting)
	})
	return nil
}

// activator queues a pod again.
func activator(h fwk.Handle) func(context.Context, *v1.Pod) {
	return func(ctx context.Context, pod *v1.Pod) {
		h.Activate(klog.FromContext(ctx), map[string]*v1.Pod{pod.Namespace + "/" + pod.Name: pod})
	}
}
