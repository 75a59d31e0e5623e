package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/yaml"
)

const (
	release   = "domicile"
	namespace = "domicile-system"
)

// render is the chart's manifests, with Helm's own engine (which lives in a module of its own).
func render(t testing.TB, values map[string]any) []*unstructured.Unstructured {
	dir := t.TempDir()
	b, err := yaml.Marshal(values)
	require.NoError(t, err)
	file := filepath.Join(dir, "values.yaml")
	require.NoError(t, os.WriteFile(file, b, 0o600))
	var words bytes.Buffer
	cmd := exec.Command("go", "-C", "../charts", "run", "./render", "-name", release, "-namespace", namespace, "-values", file, "domicile")
	cmd.Stderr = &words
	out, err := cmd.Output()
	require.NoError(t, err, words.String())
	var all []*unstructured.Unstructured
	for _, text := range strings.Split("\n"+string(out), "\n---\n") {
		u := &unstructured.Unstructured{}
		require.NoError(t, yaml.Unmarshal([]byte(text), &u.Object), text)
		if len(u.Object) > 0 {
			all = append(all, u)
		}
	}
	return all
}

// values are those of this test: the world of testdata.
func values(t testing.TB) map[string]any {
	continuum, err := os.ReadFile("testdata/continuum.yaml")
	require.NoError(t, err)
	rules, err := os.ReadFile("testdata/policies/residency.rego")
	require.NoError(t, err)
	return map[string]any{
		"continuum": map[string]any{"text": string(continuum)}, "dataClasses": classes,
		"policies": map[string]any{"files": map[string]any{"residency.rego": string(rules)}},
	}
}

// install applies manifests for real, the namespace first.
func (p *plane) install(t testing.TB, all []*unstructured.Unstructured) {
	t.Helper()
	p.addNamespace(t, namespace, "", nil)
	client, err := dynamic.NewForConfig(p.config)
	require.NoError(t, err)
	found, err := discovery.NewDiscoveryClientForConfig(p.config)
	require.NoError(t, err)
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(found))
	for _, u := range all {
		kind := u.GroupVersionKind()
		m, err := mapper.RESTMapping(kind.GroupKind(), kind.Version)
		require.NoError(t, err, kind)
		var in dynamic.ResourceInterface = client.Resource(m.Resource)
		if m.Scope.Name() == meta.RESTScopeNameNamespace {
			in = client.Resource(m.Resource).Namespace(u.GetNamespace())
		}
		_, err = in.Apply(context.Background(), u.GetName(), u, metav1.ApplyOptions{FieldManager: "e2e", Force: true})
		require.NoError(t, err, "%s %s", kind, u.GetName())
	}
}

// token is one of the chart's service account, as a pod would have it.
func (p *plane) token(t testing.TB) string {
	hour := int64(3600)
	r, err := p.client.CoreV1().ServiceAccounts(namespace).CreateToken(context.Background(), release,
		&authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hour}}, metav1.CreateOptions{})
	require.NoError(t, err)
	return r.Status.Token
}

// file is an entry of a ConfigMap among manifests.
func file(t testing.TB, all []*unstructured.Unstructured, name, key string) string {
	for _, u := range all {
		if u.GetKind() == "ConfigMap" && u.GetName() == name {
			text, ok, err := unstructured.NestedString(u.Object, "data", key)
			require.NoError(t, err)
			require.True(t, ok, "ConfigMap %s has no %s", name, key)
			return text
		}
	}
	require.Fail(t, "no ConfigMap "+name)
	return ""
}
