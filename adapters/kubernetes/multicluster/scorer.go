package multicluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/domicile-eu/domicile/topology"
)

// ManagedClusters are the clusters of an Open Cluster Management hub.
var ManagedClusters = schema.GroupVersionResource{Group: "cluster.open-cluster-management.io", Version: "v1", Resource: "managedclusters"}

// Scorer reads ManagedClusters and writes an AddOnPlacementScore for each that the continuum knows.
type Scorer struct {
	client dynamic.Interface
	source Source
	opts   Options
}

// NewScorer makes a Scorer.
func NewScorer(client dynamic.Interface, source Source, opts Options) (*Scorer, error) {
	opts, err := opts.settled()
	if err != nil {
		return nil, err
	}
	return &Scorer{client: client, source: source, opts: opts}, nil
}

// ReadManaged translates a ManagedCluster: accepted by the hub, available, and with what it reports as allocatable.
func ReadManaged(o *unstructured.Unstructured) Member {
	m := Member{Name: o.GetName()}
	accepted, _, _ := unstructured.NestedBool(o.Object, "spec", "hubAcceptsClient")
	why := condition(o, "ManagedClusterConditionAvailable")
	switch {
	case o.GetDeletionTimestamp() != nil:
		m.NotReady = "it is being deleted"
	case !accepted:
		m.NotReady = "the hub does not accept it"
	default:
		m.NotReady = why
	}
	m.read(o, "allocatable", "status", "allocatable")
	return m
}

// read takes a list of quantities over as what is free; a malformed one makes the member not ready.
func (m *Member) read(o *unstructured.Unstructured, what string, path ...string) {
	list, _, err := unstructured.NestedMap(o.Object, path...)
	if err != nil {
		m.NotReady = "its " + what + " is malformed"
		return
	}
	if len(list) > 0 {
		m.Free = topology.Resources{}
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		d := dimension(name)
		n, err := amount(d, fmt.Sprint(list[name]))
		if err != nil {
			m.NotReady = fmt.Sprintf("its %s.%s: %v", what, name, err)
			continue
		}
		m.Free[d] = n
	}
}

// Reconcile scores once. The object is applied first, then its status. Scores expire Options.Validity after now.
func (s *Scorer) Reconcile(ctx context.Context) (notes []string, _ error) {
	w, err := s.source(ctx)
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return nil, err
	}
	clusters, err := list(ctx, s.client, ManagedClusters, "", "")
	if err != nil {
		return nil, err
	}
	members := make([]Member, 0, len(clusters))
	for _, o := range clusters {
		members = append(members, ReadManaged(o))
	}
	there, notes, err := Fold(w.Continuum, members)
	if err != nil {
		return notes, err
	}
	scores, err := w.Score(ctx, there)
	if err != nil {
		return notes, err
	}
	until := s.opts.Now().Add(s.opts.Validity)
	var errs []error
	for _, m := range members {
		mine, known := scores[topology.SiteID(m.Name)]
		if !known {
			continue
		}
		full := ScoreObject(m.Name, s.opts.Scheduler, mine, until)
		bare := full.DeepCopy()
		delete(bare.Object, "status")
		if err := apply(ctx, s.client, Scores, bare, s.opts.FieldManager, true); err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, apply(ctx, s.client, Scores, full, s.opts.FieldManager, true, "status"))
	}
	return notes, errors.Join(errs...)
}
