package kubernetes

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
)

// soon waits for what an informer has to deliver first.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	require.Eventually(t, is, time.Minute, time.Millisecond, what)
}

// lines passes the messages of a log on.
type lines chan string

func (l lines) Write(b []byte) (int, error) { l <- string(b); return len(b), nil }

func watched(t *testing.T) (*Cluster, *fake.Clientset, lines) {
	text, err := os.ReadFile("../../examples/virt8ra/continuum.yaml")
	require.NoError(t, err)
	log := make(lines, 100)
	c, err := New(Config{ConfigMap: "domicile/continuum/c.yaml", Policies: []string{"../../examples/virt8ra/policies"}, AsOf: "continuum"},
		&Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	require.NoError(t, err)
	placed := testPod("staff", "placed", "1", nil, map[string]string{"other": "annotation"})
	placed.Spec.NodeName = "berlin"
	return c, fake.NewClientset(
		testNode("berlin", map[string]string{SiteLabel: "ionos-berlin", "other": "label"}), testSpace("staff", "personal"), placed,
		testPod("staff", "p", "3", map[string]string{ApplicationLabel: "a", "other": "label"}, nil),
		&v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "domicile", Name: "continuum"}, Data: map[string]string{"c.yaml": string(text)}},
		&v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "domicile", Name: "other"}, Data: map[string]string{"c.yaml": "broken"}},
	), log
}

func TestWatch(t *testing.T) {
	c, client, log := watched(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	require.ErrorIs(t, c.Ready(), ErrNotReady)
	require.NoError(t, c.Watch(ctx, client))
	require.NoError(t, c.Ready(), "all there is has been delivered")
	require.Contains(t, <-log, "continuum loaded")
	p := c.Waiting("staff", "p")
	require.Equal(t, map[string]string{ApplicationLabel: "a"}, p.Labels, "nothing else is kept")
	pass := func() bool {
		f, err := c.Filter(ctx, p, []string{"berlin"})
		require.NoError(t, err)
		return len(f.Pass) == 1
	}
	require.True(t, pass())

	core := client.CoreV1()
	fat := testPod("staff", "fat", "2", nil, nil)
	fat.Spec.NodeName = "berlin"
	_, err := core.Pods("staff").Create(ctx, fat, metav1.CreateOptions{})
	require.NoError(t, err)
	soon(t, "another pod takes the room", func() bool { return !pass() })
	fat.Status.Phase = v1.PodSucceeded
	_, err = core.Pods("staff").UpdateStatus(ctx, fat, metav1.UpdateOptions{})
	require.NoError(t, err)
	soon(t, "it has ended", pass)

	n := testNode("berlin", map[string]string{SiteLabel: "ionos-berlin"})
	n.Spec.Unschedulable = true
	_, err = core.Nodes().Update(ctx, n, metav1.UpdateOptions{})
	require.NoError(t, err)
	soon(t, "the node is cordoned", func() bool { return !pass() })
	n.Spec.Unschedulable = false
	_, err = core.Nodes().Update(ctx, n, metav1.UpdateOptions{})
	require.NoError(t, err)
	soon(t, "and not any more", pass)

	require.NoError(t, core.Namespaces().Delete(ctx, "staff", metav1.DeleteOptions{}))
	soon(t, "the namespace is gone, and its class with it", func() bool { return !pass() })
	require.NoError(t, core.Nodes().Delete(ctx, "berlin", metav1.DeleteOptions{}))
	soon(t, "the node is gone", func() bool { return c.Stats().Nodes == 0 })
	require.NoError(t, core.Pods("staff").Delete(ctx, "p", metav1.DeleteOptions{}))
	soon(t, "the pod is gone", func() bool { return c.Waiting("staff", "p") == nil })
}

// TestWatchOfTheContinuum: what is broken or gone leaves the old one in force and is told.
func TestWatchOfTheContinuum(t *testing.T) {
	c, client, log := watched(t)
	require.NoError(t, c.Watch(t.Context(), client))
	require.Contains(t, <-log, "continuum loaded")
	first := c.in.Load().stated
	maps := client.CoreV1().ConfigMaps("domicile")
	put := func(text string) string {
		_, err := maps.Update(t.Context(), &v1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "domicile", Name: "continuum"}, Data: map[string]string{"c.yaml": text}}, metav1.UpdateOptions{})
		require.NoError(t, err)
		return <-log
	}
	require.Contains(t, put("kind: Continuum"), "the old one stays in force")
	require.Same(t, first, c.in.Load().stated)
	require.Contains(t, put(""), "the old one stays in force")
	text, err := os.ReadFile("../../examples/virt8ra/continuum.yaml")
	require.NoError(t, err)
	require.Contains(t, put(strings.Replace(string(text), "asOf: 2026-11-23", "asOf: 2026-11-24", 1)), "continuum loaded")
	require.True(t, c.Stats().AsOf.After(first.AsOf()))
	require.NoError(t, maps.Delete(t.Context(), "continuum", metav1.DeleteOptions{}))
	require.Contains(t, <-log, "is gone")
	require.NoError(t, c.Ready())
}

func TestWatchEndsWithItsContext(t *testing.T) {
	c, client, _ := watched(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.Watch(ctx, client), ErrNotReady)
	require.ErrorIs(t, c.Ready(), ErrNotReady)
}

func TestFollow(t *testing.T) {
	c, client, _ := watched(t)
	shared := informers.NewSharedInformerFactory(client, 0)
	require.NoError(t, c.Follow(t.Context(), shared, client))
	require.ErrorIs(t, c.Ready(), ErrNotReady, "nobody has started them")
	shared.Start(t.Context().Done())
	soon(t, "all is delivered", func() bool { return c.Ready() == nil })
	require.Equal(t, 1, c.Stats().Nodes)
}

// TestDeletionsThatWereMissed come as what was known last.
func TestDeletionsThatWereMissed(t *testing.T) {
	c, _ := testCluster(t, nil)
	p := testPod("staff", "p", "1", nil, nil)
	c.SetPod(p)
	h := handler(c.SetPod, c.DeletePod)
	h.OnDelete(cache.DeletedFinalStateUnknown{Key: "staff/p", Obj: "something else"})
	require.NotNil(t, c.Waiting("staff", "p"))
	h.OnDelete(cache.DeletedFinalStateUnknown{Key: "staff/p", Obj: p})
	require.Nil(t, c.Waiting("staff", "p"))
}

func TestSlimKeepsWhatCounts(t *testing.T) {
	p := testPod("staff", "p", "1", map[string]string{ApplicationLabel: "a", "x": "y"}, nil)
	p.Spec.SchedulerName, p.Spec.SchedulingGates = "domicile", []v1.PodSchedulingGate{{Name: "g"}}
	p.Spec.Tolerations = []v1.Toleration{{Operator: v1.TolerationOpExists}}
	p.Spec.Containers[0].Env = []v1.EnvVar{{Name: "secret"}}
	out, err := slim(p)
	require.NoError(t, err)
	kept := out.(*v1.Pod)
	require.Equal(t, demandOf(p), demandOf(kept))
	require.True(t, tolerates(kept))
	require.Equal(t, "domicile", kept.Spec.SchedulerName)
	require.Len(t, kept.Spec.SchedulingGates, 1)
	require.Empty(t, kept.Spec.Containers[0].Env)
	p.Spec.NodeName = "n"
	out, err = slim(p)
	require.NoError(t, err)
	require.Empty(t, out.(*v1.Pod).Spec.Tolerations)
}
