package kubernetes

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// GangAnnotation is of pods: how many pods of their application there must be, placed or waiting, before any of them is placed, and
// then all that wait are placed together or none. It counts in joint mode alone.
const GangAnnotation = "domicile.eu/gang-size"

// Limits of joint decisions.
const (
	mostTogether = 512             // pods of one decision; an application with more waiting is placed pod by pod
	jointSteps   = 40_000          // of search, some tens of milliseconds
	mostJoint    = 256             // decisions that are kept
	jointRetry   = 5 * time.Second // after which a decision that leaves pods out is made anew
)

// Reasons of joint decisions.
const (
	reasonTogether = "domicile: the application's pods are placed together elsewhere"
	reasonGang     = "domicile: waits for the rest of its gang"
	reasonNoGang   = "domicile: the pods of the gang have no place together"
	reasonGangText = "domicile: the gang size cannot be read"
)

// joints are the joint decisions in force, by application.
type joints struct {
	mu  sync.Mutex // held while one is being made, so that two pods do not ask for it at once
	all map[appKey]*joint
}

// joint is one decision: on which site each pod of an application goes that waited when it was made. Room is counted by node: a site takes
// as many pods as its nodes have room for the largest of them, so that they do fit.
type joint struct {
	w     *world
	until time.Time
	asked map[types.NamespacedName]bool // the pods that waited
	site  map[types.NamespacedName]topology.SiteID
	whole bool // every pod that waited has a site
	many  bool // there were too many: each is placed by itself

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
// is of a gang.
func (c *Cluster) together(ctx context.Context, q *question, p *v1.Pod) (*view, error) {
	if !c.cfg.Joint || q.a.app.name == "" || p.Spec.NodeName != "" || q.own != nil && q.own.node != "" {
		return q.v, nil
	}
	size, err := gangSize(p)
	if err != nil {
		return q.v.closed(reasonGangText), nil
	}
	c.joints.mu.Lock()
	defer c.joints.mu.Unlock()
	j := c.joints.all[q.a.app]
	if j == nil || !c.holds(j, q) {
		if j, err = c.decide(ctx, q, p, size); err != nil {
			return nil, err
		}
		if j == nil {
			return q.v.closed(reasonGang), nil
		}
		c.keep(q.a.app, j)
	}
	site, ok := j.site[q.a.self]
	switch {
	case size > 0 && !j.whole:
		return q.v.closed(reasonNoGang), nil
	case !ok:
		return q.v, nil
	}
	return j.narrow(q, site), nil
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

// keep replaces an application's decision; where there are too many, those that have run out go first, then all.
func (c *Cluster) keep(app appKey, j *joint) {
	if len(c.joints.all) >= mostJoint {
		now := c.clock()
		for k, other := range c.joints.all {
			if !now.Before(other.until) {
				delete(c.joints.all, k)
			}
		}
		if len(c.joints.all) >= mostJoint {
			clear(c.joints.all)
		}
	}
	if c.joints.all == nil {
		c.joints.all = make(map[appKey]*joint)
	}
	c.joints.all[app] = j
}

// holds says whether a decision still stands for a pod.
func (c *Cluster) holds(j *joint, q *question) bool {
	if j.w != q.w || !c.clock().Before(j.until) || !j.many && !j.asked[q.a.self] {
		return false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for key, site := range j.site {
		p := c.books.held[key]
		if p == nil {
			p = c.books.pods[key]
		}
		if p == nil || p.node == "" {
			continue
		}
		n := c.books.nodes[p.node]
		if n == nil || !n.known || q.w.site(n.place) == nil || q.w.site(n.place).ID != site {
			return false
		}
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

// decide solves for all pods of the application that wait. It is nil where a gang is not complete.
func (c *Cluster) decide(ctx context.Context, q *question, p *v1.Pod, size int) (*joint, error) {
	c.mu.RLock()
	members := c.waiting(q, p)
	slots := q.slots(members)
	c.mu.RUnlock()
	if len(members)+len(q.a.partners) < size {
		return nil, nil
	}
	now := c.clock()
	j := &joint{w: q.w, until: now.Add(c.cfg.Reservation), asked: make(map[types.NamespacedName]bool, len(members)),
		site: make(map[types.NamespacedName]topology.SiteID, len(members)), views: make(map[jointView]*view)}
	if j.many = len(members) > mostTogether; j.many {
		return j, nil
	}
	app, ids := q.application(members)
	there, err := q.w.withSlots(slots)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	problem := &placement.Problem{Continuum: there, Latency: q.w.graph, AsOf: q.w.asOf, Applications: []placement.Application{app}}
	if q.w.in.set != nil {
		problem.Admission, problem.Transit = q.w.in.set, q.w.in.set
	}
	r, err := placement.Solve(ctx, problem, &placement.Options{MaxSteps: jointSteps, Workers: 1})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	j.whole = true
	for k, m := range members {
		j.asked[m.self] = true
		if site, ok := r.Assignment[ids[k]]; ok {
			j.site[m.self] = site
		} else {
			j.whole = false
			j.until = now.Add(min(jointRetry, c.cfg.Reservation))
		}
	}
	return j, nil
}

// waiting lists the pods of the application that wait and may be placed, in order of name; the caller holds the lock for reading. Pods that
// the rules would refuse for want of a class are left out: no joint answer is to speak for them.
func (c *Cluster) waiting(q *question, p *v1.Pod) []*asked {
	out := []*asked{q.a}
	for key, x := range c.books.pods {
		if x.app != q.a.app || x.object == nil || key == q.a.self || c.books.held[key] != nil || x.object.DeletionTimestamp != nil ||
			x.object.Spec.SchedulerName != p.Spec.SchedulerName && x.object.Spec.SchedulerName != "" {
			continue
		}
		if a := c.ask(q.w.in, x.object); a.refuse == "" && (a.class != "" || q.w.in.set == nil) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *asked) int {
		if a.self.Name < b.self.Name {
			return -1
		}
		return 1
	})
	return out
}

// application is all of them as one application: partners pinned where they are, and each member in place of a replica.
func (q *question) application(members []*asked) (placement.Application, []placement.WorkloadID) {
	a := *q.a
	for _, m := range members {
		for _, f := range m.flows {
			if !slices.ContainsFunc(a.flows, func(x placement.Flow) bool { return reflect.DeepEqual(x, f) }) {
				a.flows = append(a.flows[:len(a.flows):len(a.flows)], f)
			}
		}
	}
	app := placement.Application{Name: a.app.name, Tenant: a.tenant}
	if a.file != nil {
		app = *a.file
		app.Workloads = slices.Clone(app.Workloads)
	}
	used := make([]bool, len(app.Workloads))
	for _, p := range a.partners {
		if site := q.w.site(p.place); site != nil {
			k := a.replica(&app, &used, p.component)
			app.Workloads[k].Site, app.Workloads[k].Demand = site.ID, nil // what it takes is taken already
		}
	}
	ids := make([]placement.WorkloadID, len(members))
	for i, m := range members {
		k := m.replica(&app, &used, m.component)
		w := &app.Workloads[k]
		w.Kind, w.Data, w.Demand = placement.Container, placement.DataClass(m.class), m.demand.priced()
		w.Demand[slotDimension] = 1
		if a.file == nil {
			w.Attributes = m.space.attributes
		}
		ids[i] = w.ID
	}
	standTogether(app.Workloads)
	if a.file == nil {
		app.Flows = a.flowsAmong(app.Workloads)
	}
	return app, ids
}

// standTogether sorts workloads so that replicas of a component follow each other, components in the order of their first.
func standTogether(all []placement.Workload) {
	first := make(map[string]int)
	for k := range all {
		if _, ok := first[all[k].Component]; !ok {
			first[all[k].Component] = k
		}
	}
	slices.SortStableFunc(all, func(a, b placement.Workload) int { return first[a.Component] - first[b.Component] })
}
