package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"sigs.k8s.io/yaml"
)

const chart = "../domicile"

// values are what must be given, and more.
func values(t *testing.T, more string) map[string]any {
	v, err := chartutil.ReadValues([]byte("continuum: {existingConfigMap: there}\n" + more))
	require.NoError(t, err)
	return v
}

// object is what these tests look at in a manifest.
type object struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
	Spec  map[string]any
	Data  map[string]string
	Rules []struct{ APIGroups, Resources, ResourceNames, Verbs []string }
}

func objects(t *testing.T, v map[string]any) (all []object) {
	text, err := Render(chart, "domicile", "domicile-system", v)
	require.NoError(t, err)
	for _, doc := range strings.Split("\n"+text, "\n---\n") {
		var o object
		require.NoError(t, yaml.Unmarshal([]byte(doc), &o), doc)
		if o.Kind != "" {
			all = append(all, o)
		}
	}
	return all
}

func find(t *testing.T, all []object, kind, name string) object {
	for _, o := range all {
		if o.Kind == kind && o.Metadata.Name == name {
			return o
		}
	}
	require.Failf(t, "missing", "no %s %s", kind, name)
	return object{}
}

func TestLint(t *testing.T) {
	for _, m := range lint.All(chart, values(t, ""), "domicile-system", true).Messages {
		assert.Less(t, m.Severity, support.WarningSev, "%v", m)
	}
}

func TestKinds(t *testing.T) {
	count := make(map[string]int)
	for _, o := range objects(t, values(t, "serviceMonitor: {enabled: true}")) {
		count[o.Kind]++
		assert.Equal(t, "domicile", o.Metadata.Labels["app.kubernetes.io/name"], "%s %s", o.Kind, o.Metadata.Name)
	}
	assert.Equal(t, map[string]int{"ServiceAccount": 1, "ClusterRole": 1, "ClusterRoleBinding": 3, "Role": 1, "RoleBinding": 2, "ConfigMap": 2, "Deployment": 1,
		"Service": 1, "PodDisruptionBudget": 1, "NetworkPolicy": 1, "ServiceMonitor": 1, "ValidatingAdmissionPolicy": 3, "ValidatingAdmissionPolicyBinding": 3}, count)
	few := objects(t, values(t, "replicas: 1\nadmission: {enabled: false}\nnetworkPolicy: {enabled: false}"))
	for _, o := range few {
		assert.NotContains(t, []string{"PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "ValidatingAdmissionPolicy"}, o.Kind)
	}
}

// TestRestricted holds the pod to the restricted Pod Security Standard.
func TestRestricted(t *testing.T) {
	d := find(t, objects(t, values(t, "")), "Deployment", "domicile")
	pod := d.Spec["template"].(map[string]any)["spec"].(map[string]any)
	context := pod["securityContext"].(map[string]any)
	assert.Equal(t, true, context["runAsNonRoot"])
	assert.Equal(t, map[string]any{"type": "RuntimeDefault"}, context["seccompProfile"])
	assert.NotContains(t, pod, "hostNetwork")
	containers := pod["containers"].([]any)
	require.Len(t, containers, 2)
	for _, c := range containers {
		own := c.(map[string]any)["securityContext"].(map[string]any)
		assert.Equal(t, false, own["allowPrivilegeEscalation"])
		assert.Equal(t, true, own["readOnlyRootFilesystem"])
		assert.Equal(t, map[string]any{"drop": []any{"ALL"}}, own["capabilities"])
		assert.Contains(t, c.(map[string]any), "resources")
	}
	for _, v := range pod["volumes"].([]any) {
		assert.NotContains(t, v.(map[string]any), "hostPath")
	}
}

// TestFailClosed holds the scheduler to never going on without the extender, and to looking at all nodes.
func TestFailClosed(t *testing.T) {
	all := objects(t, values(t, ""))
	var c struct {
		PercentageOfNodesToScore int
		Extenders                []struct {
			URLPrefix, BindVerb, FilterVerb string
			Ignorable, NodeCacheCapable     bool
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(find(t, all, "ConfigMap", "domicile").Data["scheduler.yaml"]), &c))
	assert.Equal(t, 100, c.PercentageOfNodesToScore)
	require.Len(t, c.Extenders, 1)
	e := c.Extenders[0]
	assert.False(t, e.Ignorable)
	assert.True(t, e.NodeCacheCapable)
	assert.Equal(t, "http://127.0.0.1:8888", e.URLPrefix)
	assert.Equal(t, "filter bind", e.FilterVerb+" "+e.BindVerb)
}

// TestRightsOfTheExtender pins what the chart grants beyond kube-scheduler's own role.
func TestRightsOfTheExtender(t *testing.T) {
	all := objects(t, values(t, ""))
	role := find(t, all, "ClusterRole", "domicile-extender")
	var got []string
	for _, r := range role.Rules {
		got = append(got, strings.Join(r.Verbs, ",")+" "+strings.Join(r.Resources, ","))
	}
	assert.Equal(t, []string{"get,list,watch nodes,pods,namespaces", "create pods/binding"}, got)
	without := find(t, objects(t, values(t, "extender: {bind: false}")), "ClusterRole", "domicile-extender")
	assert.Len(t, without.Rules, 1)
	for _, r := range find(t, all, "Role", "domicile").Rules {
		if strings.Join(r.Verbs, ",") != "create" {
			assert.NotEmpty(t, r.ResourceNames, "%v", r.Resources)
		}
	}
}

func TestBadValues(t *testing.T) {
	for _, x := range []struct{ values, word string }{
		{"continuum: {existingConfigMap: \"\"}", "give text or existingConfigMap"},
		{"continuum: {existingConfigMap: a, text: b}", "exclude each other"},
		{"policies: {existingConfigMap: a, files: {a.rego: b}}", "exclude each other"},
		{"unlabelled: public", "only the strictest"},
		{"schedulerName: default-scheduler", "schedulerName"},
		{"schedulerName: \"x' || true || '\"", "schedulerName"},
		{"dataClasses: []", "dataClasses"},
		{"dataClasses: [\"a'b\"]", "dataClasses"},
		{"replicas: 0", "replicas"},
		{"extender: {port: 80}", "port"},
	} {
		v := chartutil.CoalesceTables(map[string]any{}, values(t, ""))
		more, err := chartutil.ReadValues([]byte(x.values))
		require.NoError(t, err)
		_, err = Render(chart, "domicile", "domicile-system", chartutil.CoalesceTables(more, v))
		assert.ErrorContains(t, err, x.word, x.values)
	}
}

func TestProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte("continuum: {existingConfigMap: there}\n"), 0o600))
	var out, errs bytes.Buffer
	require.NoError(t, run([]string{"-values", file, chart}, &out, &errs))
	assert.Contains(t, out.String(), "kind: Deployment")
	assert.ErrorContains(t, run(nil, &out, &errs), "one chart is wanted")
	assert.ErrorContains(t, run([]string{"-values", "nowhere.yaml", chart}, &out, &errs), "nowhere.yaml")
}
