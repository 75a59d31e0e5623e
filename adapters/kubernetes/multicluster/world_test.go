package multicluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const continuum = `apiVersion: domicile.eu/v1alpha1
kind: Continuum
name: three
asOf: 2026-11-24
providers:
- {id: p, name: P, country: DE}
sites:
- {id: berlin, name: Berlin, provider: p, country: DE, tier: regional, runtimes: [kubernetes], location: {lat: 52.5, lon: 13.4}, capacity: {cpu: 8, memory: 64Gi}, prices: {cpu: 0.02}}
- {id: paris, name: Paris, provider: p, country: FR, tier: regional, runtimes: [kubernetes], location: {lat: 48.9, lon: 2.4}, capacity: {cpu: 8, memory: 64Gi}, prices: {cpu: 0.01}}
- {id: ohio, name: Ohio, provider: p, country: US, tier: regional, runtimes: [kubernetes], location: {lat: 40, lon: -83}, capacity: {cpu: 8, memory: 64Gi}, prices: {cpu: 0.001}}
`

// europe denies everything outside of Germany and France, and everything once it is broken.
type europe struct{ broken error }

func (e *europe) Admit(_ context.Context, _ placement.Scope, _ *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	out := make([]placement.Verdict, len(sites))
	for i, s := range sites {
		out[i].Denied = s.Country == "US"
	}
	return out, e.broken
}

func (e *europe) Reasons(_ context.Context, _ placement.Scope, _ *placement.Workload, s *topology.Site) ([]placement.Reason, error) {
	if s.Country == "US" {
		return []placement.Reason{{Code: "EU", Title: "stays in Europe"}}, e.broken
	}
	return nil, e.broken
}

// world is three clusters and one application of n replicas of two cores.
func world(t *testing.T, n int) (*World, *europe) {
	t.Helper()
	c, err := topology.Read("three.yaml", strings.NewReader(continuum))
	require.NoError(t, err)
	rules := &europe{}
	app := placement.Application{Name: "shop", Tenant: "t"}
	for i := range n {
		app.Workloads = append(app.Workloads, placement.Workload{ID: placement.WorkloadID(fmt.Sprintf("web-%d", i)), Application: "shop", Tenant: "t", Component: "web",
			Kind: placement.Container, Demand: topology.Resources{topology.CPU: 2000}, Data: "personal", Priority: 1})
	}
	return &World{Continuum: c, Applications: []placement.Application{app}, Admission: rules, AsOf: noon}, rules
}

func source(w *World) Source { return func(context.Context) (*World, error) { return w, nil } }

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	require.NoError(t, o.UnmarshalJSON([]byte(text)))
	return o
}

func profile(t *testing.T, name, healthy string, properties string) *unstructured.Unstructured {
	return object(t, fmt.Sprintf(`{"apiVersion":"multicluster.x-k8s.io/v1alpha1","kind":"ClusterProfile","metadata":{"name":%q,"namespace":"fleet"},
		"status":{"conditions":[{"type":"ControlPlaneHealthy","status":%q}],"properties":[%s]}}`, name, healthy, properties))
}

// hub is an API server that applies by replacing top-level fields, and counts a generation for every change of spec.
func hub(objects ...runtime.Object) *dynamicfake.FakeDynamicClient {
	kinds := map[schema.GroupVersionResource]string{Profiles: "ClusterProfileList", Decisions: "PlacementDecisionList", Scores: "AddOnPlacementScoreList",
		ManagedClusters: "ManagedClusterList", Bindings: "ResourceBindingList", Clusters: "ClusterList", namespaces: "NamespaceList"}
	c := dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), kinds, objects...)
	c.PrependReactor("patch", "*", func(a clienttesting.Action) (bool, runtime.Object, error) {
		p := a.(clienttesting.PatchAction)
		next := &unstructured.Unstructured{}
		if err := next.UnmarshalJSON(p.GetPatch()); err != nil {
			return true, nil, err
		}
		old, err := c.Tracker().Get(p.GetResource(), p.GetNamespace(), p.GetName())
		if err != nil {
			return true, next, c.Tracker().Create(p.GetResource(), next, p.GetNamespace())
		}
		o := old.(*unstructured.Unstructured).DeepCopy()
		for k, v := range next.Object {
			if k == "status" && p.GetSubresource() != "status" {
				return true, nil, errors.New("status is a subresource")
			}
			was, _ := o.Object[k].(map[string]any)
			now, both := v.(map[string]any)
			if k == "metadata" || was == nil || !both {
				if k == "metadata" {
					m, _ := meta.Accessor(next)
					o.SetAnnotations(m.GetAnnotations())
					continue
				}
				o.Object[k] = v
				continue
			}
			for f, x := range now {
				was[f] = x
			}
		}
		if next.Object["spec"] != nil {
			o.SetGeneration(o.GetGeneration() + 1)
		}
		return true, o, c.Tracker().Update(p.GetResource(), o, p.GetNamespace())
	})
	return c
}

func options() Options {
	return Options{Namespace: "fleet", Now: func() time.Time { return noon }, Steps: 5000}
}

// writes are the verbs that changed something since the last call.
func writes(c *dynamicfake.FakeDynamicClient) []string {
	var out []string
	for _, a := range c.Actions() {
		if v := a.GetVerb(); v != "list" && v != "get" {
			out = append(out, strings.TrimSuffix(v+" "+a.GetResource().Resource+"/"+a.GetSubresource(), "/"))
		}
	}
	c.ClearActions()
	return out
}
