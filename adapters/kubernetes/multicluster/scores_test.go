package multicluster

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func managed(t *testing.T, name, available, cpu string) *unstructured.Unstructured {
	return object(t, `{"apiVersion":"cluster.open-cluster-management.io/v1","kind":"ManagedCluster","metadata":{"name":"`+name+`"},"spec":{"hubAcceptsClient":true},
		"status":{"conditions":[{"type":"ManagedClusterConditionAvailable","status":"`+available+`"}],"allocatable":{"cpu":"`+cpu+`"}}}`)
}

func TestScores(t *testing.T) {
	w, _ := world(t, 2)
	c := hub(managed(t, "berlin", "True", "64"), managed(t, "paris", "True", "64"), managed(t, "ohio", "True", "64"), managed(t, "mars", "True", "64"))
	s, err := NewScorer(c, source(w), options())
	require.NoError(t, err)
	notes, err := s.Reconcile(t.Context())
	require.NoError(t, err)
	assert.Len(t, notes, 1)
	read := func(cluster string) string {
		o, err := c.Resource(Scores).Namespace(cluster).Get(t.Context(), "domicile", metav1.GetOptions{})
		require.NoError(t, err)
		assert.Equal(t, "2026-11-24T12:10:00Z", o.Object["status"].(map[string]any)["validUntil"])
		text, err := json.Marshal(o.Object["status"].(map[string]any)["scores"])
		require.NoError(t, err)
		return string(text)
	}
	fit := "fit-shop-web"
	assert.JSONEq(t, `[{"name":"carbon","value":-100},{"name":"price","value":-99},{"name":"`+fit+`","value":-99}]`, read("berlin"))
	assert.JSONEq(t, `[{"name":"carbon","value":-100},{"name":"price","value":6},{"name":"`+fit+`","value":100}]`, read("paris"))
	assert.JSONEq(t, `[{"name":"carbon","value":-100},{"name":"price","value":100},{"name":"`+fit+`","value":-100}]`, read("ohio"), "cheap, and refused")

	// what is ill has the worst of everything
	require.NoError(t, c.Tracker().Update(ManagedClusters, managed(t, "paris", "Unknown", "64"), ""))
	_, err = s.Reconcile(t.Context())
	require.NoError(t, err)
	assert.JSONEq(t, `[{"name":"carbon","value":-100},{"name":"price","value":-100},{"name":"`+fit+`","value":-100}]`, read("paris"))
}
