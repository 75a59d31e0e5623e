package kubernetes

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// The budget of a decision in steps of search: what small ones get, what each pod adds, and the most.
const (
	leastSteps = 2_000
	podSteps   = 300
	mostSteps  = 40_000
)

// decideBeside makes a decision beside the questions that wait for it: one at a time, so that they leave the questions the larger part of the
// machine.
func (c *Cluster) decideBeside(ctx context.Context, d *deciding, m *making, q *question, p *v1.Pod) {
	c.joints.making <- struct{}{}
	defer func() { <-c.joints.making }()
	ctx, cancel := context.WithTimeout(ctx, jointTime<<min(d.cut, mostDoubled)) // d.cut changes here alone, with the token
	defer cancel()
	began := c.clock()
	j, err := c.guardedDecide(ctx, q, p)
	c.joints.mu.Lock()
	defer c.joints.mu.Unlock()
	defer close(m.done)
	now := c.clock()
	d.now, d.rest = nil, now.Add(now.Sub(began))
	if d.cut++; ctx.Err() == nil || err == nil && j.whole {
		d.cut = 0
	}
	if m.j, m.err = j, err; err != nil {
		d.rest = now.Add(jointRetry)
		c.log.Warn("no joint decision", "application", q.a.app.name, "namespace", q.a.app.namespace, "error", err)
		return
	}
	if j.count >= q.gang {
		d.last = j
	}
}

// guardedDecide makes an error of a panic: nobody else would catch it.
func (c *Cluster) guardedDecide(ctx context.Context, q *question, p *v1.Pod) (j *joint, err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			c.log.Error("panic", "value", thrown, "stack", string(debug.Stack()))
			j, err = nil, fmt.Errorf("%w: internal error, see the log", ErrNotReady)
		}
	}()
	return c.decide(ctx, q, p)
}

// decide solves for the pods of the application that wait, at most mostTogether of them, the asker's among them.
func (c *Cluster) decide(ctx context.Context, q *question, p *v1.Pod) (*joint, error) {
	c.mu.RLock()
	members := c.waiting(q, p)
	waiting, count := len(members), len(members)+q.a.placed
	if len(members) > mostTogether {
		at := slices.IndexFunc(members, func(a *asked) bool { return a.self == q.a.self }) / mostTogether * mostTogether
		members = members[at:min(at+mostTogether, len(members))]
	}
	slots := q.slots(members)
	c.mu.RUnlock()
	if count < q.gang {
		return &joint{w: q.w, count: count, asked: map[types.NamespacedName]bool{q.a.self: true}}, nil
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
	steps := min(leastSteps+podSteps*len(members), mostSteps)
	r, err := placement.Solve(ctx, problem, &placement.Options{MaxSteps: int64(steps), Workers: 1})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotReady, err)
	}
	now := c.clock()
	j := &joint{w: q.w, until: now.Add(c.cfg.Reservation), asked: make(map[types.NamespacedName]bool, len(members)),
		site: make(map[types.NamespacedName]topology.SiteID, len(members)), views: make(map[jointView]*view),
		count: count, part: len(members) < waiting, whole: true}
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
// the rules would refuse for want of a class are left out: no joint answer is to speak for them. Replicas are mostly alike: what is
// found out of one is true of all that say the same.
func (c *Cluster) waiting(q *question, p *v1.Pod) []*asked {
	type saying struct{ component, class, flows string }
	alike := make(map[saying]*asked)
	out := []*asked{q.a}
	for key, x := range c.books.pods {
		if x.app != q.a.app || x.object == nil || key == q.a.self || c.books.held[key] != nil || x.object.DeletionTimestamp != nil ||
			len(x.object.Spec.SchedulingGates) > 0 ||
			x.object.Spec.SchedulerName != p.Spec.SchedulerName && x.object.Spec.SchedulerName != "" {
			continue
		}
		says := saying{x.object.Labels[ComponentLabel], x.class, x.text}
		first := alike[says]
		if first == nil {
			first = c.ask(q.w.in, x.object)
			alike[says] = first
		}
		if first.refuse == "" && (first.class != "" || q.w.in.set == nil) {
			a := *first
			a.self, a.demand = key, x.demand
			out = append(out, &a)
		}
	}
	slices.SortFunc(out, func(a, b *asked) int { return strings.Compare(a.self.Name, b.self.Name) })
	return out
}

// application is all of them as one application: partners pinned where they are, and each member in place of a replica.
func (q *question) application(members []*asked) (placement.Application, []placement.WorkloadID) {
	a := *q.a
	a.flows = slices.Clone(a.flows)
	merged := make(map[*placement.Flow]bool) // the first of lists that pods share
	for _, m := range members {
		if len(m.flows) == 0 || merged[&m.flows[0]] {
			continue
		}
		merged[&m.flows[0]] = true
		for _, f := range m.flows {
			if !slices.ContainsFunc(a.flows, func(x placement.Flow) bool { return reflect.DeepEqual(x, f) }) {
				a.flows = append(a.flows, f)
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
	if a.file == nil {
		app.Flows = a.flowsAmong(app.Workloads)
	}
	return app, ids
}
