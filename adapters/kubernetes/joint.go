package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/topology"
)

// GangAnnotation is of pods: how many pods of their application there must be, placed or waiting, before any of them is placed, and
// then all that wait are placed together or none. It counts in joint mode alone.
const GangAnnotation = "domicile.eu/gang-size"

// Limits of joint decisions.
const (
	mostTogether = 512                    // pods of one decision; of an application with more waiting so many are placed after the other
	mostJoint    = 256                    // applications whose decisions are kept
	mostNarrowed = 64                     // views that a decision keeps
	jointRetry   = 5 * time.Second        // after which a decision that leaves pods out is made anew
	jointTime    = 500 * time.Millisecond // for one decision, beside which questions go on; steps mostly end it earlier
	mostDoubled  = 6                      // how often that is doubled where it was not enough
)

// Reasons of joint decisions.
const (
	reasonTogether = "domicile: the application's pods are placed together elsewhere"
	reasonGang     = "domicile: waits for the rest of its gang"
	reasonNoGang   = "domicile: the pods of the gang have no place together"
	reasonGangText = "domicile: the gang size cannot be read"
)

// errUndecided wraps ErrNotReady, so that Kubernetes tries again by itself.
var errUndecided = fmt.Errorf("%w: the pods of the gang are being placed together", ErrNotReady)

// joints are the joint decisions, by application.
type joints struct {
	mu     sync.Mutex // never held while a decision is made
	all    map[appKey]*deciding
	making chan struct{} // holds one token: who has it may make a decision
}

// deciding is how far the decisions for an application are.
type deciding struct {
	last *joint
	now  *making   // nil: none is being made
	rest time.Time // before which none is made: not more than half of the time goes into them
	cut  int       // how many in a row came to nothing for want of time
}

// making is a decision that is being made. Nothing but slow is written before done is closed, and nothing afterwards.
type making struct {
	done chan struct{}
	slow atomic.Bool // somebody has waited in vain: nobody else need
	j    *joint      // nil: the gang is not complete
	err  error
}

// joint is one decision: on which site each pod of an application goes that waited when it was made. Room is counted by node: a site takes
// as many pods as its nodes have room for the largest of them, so that they do fit.
type joint struct {
	w     *world
	until time.Time
	asked map[types.NamespacedName]bool // the pods that waited
	site  map[types.NamespacedName]topology.SiteID
	count int  // pods there are, placed or waiting
	whole bool // every pod that was asked about has a site
	part  bool // more waited than were asked about

	mu    sync.Mutex
	views map[jointView]*view
}

type jointView struct {
	of   *view
	site topology.SiteID
}

// together narrows what is known of a pod to the joint decision for its application, where that is wanted and there is one. What the
// decision says is a preference that lasts: it is dropped when it is too old, when the world has changed, when a pod of it went
// elsewhere, when another waits, and when its site has no room left, and made anew; a pod without a site in it is judged by itself, unless it
// is of a gang. So is a pod whose decision takes longer than half of the configured deadline.
func (c *Cluster) together(ctx context.Context, q *question, p *v1.Pod) (*view, error) {
	if !c.cfg.Joint || q.a.app.name == "" || p.Spec.NodeName != "" || q.own != nil && q.own.node != "" {
		return q.v, nil
	}
	size, err := gangSize(p)
	if err != nil {
		return q.v.closed(reasonGangText), nil
	}
	q.gang = size
	j, err := c.decided(ctx, q, p)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %w", ErrNotReady, ctx.Err())
	case size > 0 && (err != nil || j == nil):
		return nil, cmp.Or(err, errUndecided)
	case err != nil || j == nil:
		return q.v, nil
	case size > j.count:
		return q.v.closed(reasonGang), nil
	case size > 0 && !j.asked[q.a.self]:
		return nil, errUndecided
	case size > 0 && !j.whole:
		return q.v.closed(reasonNoGang), nil
	}
	if site, ok := j.site[q.a.self]; ok {
		return j.narrow(q, site), nil
	}
	return q.v, nil
}

// members is how many pods of the application there are, placed or waiting.
func (c *Cluster) members(q *question, p *v1.Pod) int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.waiting(q, p)) + q.a.placed
}

// decided returns the decision that a pod is answered from: one that holds, or else one that is made now, or, while that takes its time,
// the last one where it says something of the pod. Nil: there is none.
func (c *Cluster) decided(ctx context.Context, q *question, p *v1.Pod) (*joint, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Deadline/2)
	defer cancel()
	for range 2 { // what was being made may know nothing of the pod
		j, m := c.standing(ctx, q, p)
		if m == nil {
			return j, nil
		}
		select {
		case <-m.done:
		case <-ctx.Done():
			m.slow.Store(true)
			return j, nil
		}
		if m.err != nil || m.j.asked[q.a.self] {
			return m.j, m.err
		}
	}
	return nil, nil
}

// standing returns the decision that holds, or the one that is being made with what to say if it takes too long.
func (c *Cluster) standing(ctx context.Context, q *question, p *v1.Pod) (*joint, *making) {
	c.joints.mu.Lock()
	defer c.joints.mu.Unlock()
	var j *joint
	if d := c.joints.all[q.a.app]; d != nil && d.last != nil {
		if j = d.last; c.holds(j, q) {
			return j, nil
		}
		if j.w != q.w || !j.asked[q.a.self] {
			j = nil
		}
	}
	if q.gang > 0 { // no decision is needed to know that some are missing
		if n := c.members(q, p); n < q.gang {
			return &joint{count: n}, nil
		}
	}
	d := c.joints.of(q.a.app, c.clock())
	if d.now == nil && !c.clock().Before(d.rest) {
		d.now = &making{done: make(chan struct{})}
		go c.decideBeside(context.WithoutCancel(ctx), d, d.now, q, p)
	}
	if d.now != nil && d.now.slow.Load() {
		return j, nil
	}
	return j, d.now
}

// gangSize is zero where the pod is of no gang.
func gangSize(p *v1.Pod) (int, error) {
	text := p.Annotations[GangAnnotation]
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > mostTogether {
		return 0, fmt.Errorf("%w: %s: %q is not from 1 to %d", ErrInvalid, GangAnnotation, text, mostTogether)
	}
	return n, nil
}

// of returns how far the decisions for an application are. Where there are too many, those that have run out go first, then all that are
// not being made.
func (all *joints) of(app appKey, now time.Time) *deciding {
	if d := all.all[app]; d != nil {
		return d
	}
	for _, every := range []bool{false, true} {
		if len(all.all) < mostJoint {
			break
		}
		maps.DeleteFunc(all.all, func(_ appKey, d *deciding) bool {
			return d.now == nil && (every || d.last == nil || !now.Before(d.last.until))
		})
	}
	d := &deciding{}
	all.all[app] = d
	return d
}

// holds says whether a decision still stands for a pod. For one that it was not asked about it does while there are others to be placed
// first.
func (c *Cluster) holds(j *joint, q *question) bool {
	if j.w != q.w || !c.clock().Before(j.until) || !j.part && !j.asked[q.a.self] || q.gang > j.count {
		return false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	open := !j.whole
	for key, site := range j.site {
		p := c.books.held[key]
		if p == nil {
			p = c.books.pods[key]
		}
		if p == nil || p.node == "" {
			open = open || p != nil
			continue
		}
		n := c.books.nodes[p.node]
		if n == nil || !n.known || q.w.site(n.place) == nil || q.w.site(n.place).ID != site {
			return false
		}
	}
	if !j.asked[q.a.self] {
		return open
	}
	site, ok := j.site[q.a.self]
	return !ok || q.roomOn(site)
}

// roomOn says whether a node of a site takes the pod; the caller holds the lock for reading.
func (q *question) roomOn(site topology.SiteID) bool {
	for place, s := range q.w.sites {
		if s == nil || s.ID != site || place >= len(q.c.books.byPlace) {
			continue
		}
		for _, name := range q.c.books.names(int32(place)) {
			if why, _ := q.judge(name); why == "" {
				return true
			}
		}
	}
	return false
}
