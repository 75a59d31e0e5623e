package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"

	"github.com/domicile-eu/domicile/adapters/kubernetes/multicluster"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// TestMulticluster has a real API server judge what package multicluster writes: schemas, server-side apply, the status subresource.
func TestMulticluster(t *testing.T) {
	p := newPlane(t)
	client, err := dynamic.NewForConfig(p.config)
	require.NoError(t, err)
	p.installCRDs(t, client)
	put := func(r schema.GroupVersionResource, text string) {
		o := &unstructured.Unstructured{}
		require.NoError(t, o.UnmarshalJSON([]byte(text)))
		in := client.Resource(r).Namespace(o.GetNamespace())
		made, err := in.Create(t.Context(), o, metav1.CreateOptions{})
		require.NoError(t, err)
		if status, ok := o.Object["status"]; ok {
			made.Object["status"] = status
			_, err = in.UpdateStatus(t.Context(), made, metav1.UpdateOptions{})
			require.NoError(t, err)
		}
	}
	p.addNamespace(t, "fleet", "personal", nil)
	for _, name := range []string{"berlin", "paris", "virginia"} {
		p.addNamespace(t, name, "", nil)
		put(multicluster.Profiles, `{"apiVersion":"multicluster.x-k8s.io/v1alpha1","kind":"ClusterProfile","metadata":{"name":"`+name+`","namespace":"fleet"},
			"status":{"conditions":[{"type":"ControlPlaneHealthy","status":"True"}]}}`)
		put(multicluster.ManagedClusters, `{"apiVersion":"cluster.open-cluster-management.io/v1","kind":"ManagedCluster","metadata":{"name":"`+name+`"},
			"spec":{"hubAcceptsClient":true},"status":{"conditions":[{"type":"ManagedClusterConditionAvailable","status":"True"}],"allocatable":{"cpu":"8"}}}`)
		put(multicluster.Clusters, `{"apiVersion":"cluster.karmada.io/v1alpha1","kind":"Cluster","metadata":{"name":"`+name+`"},
			"status":{"conditions":[{"type":"Ready","status":"True"}],"resourceSummary":{"allocatable":{"cpu":"8"}}}}`)
	}
	put(multicluster.Bindings, `{"apiVersion":"work.karmada.io/v1alpha2","kind":"ResourceBinding","metadata":{"name":"web","namespace":"fleet"},
		"spec":{"schedulerName":"domicile","replicas":3,"replicaRequirements":{"resourceRequest":{"cpu":"1"}},"placement":{"replicaScheduling":{"replicaSchedulingType":"Divided"}}},
		"status":{"conditions":[{"type":"FullyApplied","status":"False","reason":"x","message":"y","lastTransitionTime":"2026-11-24T00:00:00Z"}]}}`)

	c := readContinuum(t)
	app := placement.Application{Name: "shop", Tenant: "t"}
	app.Workloads = []placement.Workload{{ID: "web-1", Application: "shop", Tenant: "t", Component: "web", Kind: placement.Container,
		Demand: topology.Resources{topology.CPU: 1000}, Data: "personal", Priority: 1}}
	source := func(context.Context) (*multicluster.World, error) {
		return &multicluster.World{Continuum: c, Applications: []placement.Application{app}, Admission: inEurope{}, AsOf: time.Now()}, nil
	}
	inventory, err := multicluster.NewInventory(client, source, multicluster.Options{Namespace: "fleet"})
	require.NoError(t, err)
	scorer, err := multicluster.NewScorer(client, source, multicluster.Options{})
	require.NoError(t, err)
	binder, err := multicluster.NewBinder(client, source, multicluster.Options{})
	require.NoError(t, err)
	for range 2 {
		for _, r := range []interface {
			Reconcile(context.Context) ([]string, error)
		}{inventory, scorer, binder} {
			_, err := r.Reconcile(t.Context())
			require.NoError(t, err)
		}
	}

	decisions, err := client.Resource(multicluster.Decisions).Namespace("fleet").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Len(t, decisions.Items, 1)
	assert.Len(t, decisions.Items[0].Object["decisions"], 1)
	assert.EqualValues(t, 1, decisions.Items[0].GetGeneration(), "written once")
	assert.NotContains(t, text(t, decisions.Items[0].Object["decisions"]), "virginia")

	score, err := client.Resource(multicluster.Scores).Namespace("virginia").Get(t.Context(), "domicile", metav1.GetOptions{})
	require.NoError(t, err)
	assert.Contains(t, text(t, score.Object["status"]), `{"name":"fit-shop-web","value":-100}`)

	b, err := client.Resource(multicluster.Bindings).Namespace("fleet").Get(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	clusters, _, _ := unstructured.NestedSlice(b.Object, "spec", "clusters")
	require.NotEmpty(t, clusters)
	assert.NotContains(t, text(t, clusters), "virginia")
	assert.Contains(t, text(t, b.Object["status"]), `"FullyApplied"`, "another's condition stays")
	observed, _, _ := unstructured.NestedInt64(b.Object, "status", "schedulerObservedGeneration")
	assert.Equal(t, b.GetGeneration(), observed)
	assert.EqualValues(t, 2, b.GetGeneration(), "written once")
	replicas, _, _ := unstructured.NestedInt64(b.Object, "spec", "replicas")
	assert.EqualValues(t, 3, replicas, "the rest of spec is not ours")
}

// inEurope denies what is in the United States.
type inEurope struct{}

func (inEurope) Admit(_ context.Context, _ placement.Scope, _ *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	out := make([]placement.Verdict, len(sites))
	for k, s := range sites {
		out[k].Denied = s.Country == "US"
	}
	return out, nil
}

func (inEurope) Reasons(_ context.Context, _ placement.Scope, _ *placement.Workload, s *topology.Site) ([]placement.Reason, error) {
	if s.Country == "US" {
		return []placement.Reason{{Code: "EU-1", Title: "stays in Europe"}}, nil
	}
	return nil, nil
}

func (p *plane) installCRDs(t testing.TB, client dynamic.Interface) {
	t.Helper()
	b, err := os.ReadFile("../multicluster/crds/crds.yaml")
	require.NoError(t, err)
	crds := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	var names []string
	for d := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(b), 4096); ; {
		o := &unstructured.Unstructured{}
		if err := d.Decode(&o.Object); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
		if len(o.Object) == 0 {
			continue
		}
		_, err := client.Resource(crds).Create(context.Background(), o, metav1.CreateOptions{})
		require.NoError(t, err)
		names = append(names, o.GetName())
	}
	require.Len(t, names, 6)
	for _, name := range names {
		eventually(t, time.Minute, func() error {
			o, err := client.Resource(crds).Get(context.Background(), name, metav1.GetOptions{})
			if err == nil && !strings.Contains(text(t, o.Object["status"]), `"status":"True","type":"Established"`) {
				err = errors.New("not established")
			}
			return err
		})
	}
}

func text(t testing.TB, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
