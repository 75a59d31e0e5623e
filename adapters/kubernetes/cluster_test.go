package kubernetes

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/domicile-eu/domicile/policy"
)

// testClock stands still.
type testClock struct{ now time.Time }

func (c *testClock) read() time.Time { return c.now }

// testCluster is the virt8ra continuum under the library's policies, with two nodes on each of its sites.
func testCluster(t testing.TB, change func(*Config)) (*Cluster, *testClock) {
	clock := &testClock{time.Date(2026, 11, 24, 12, 30, 0, 0, time.UTC)}
	cfg := Config{
		Continuum: "../../examples/virt8ra/continuum.yaml", Policies: []string{"../../examples/virt8ra/policies"},
		DataClasses: []string{"public", "internal", "personal", "health-de"},
	}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg, &Options{Clock: clock.read})
	require.NoError(t, err)
	for s := range c.in.Load().stated.Sites() {
		for n := range 2 {
			c.SetNode(testNode(fmt.Sprintf("%s-%d", s.ID, n), map[string]string{SiteLabel: string(s.ID)}))
		}
	}
	for _, n := range []struct{ name, class string }{{"open", "public"}, {"clinic", "health-de"}, {"bare", ""}, {"staff", "personal"}} {
		space := &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n.name, Annotations: map[string]string{}}}
		if n.class != "" {
			space.Annotations[DataAnnotation] = n.class
		}
		c.SetNamespace(space)
	}
	c.SetSynced(true)
	return c, clock
}

func testNode(name string, labels map[string]string) *v1.Node {
	return &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Status: v1.NodeStatus{Allocatable: v1.ResourceList{
		v1.ResourceCPU: resource.MustParse("4"), v1.ResourceMemory: resource.MustParse("16Gi"), v1.ResourcePods: resource.MustParse("110"),
	}}}
}

func testPod(namespace, name string, cpu string, labels, annotations map[string]string) *v1.Pod {
	return &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(namespace + "-" + name), Labels: labels, Annotations: annotations},
		Spec: v1.PodSpec{Containers: []v1.Container{{Name: "c", Resources: v1.ResourceRequirements{Requests: v1.ResourceList{
			v1.ResourceCPU: resource.MustParse(cpu), v1.ResourceMemory: resource.MustParse("1Gi"),
		}}}}},
	}
}

func (c *Cluster) testNames() (out []string) {
	for _, names := range c.books.byPlace {
		out = append(out, names...)
	}
	return out
}

func TestFilterAnswersForEveryNode(t *testing.T) {
	c, _ := testCluster(t, nil)
	ctx := context.Background()
	names := append(c.testNames(), "nobody")
	for _, namespace := range []string{"open", "clinic", "bare", "staff"} {
		f, err := c.Filter(ctx, testPod(namespace, "p", "1", nil, nil), names)
		require.NoError(t, err)
		require.Len(t, names, len(f.Pass)+len(f.Hard)+len(f.Soft))
		require.Equal(t, reasonUnknownNode, f.Hard["nobody"])
		count := map[string]int{}
		for _, r := range f.Hard {
			count[r]++
		}
		t.Log(namespace, len(f.Pass), count, f.Soft)
		best, no, err := c.Best(ctx, testPod(namespace, "p", "1", nil, nil), 4)
		t.Log(best, no, err)
	}
	p := testPod("staff", "p", "1", map[string]string{ApplicationLabel: "shop", ComponentLabel: "web"}, map[string]string{FlowsAnnotation: `[{"fromAccess":"berlin","rate":"10Mbit/s","bound":"10ms"}]`})
	text, err := c.ExplainPod(ctx, p)
	require.NoError(t, err)
	t.Log(text)
	_ = strings.ToLower
}

type v1Pod = v1.Pod

func testSpace(name, class string) *v1.Namespace {
	return &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: map[string]string{DataAnnotation: class}}}
}

type policySource = policy.Source

// brokenFS is a folder that cannot be read.
type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, fs.ErrPermission }
