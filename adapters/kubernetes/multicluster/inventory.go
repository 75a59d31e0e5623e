package multicluster

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

// Inventory reads ClusterProfiles and writes PlacementDecisions of all applications of its world.
type Inventory struct {
	client dynamic.Interface
	source Source
	opts   Options
}

// NewInventory makes an Inventory; opts must name a namespace.
func NewInventory(client dynamic.Interface, source Source, opts Options) (*Inventory, error) {
	opts, err := opts.settled()
	if err == nil && opts.Namespace == "" {
		err = errors.New("multicluster: PlacementDecisions need a namespace")
	}
	if err != nil {
		return nil, err
	}
	return &Inventory{client: client, source: source, opts: opts}, nil
}

// Reconcile decides once and writes what differs: PlacementDecisions of components that are gone, or of slices no longer needed, are
// deleted, only those that carry our label and schedulerName. Notes say which clusters take no part. Where anything cannot
// be read or decided nothing is written.
func (v *Inventory) Reconcile(ctx context.Context) (notes []string, _ error) {
	w, err := v.source(ctx)
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return nil, err
	}
	profiles, err := list(ctx, v.client, Profiles, v.opts.Namespace, "")
	if err != nil {
		return nil, err
	}
	now, members, namespaces := v.opts.Now(), make([]Member, 0, len(profiles)), map[string]string{}
	for _, o := range profiles {
		members = append(members, ReadProfile(o, now, v.opts.MaxAge))
		namespaces[o.GetName()] = o.GetNamespace()
	}
	there, notes, err := Fold(w.Continuum, members)
	if err != nil {
		return notes, err
	}
	old, err := v.written(ctx)
	if err != nil {
		return notes, err
	}
	p := w.problem(there, w.Applications, Current(w.Applications, old))
	r, err := judge(ctx, p, v.opts.Steps)
	if err != nil {
		return notes, err
	}
	return notes, v.write(ctx, Decide(p, r, namespaces, v.opts), old)
}

// written lists the decisions that are ours.
func (v *Inventory) written(ctx context.Context) ([]*unstructured.Unstructured, error) {
	all, err := list(ctx, v.client, Decisions, v.opts.Namespace, labelManaged+"="+v.opts.Scheduler)
	if err != nil {
		return nil, err
	}
	var ours []*unstructured.Unstructured
	for _, o := range all {
		if o.Object["schedulerName"] == v.opts.Scheduler {
			ours = append(ours, o)
		}
	}
	return ours, nil
}

func (v *Inventory) write(ctx context.Context, want, old []*unstructured.Unstructured) error {
	var errs []error
	stale := map[string]*unstructured.Unstructured{}
	for _, o := range old {
		stale[o.GetName()] = o
	}
	for _, o := range want {
		was := stale[o.GetName()]
		delete(stale, o.GetName())
		if was != nil && same(was, o) {
			continue
		}
		errs = append(errs, apply(ctx, v.client, Decisions, o, v.opts.FieldManager, true))
	}
	for _, o := range old {
		if stale[o.GetName()] == nil {
			continue
		}
		uid := o.GetUID()
		opts := metav1.DeleteOptions{}
		if uid != "" {
			opts.Preconditions = &metav1.Preconditions{UID: &uid}
		}
		if err := v.client.Resource(Decisions).Namespace(o.GetNamespace()).Delete(ctx, o.GetName(), opts); err != nil {
			errs = append(errs, fmt.Errorf("delete %s: %w", o.GetName(), err))
		}
	}
	return errors.Join(errs...)
}
