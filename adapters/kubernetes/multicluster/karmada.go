package multicluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Annotations of a namespace of the control plane, the same as on a member cluster.
const (
	noteClass  = "domicile.eu/data-class"
	noteTenant = "domicile.eu/tenant"
)

var namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}

// Binder answers Karmada's ResourceBindings of our schedulerName.
type Binder struct {
	client dynamic.Interface
	source Source
	opts   Options
	ledger []charge
}

// charge is what was decided lately and may not stand in a cluster's report yet.
type charge struct {
	binding string
	site    topology.SiteID
	demand  topology.Resources
	until   time.Time
}

// NewBinder makes a Binder. It must not be used by two goroutines at a time.
func NewBinder(client dynamic.Interface, source Source, opts Options) (*Binder, error) {
	opts, err := opts.settled()
	if err != nil {
		return nil, err
	}
	return &Binder{client: client, source: source, opts: opts}, nil
}

// ReadCluster translates a Karmada Cluster: ready, without a taint (none is tolerated here), and with what it reports as not allocated.
func ReadCluster(o *unstructured.Unstructured) Member {
	m := Member{Name: o.GetName(), NotReady: condition(o, "Ready")}
	r := reader{o: o.Object}
	if len(r.list("spec", "taints")) > 0 {
		m.NotReady = "it has a taint"
	}
	var used [2]Member
	m.read(o, "allocatable", "status", "resourceSummary", "allocatable")
	used[0].read(o, "allocated", "status", "resourceSummary", "allocated")
	used[1].read(o, "allocating", "status", "resourceSummary", "allocating")
	for _, u := range used {
		if u.NotReady != "" {
			m.NotReady = u.NotReady
		}
		for d, n := range u.Free {
			if has, ok := m.Free[d]; ok {
				m.Free[d] = max(has-n, 0)
			}
		}
	}
	switch {
	case o.GetDeletionTimestamp() != nil:
		m.NotReady = "it is being deleted"
	case len(r.defects) > 0:
		m.NotReady = r.defects[0].Error()
	case m.Free == nil && m.NotReady == "":
		m.NotReady = "it reports no resources"
	}
	return m
}

// Reconcile answers every binding that is new, changed or without an answer. One that cannot be answered gets the condition Scheduled False
// with the reason, and keeps its clusters: they are facts, and who takes them away is not the scheduler.
func (k *Binder) Reconcile(ctx context.Context) (notes []string, _ error) {
	w, err := k.source(ctx)
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return nil, err
	}
	clusters, err := list(ctx, k.client, Clusters, "", "")
	if err != nil {
		return nil, err
	}
	bindings, err := list(ctx, k.client, Bindings, k.opts.Namespace, "")
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, o := range bindings {
		if !Ours(o, k.opts.Scheduler) {
			continue
		}
		b, err := ReadBinding(o)
		if err != nil {
			errs = append(errs, k.answer(ctx, o, nil, err.Error()))
			continue
		}
		if b.Scheduled && b.Observed == b.Generation {
			continue
		}
		some, err := k.one(ctx, w, o, b, clusters)
		notes = append(notes, some...)
		errs = append(errs, err)
	}
	return notes, errors.Join(errs...)
}

// one decides a binding. What it has already on a cluster stands in that cluster's report, and is free for it.
func (k *Binder) one(ctx context.Context, w *World, o *unstructured.Unstructured, b *Binding, clusters []*unstructured.Unstructured) ([]string, error) {
	ns, err := k.client.Resource(namespaces).Get(ctx, b.Namespace, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("namespace %s: %w", b.Namespace, err)
	}
	tenant := ns.GetAnnotations()[noteTenant]
	if tenant == "" {
		tenant = b.Namespace
	}
	id, now := b.Namespace+"/"+b.Name, k.opts.Now()
	k.settle(id, now)
	members := make([]Member, 0, len(clusters))
	for _, c := range clusters {
		m := ReadCluster(c)
		for d := range m.Free {
			m.Free[d] += b.Current[topology.SiteID(m.Name)] * b.Demand[d]
			for _, x := range k.ledger {
				if x.site == topology.SiteID(m.Name) {
					m.Free[d] -= x.demand[d]
				}
			}
		}
		members = append(members, m)
	}
	there, notes, err := Fold(w.Continuum, members)
	if err != nil {
		return notes, err
	}
	found, why, err := w.Place(ctx, b, there, placement.DataClass(ns.GetAnnotations()[noteClass]), tenant, k.opts.Steps)
	if err != nil {
		return notes, fmt.Errorf("binding %s: %w", id, err)
	}
	if err := k.answer(ctx, o, found, why); err != nil {
		return notes, err
	}
	for _, t := range found {
		if more := t.Replicas - b.Current[t.Cluster]; more > 0 {
			k.charge(id, t.Cluster, b.Demand, more, now)
		}
	}
	return notes, nil
}

// settle forgets charges that are over, and those of a binding that is decided anew.
func (k *Binder) settle(binding string, now time.Time) {
	kept := k.ledger[:0]
	for _, c := range k.ledger {
		if c.binding != binding && now.Before(c.until) {
			kept = append(kept, c)
		}
	}
	k.ledger = kept
}

func (k *Binder) charge(binding string, site topology.SiteID, demand topology.Resources, times int64, now time.Time) {
	c := charge{binding, site, make(topology.Resources, len(demand)), now.Add(k.opts.Assume)}
	for d, n := range demand {
		c.demand[d] = n * times
	}
	k.ledger = append(k.ledger, c)
}

// answer writes spec.clusters where there is an answer, then the condition. The generation that the condition speaks of is that
// after the write, so that the write itself does not ask again.
func (k *Binder) answer(ctx context.Context, o *unstructured.Unstructured, found []Target, why string) error {
	generation := o.GetGeneration()
	if why == "" {
		spec := bare(o)
		clusters := make([]any, 0, len(found))
		for _, t := range found {
			clusters = append(clusters, map[string]any{"name": string(t.Cluster), "replicas": t.Replicas})
		}
		spec.Object["spec"] = map[string]any{"clusters": clusters}
		spec.SetResourceVersion(o.GetResourceVersion()) // somebody else's change since means: look again
		got, err := k.client.Resource(Bindings).Namespace(o.GetNamespace()).Apply(ctx, o.GetName(), spec, metav1.ApplyOptions{FieldManager: k.opts.FieldManager, Force: true})
		if err != nil {
			return fmt.Errorf("apply %s/%s: %w", o.GetNamespace(), o.GetName(), err)
		}
		generation = got.GetGeneration()
	}
	state, reason, message := "True", "Success", "Binding has been scheduled"
	if why != "" {
		state, reason, message = "False", "NoClusterFit", why
		if len(message) > 1024 {
			message = message[:1024]
		}
		if told(o, message) && generation == observed(o) {
			return nil
		}
	}
	status := bare(o)
	status.Object["status"] = map[string]any{
		"schedulerObservedGeneration": generation,
		"conditions": append(others(o), map[string]any{
			"type": "Scheduled", "status": state, "reason": reason, "message": message,
			"lastTransitionTime": k.opts.Now().UTC().Format(time.RFC3339),
		}),
	}
	return apply(ctx, k.client, Bindings, status, k.opts.FieldManager, true, "status")
}

// others are the conditions that are not ours. The list is one field to the API server, so that whoever applies it applies all of it.
func others(o *unstructured.Unstructured) []any {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	var out []any
	for _, c := range list {
		if f, ok := c.(map[string]any); ok && f["type"] != "Scheduled" {
			out = append(out, f)
		}
	}
	return out
}

func bare(o *unstructured.Unstructured) *unstructured.Unstructured {
	b := &unstructured.Unstructured{Object: map[string]any{}}
	b.SetGroupVersionKind(Bindings.GroupVersion().WithKind("ResourceBinding"))
	b.SetName(o.GetName())
	b.SetNamespace(o.GetNamespace())
	return b
}

func observed(o *unstructured.Unstructured) int64 {
	n, _, _ := unstructured.NestedInt64(o.Object, "status", "schedulerObservedGeneration")
	return n
}

// told says whether the binding has this refusal already, so that it is not written again and again.
func told(o *unstructured.Unstructured, message string) bool {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range list {
		if f, _ := c.(map[string]any); f["type"] == "Scheduled" {
			return f["status"] == "False" && f["message"] == message
		}
	}
	return false
}
