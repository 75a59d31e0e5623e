package kubernetes

import (
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Stats are figures for people who watch.
type Stats struct {
	Nodes, Homeless, Pods, Held int
	Ready                       bool
	Rules, FailedReloads        int
	AsOf                        time.Time // of the continuum
}

// Stats counts what is known. O(nodes).
func (c *Cluster) Stats() Stats {
	s := Stats{Ready: c.Ready() == nil}
	if in := c.in.Load(); in != nil {
		if in.stated != nil {
			s.AsOf = in.stated.AsOf()
		}
		if in.set != nil {
			s.Rules = len(in.set.Rules())
		}
	}
	c.change.Lock()
	live := c.live
	c.change.Unlock()
	if live != nil {
		s.FailedReloads = live.Status().Failed
	}
	w := c.now.Load()
	c.mu.RLock()
	defer c.mu.RUnlock()
	s.Pods, s.Held = len(c.books.pods), len(c.books.held)
	for _, n := range c.books.nodes {
		if n.known {
			s.Nodes++
			if w != nil && int(n.place) < w.places && w.sites[n.place] == nil {
				s.Homeless++
			}
		}
	}
	return s
}

// Waiting returns a pod that is known and not bound, as far as it is kept; nil: there is none.
func (c *Cluster) Waiting(namespace, name string) *v1.Pod {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if p := c.books.pods[types.NamespacedName{Namespace: namespace, Name: name}]; p != nil {
		return p.object
	}
	return nil
}
