package kubernetes

import (
	"context"
	"fmt"
	"hash/fnv"

	v1 "k8s.io/api/core/v1"
)

// Filtered says of each node that was asked about whether a pod may go there.
type Filtered struct {
	Pass []string
	// Hard and Soft hold why not, by node: what preemption cannot change, and lack of room. Texts name neither nodes nor
	// numbers, so that Kubernetes can count them.
	Hard, Soft map[string]string
}

// Refusals counts nodes by why they are refused.
type Refusals struct {
	Hard, Soft map[string]int
}

// Judged says the same in order of the nodes asked about.
type Judged struct {
	Reasons []string // empty: the pod may go there
	Soft    []bool   // the reason is lack of room
}

// question is what answers are made of: a pod, what the world says of it, and the books at that time.
type question struct {
	c *Cluster
	w *world
	a *asked
	v *view // nil where the pod may go nowhere
	// own is what the pod holds already: a reservation, or a place.
	own *pod
	// tolerant pods may go to cordoned nodes.
	tolerant bool
	gang     int // how many pods there must be; in joint mode alone
}

// question prepares answers about a pod. After it the caller may read the books with the lock.
func (c *Cluster) question(ctx context.Context, p *v1.Pod) (*question, error) {
	if p == nil {
		return nil, fmt.Errorf("%w: no pod", ErrInvalid)
	}
	c.sweep()
	w, err := c.current(ctx)
	if err != nil {
		return nil, err
	}
	q := &question{c: c, w: w, tolerant: tolerates(p)}
	c.mu.RLock()
	q.a = c.ask(w.in, p)
	if q.own = c.books.held[q.a.self]; q.own == nil {
		q.own = c.books.pods[q.a.self]
	}
	c.mu.RUnlock()
	if q.a.refuse != "" {
		return q, nil
	}
	if q.v, err = w.view(ctx, q.a); err != nil {
		return nil, err
	}
	if q.v, err = c.together(ctx, q, p); err != nil {
		return nil, err
	}
	return q, ctx.Err()
}

// sweep takes out reservations that have run out.
func (c *Cluster) sweep() {
	now := c.clock()
	c.mu.RLock()
	due := !c.books.expiry.IsZero() && !now.Before(c.books.expiry)
	c.mu.RUnlock()
	if due {
		c.mu.Lock()
		c.books.expire(now)
		c.mu.Unlock()
	}
}

func tolerates(p *v1.Pod) bool {
	taint := v1.Taint{Key: v1.TaintNodeUnschedulable, Effect: v1.TaintEffectNoSchedule}
	for k := range p.Spec.Tolerations {
		t := &p.Spec.Tolerations[k]
		if (t.Effect == "" || t.Effect == taint.Effect) && (t.Key == taint.Key || t.Key == "" && t.Operator == v1.TolerationOpExists) &&
			(t.Operator == v1.TolerationOpExists || t.Value == "") {
			return true
		}
	}
	return false
}

// judge says why the pod may not go to a node; the caller holds the lock for reading.
func (q *question) judge(name string) (reason string, soft bool) {
	n := q.c.books.nodes[name]
	switch {
	case n == nil || !n.known || int(n.place) >= q.w.places:
		return reasonUnknownNode, false
	case q.a.refuse != "":
		return q.a.refuse, false
	case q.v.reason[n.place] != "":
		return q.v.reason[n.place], false
	case n.cordoned && !q.tolerant:
		return reasonCordoned, false
	}
	var own room
	if q.own != nil && q.own.node == name {
		own = q.own.demand
	}
	reason = lacks(&n.has, &n.used, &own, &q.a.demand)
	return reason, reason != ""
}

// Judge says for each of these nodes whether a pod may run there. It costs a look-up a node once the pod's shape is known;
// the error wraps [ErrNotReady] and means that nothing may be bound.
func (c *Cluster) Judge(ctx context.Context, p *v1.Pod, nodes []string) (*Judged, error) {
	q, err := c.question(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &Judged{Reasons: make([]string, len(nodes)), Soft: make([]bool, len(nodes))}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for k, name := range nodes {
		out.Reasons[k], out.Soft[k] = q.judge(name)
	}
	return out, nil
}

// Filter is [Cluster.Judge] by node.
func (c *Cluster) Filter(ctx context.Context, p *v1.Pod, nodes []string) (*Filtered, error) {
	j, err := c.Judge(ctx, p, nodes)
	if err != nil {
		return nil, err
	}
	f := &Filtered{Hard: make(map[string]string), Soft: make(map[string]string)}
	for k, name := range nodes {
		switch {
		case j.Reasons[k] == "":
			f.Pass = append(f.Pass, name)
		case j.Soft[k]:
			f.Soft[name] = j.Reasons[k]
		default:
			f.Hard[name] = j.Reasons[k]
		}
	}
	return f, nil
}

// Score rates nodes from 0 to 100: by what the pod adds to the first tier of the objective in which they differ, the
// cheapest 100 and the dearest 0, so that no node is rated above one that the library ranks before it. Nodes that
// may not take it get 0.
func (c *Cluster) Score(ctx context.Context, p *v1.Pod, nodes []string) ([]int64, error) {
	q, err := c.question(ctx, p)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(nodes))
	if q.v == nil {
		return out, nil
	}
	at := make([]int32, len(nodes))
	c.mu.RLock()
	for k, name := range nodes {
		at[k] = -1
		if n := c.books.nodes[name]; n != nil && n.known && int(n.place) < q.w.places && q.v.reason[n.place] == "" {
			at[k] = n.place
		}
	}
	c.mu.RUnlock()
	q.v.rate(at, out)
	return out, nil
}

// rate rates places (-1: none) by cost, and by rank where all cost the same.
func (v *view) rate(at []int32, out []int64) {
	by := func(place int32) float64 { return float64(v.cost[place]) }
	least, most, ok := spanOf(at, by)
	if ok && least == most {
		by = func(place int32) float64 { return float64(v.rank[place]) }
		least, most, _ = spanOf(at, by)
	}
	for k, place := range at {
		switch {
		case place < 0:
		case most > least:
			out[k] = int64(100 * ((most - by(place)) / (most - least)))
		default:
			out[k] = 100
		}
	}
}

func spanOf(at []int32, by func(int32) float64) (least, most float64, ok bool) {
	for _, place := range at {
		if place < 0 {
			continue
		}
		x := by(place)
		if !ok || x < least {
			least = x
		}
		if !ok || x > most {
			most = x
		}
		ok = true
	}
	return least, most, ok
}

// Best returns up to k of the best nodes that a pod may run on, the best first, and where there are none what refuses the
// others. Of nodes of one place it starts at one that depends on the pod, so that pods do not crowd on the first. It looks
// at the nodes of as many places as it takes, best places first.
func (c *Cluster) Best(ctx context.Context, p *v1.Pod, k int) ([]string, *Refusals, error) {
	q, err := c.question(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	h := fnv.New32a()
	fmt.Fprint(h, p.UID, p.Namespace, p.Name)
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []string
	if q.v != nil {
		for _, place := range q.v.best {
			names := c.books.names(place)
			for n := range names {
				if len(out) == k {
					return out, nil, nil
				}
				name := names[(n+int(h.Sum32()%uint32(len(names))))%len(names)]
				if reason, _ := q.judge(name); reason == "" {
					out = append(out, name)
				}
			}
		}
	}
	if len(out) > 0 {
		return out, nil, nil
	}
	no := &Refusals{Hard: make(map[string]int), Soft: make(map[string]int)}
	for name, n := range c.books.nodes {
		if !n.known {
			continue
		}
		if reason, soft := q.judge(name); soft {
			no.Soft[reason]++
		} else {
			no.Hard[reason]++
		}
	}
	return nil, no, nil
}
