package multicluster

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func member(t *testing.T, name, allocated string) *unstructured.Unstructured {
	return object(t, `{"apiVersion":"cluster.karmada.io/v1alpha1","kind":"Cluster","metadata":{"name":"`+name+`"},"status":{"conditions":[{"type":"Ready","status":"True"}],
		"resourceSummary":{"allocatable":{"cpu":"8","memory":"64Gi"},"allocated":{"cpu":"`+allocated+`"}}}}`)
}

func binding(t *testing.T, name, spec string) *unstructured.Unstructured {
	return object(t, `{"apiVersion":"work.karmada.io/v1alpha2","kind":"ResourceBinding","metadata":{"name":"`+name+`","namespace":"shop","generation":1},
		"spec":{"schedulerName":"domicile","replicaRequirements":{"resourceRequest":{"cpu":"2"}},`+spec+`}}`)
}

func namespace(t *testing.T, class string) *unstructured.Unstructured {
	return object(t, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","annotations":{"domicile.eu/data-class":"`+class+`"}}}`)
}

const divided = `"placement":{"replicaScheduling":{"replicaSchedulingType":"Divided"}}`

func TestBindings(t *testing.T) {
	w, rules := world(t, 0)
	other := binding(t, "other", `"replicas":1`)
	require.NoError(t, unstructured.SetNestedField(other.Object, "default-scheduler", "spec", "schedulerName"))
	c := hub(namespace(t, "personal"), member(t, "berlin", "0"), member(t, "paris", "4"), member(t, "ohio", "0"), other,
		binding(t, "a", `"replicas":3,`+divided), binding(t, "b", `"replicas":4,`+divided), binding(t, "config", `"clusters":[]`),
		binding(t, "far", `"replicas":1,"placement":{"clusterAffinity":{"clusterNames":["ohio"]},"replicaScheduling":{"replicaSchedulingType":"Divided"}}`),
		binding(t, "held", `"replicas":1,"suspension":{"scheduling":true}`),
		binding(t, "odd", `"replicas":1,"placement":{"clusterAffinities":[],"spreadConstraints":[{"spreadByField":"region"}]}`))
	opts := options()
	opts.Namespace = ""
	k, err := NewBinder(c, source(w), opts)
	require.NoError(t, err)
	read := func(name string) (clusters, condition string) {
		o, err := c.Resource(Bindings).Namespace("shop").Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		list, _, _ := unstructured.NestedSlice(o.Object, "spec", "clusters")
		text, _ := json.Marshal(list)
		conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
		for _, x := range conditions {
			condition = x.(map[string]any)["status"].(string) + " " + x.(map[string]any)["message"].(string)
		}
		return string(text), condition
	}
	_, err = k.Reconcile(t.Context())
	require.NoError(t, err)
	// two replicas find room in Paris, which is cheaper; the other goes to Berlin, never to Ohio
	where, why := read("a")
	assert.Equal(t, `[{"name":"berlin","replicas":1},{"name":"paris","replicas":2}]`, where)
	assert.Equal(t, "True Binding has been scheduled", why)
	// what was decided a moment ago stands in no report yet, and counts all the same
	where, why = read("b")
	assert.Equal(t, "null", where)
	assert.Contains(t, why, "False 1 of 4 replicas have no place; clusters refused:")
	where, _ = read("far")
	assert.Equal(t, "null", where)
	_, why = read("odd")
	assert.Contains(t, why, "spec.placement.clusterAffinities: is not supported")
	assert.Contains(t, why, "only spreadByField: cluster is supported")
	for _, name := range []string{"other", "held"} {
		_, why = read(name)
		assert.Empty(t, why, name)
	}
	writes(c)

	_, err = k.Reconcile(t.Context())
	require.NoError(t, err)
	assert.Empty(t, writes(c), "what is answered is not answered again, and a refusal is told once")

	// the policies are down: nothing is written
	rules.broken = errors.New("down")
	require.NoError(t, c.Tracker().Create(Bindings, binding(t, "late", `"replicas":1,`+divided), "shop"))
	_, err = k.Reconcile(t.Context())
	require.ErrorContains(t, err, "down")
	assert.Empty(t, writes(c))
	rules.broken = nil

	// charges end, and reports have it by then
	k.opts.Now = func() time.Time { return noon.Add(time.Hour) }
	require.NoError(t, c.Tracker().Update(Clusters, member(t, "paris", "0"), ""))
	_, err = k.Reconcile(t.Context())
	require.NoError(t, err)
	where, _ = read("b")
	assert.Equal(t, `[{"name":"paris","replicas":4}]`, where)
}

func TestWithoutAClassNothingIsPlaced(t *testing.T) {
	w, _ := world(t, 0)
	c := hub(namespace(t, ""), member(t, "berlin", "0"), binding(t, "a", `"replicas":1,`+divided))
	k, err := NewBinder(c, source(w), Options{Now: func() time.Time { return noon }})
	require.NoError(t, err)
	_, err = k.Reconcile(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"patch resourcebindings/status"}, writes(c))
}

func TestDuplicatedGoesToEveryClusterThatMayHaveIt(t *testing.T) {
	w, _ := world(t, 0)
	b, err := ReadBinding(binding(t, "a", `"replicas":3`))
	require.NoError(t, err)
	found, why, err := w.Place(t.Context(), b, w.Continuum, "personal", "t", 1000)
	require.NoError(t, err)
	assert.Empty(t, why)
	assert.Equal(t, []Target{{"berlin", 3}, {"paris", 3}}, found)
	b.Replicas = 5 // ten cores fit nowhere
	found, why, err = w.Place(t.Context(), b, w.Continuum, "personal", "t", 1000)
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Contains(t, why, "no cluster may have it")
}

func FuzzReadBinding(f *testing.F) {
	f.Add([]byte(`{"apiVersion":"a/v1","kind":"B","spec":{"replicas":3,"clusters":[{"name":"x","replicas":1}],"placement":{"clusterAffinity":{"exclude":["x"]}}}}`))
	f.Add([]byte(`{"apiVersion":"a/v1","kind":"B","spec":{"replicas":"3","clusters":[7],"placement":[],"replicaRequirements":{"resourceRequest":{"cpu":-1}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o := &unstructured.Unstructured{}
		if o.UnmarshalJSON(text) != nil {
			return
		}
		if b, err := ReadBinding(o); err == nil && (b.Replicas < 0 || b.Replicas > mostReplicas || b.Most < 0) {
			t.Fatalf("%+v", b)
		}
		ReadProfile(o, noon, time.Minute)
		ReadManaged(o)
		ReadCluster(o)
	})
}
