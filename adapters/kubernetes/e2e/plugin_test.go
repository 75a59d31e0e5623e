package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	domicile "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// pluginScheduler builds domicile-scheduler from its own module; the go command does it once.
func pluginScheduler(t testing.TB) string {
	t.Helper()
	path := filepath.Join(binaries(t), "domicile-scheduler")
	out, err := exec.Command("go", "build", "-C", "../scheduler", "-o", path, "./cmd/domicile-scheduler").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// pluginConfig is a scheduler's configuration with the plugin before everything else, and its own configuration beside it.
func (p *plane) pluginConfig(t testing.TB, name string) map[string]any {
	t.Helper()
	var local []string
	for _, path := range []string{"testdata/continuum.yaml", "testdata/policies"} {
		abs, err := filepath.Abs(path)
		require.NoError(t, err)
		local = append(local, abs)
	}
	own := p.path("domicile.yaml")
	require.NoError(t, os.WriteFile(own, fmt.Appendf(nil, "apiVersion: domicile.eu/v1alpha1\nkind: KubernetesConfig\ncontinuum: %s\npolicies: [%s]\n"+
		"dataClasses: [public, personal, secret, vault]\njoint: true\n", local[0], local[1]), 0o600))
	c := p.plainConfig(t, name)
	plugin := map[string]any{"name": "Domicile"}
	c["profiles"].([]any)[0].(map[string]any)["plugins"] = map[string]any{
		"multiPoint": map[string]any{"enabled": []any{map[string]any{"name": "Domicile", "weight": 20}}},
		// before the default binder, which leaves nothing to who comes after it
		"bind": map[string]any{"disabled": []any{map[string]any{"name": "*"}}, "enabled": []any{plugin, map[string]any{"name": "DefaultBinder"}}},
	}
	c["profiles"].([]any)[0].(map[string]any)["pluginConfig"] = []any{map[string]any{"name": "Domicile", "args": map[string]any{"config": own}}}
	return c
}

// plainConfig is kube-scheduler with its defaults, but for the rate of its client.
func (p *plane) plainConfig(t testing.TB, name string) map[string]any {
	t.Helper()
	return map[string]any{
		"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration", "leaderElection": map[string]any{"leaderElect": false},
		"clientConnection":         map[string]any{"kubeconfig": p.kubeconfig(t, "scheduler-"+name, schedulerToken), "qps": 5000, "burst": 5000},
		"podInitialBackoffSeconds": 1, "podMaxBackoffSeconds": 1,
		"profiles": []any{map[string]any{"schedulerName": name}},
	}
}

// TestPlugin runs kube-scheduler with the plugin in it.
func TestPlugin(t *testing.T) {
	program := pluginScheduler(t)
	p := newPlane(t)
	p.addNodes(t, 300)
	for _, class := range classes {
		p.addNamespace(t, class, class, nil)
	}
	p.addNamespace(t, "bare", "", nil)
	seen := p.watch(t)
	p.startScheduler(t, "domicile-scheduler", program, p.pluginConfig(t, "domicile"))

	t.Run("bound where policies say", func(t *testing.T) {
		for _, class := range []string{"public", "personal", "secret"} {
			p.addPods(t, class, "p", "domicile", 40)
		}
		for _, class := range []string{"public", "personal", "secret"} {
			p.allBound(t, class, 40, time.Minute)
		}
	})
	t.Run("the only admissible node of all", func(t *testing.T) {
		p.addPods(t, "vault", "p", "domicile", 3)
		p.allBound(t, "vault", 3, 20*time.Second)
	})
	t.Run("refused with the reason", func(t *testing.T) {
		p.addPods(t, "bare", "p", "domicile", 1)
		c := p.refusal(t, "bare", "p-0000")
		assert.Equal(t, v1.PodReasonUnschedulable, c.Reason)
		assert.Contains(t, c.Message, "301 domicile: the pod's namespace states no data class")
	})
	t.Run("a named node", func(t *testing.T) { testNamedNode(t, p) })
	t.Run("preemption where policies say", func(t *testing.T) { testPreemption(t, p) })
	t.Run("a gang", func(t *testing.T) { testGang(t, p) })
	seen.verify(t)
}

// testNamedNode is what the pods of a DaemonSet are: bound for one node that is not among the best.
func testNamedNode(t *testing.T, p *plane) {
	for name, want := range map[string]bool{"n-00002": true, "n-00007": false} { // Vienna and Virginia
		x := pod("personal", "named-"+name, "domicile")
		x.Spec.Affinity = &v1.Affinity{NodeAffinity: &v1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{
			{MatchFields: []v1.NodeSelectorRequirement{{Key: "metadata.name", Operator: v1.NodeSelectorOpIn, Values: []string{name}}}},
		}}}}
		require.NoError(t, create(p.client, x))
		if want {
			eventually(t, 20*time.Second, func() error { return p.bound("personal", x.Name) })
		} else {
			p.refusal(t, "personal", x.Name)
			p.delete(t, "personal", x.Name)
		}
	}
}

// testPreemption fills the vault's node; a pod of higher priority is then nominated there and nowhere else.
func testPreemption(t *testing.T, p *plane) {
	_, err := p.client.SchedulingV1().PriorityClasses().Create(t.Context(), &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "high"}, Value: 1000}, metav1.CreateOptions{})
	require.NoError(t, err)
	fill, urgent := pod("vault", "fill", "domicile"), pod("vault", "urgent", "domicile")
	fill.Spec.Containers[0].Resources.Requests[v1.ResourceCPU] = resource.MustParse("3500m")
	urgent.Spec.Containers[0].Resources.Requests[v1.ResourceCPU] = resource.MustParse("3")
	urgent.Spec.PriorityClassName = "high"
	require.NoError(t, create(p.client, fill))
	eventually(t, 20*time.Second, func() error { return p.bound("vault", "fill") })
	require.NoError(t, create(p.client, urgent))
	eventually(t, 20*time.Second, func() error {
		x, err := p.client.CoreV1().Pods("vault").Get(t.Context(), "urgent", metav1.GetOptions{})
		if err == nil && x.Status.NominatedNodeName != "n-00300" {
			err = fmt.Errorf("nominated is %q: %v", x.Status.NominatedNodeName, scheduled(x))
		}
		return err
	})
	p.delete(t, "vault", "urgent")
}

// testGang has pods of a gang wait until it is whole.
func testGang(t *testing.T, p *plane) {
	member := func(k int) {
		x := pod("secret", fmt.Sprintf("gang-%d", k), "domicile")
		x.Labels, x.Annotations = map[string]string{domicile.ApplicationLabel: "train"}, map[string]string{domicile.GangAnnotation: "3"}
		require.NoError(t, create(p.client, x))
	}
	member(0)
	member(1)
	for k := range 2 {
		c := p.refusal(t, "secret", fmt.Sprintf("gang-%d", k))
		assert.True(t, strings.Contains(c.Message, "waits for the rest of its gang"), c.Message)
	}
	member(2)
	for k := range 3 {
		eventually(t, 30*time.Second, func() error { return p.bound("secret", fmt.Sprintf("gang-%d", k)) })
	}
}
