package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
)

func TestRun(t *testing.T) {
	yes := true
	client := fake.NewClientset(
		&v1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", Labels: map[string]string{adapter.SiteLabel: "berlin"}}},
		&v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop", UID: "u", OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "web", Controller: &yes}}},
			Spec: v1.PodSpec{NodeName: "n1"}})
	dial := func(string) (kubernetes.Interface, error) { return client, nil }
	file := filepath.Join(t.TempDir(), "plan.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"moves":[{"id":1,"workload":"shop/web","from":"berlin","to":"paris"}]}`), 0o600))
	var out, errs bytes.Buffer
	assert.Equal(t, 0, run(t.Context(), []string{"-plan", file}, &out, &errs, dial))
	assert.Equal(t, "wave 1\n  1  evict shop/web from n1, expected at paris\n", out.String())
	assert.Equal(t, 2, run(t.Context(), []string{"-plan", file, "-execute", "-dry-run"}, &out, &errs, dial))
	require.NoError(t, os.WriteFile(file, []byte(`{"moves":[{"id":1}]}`), 0o600))
	assert.Equal(t, 2, run(t.Context(), []string{"-plan", file}, &out, &errs, dial))
	assert.Contains(t, errs.String(), "moves[0].workload: is missing")
}
