package plan

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func pod(name, owner string) *v1.Pod {
	yes := true
	p := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "shop", UID: types.UID("uid-" + name), Labels: map[string]string{"app": owner}}}
	if owner != "" {
		p.OwnerReferences = []metav1.OwnerReference{{Kind: "ReplicaSet", Name: owner, Controller: &yes}}
	}
	p.Spec.NodeName = "node-a"
	return p
}

func budget(name, app string, allowed int32) policyv1.PodDisruptionBudget {
	return policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "shop"},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}},
		Status:     policyv1.PodDisruptionBudgetStatus{DisruptionsAllowed: allowed},
	}
}

func home(node string) topology.SiteID { return topology.SiteID("site-" + node[len(node)-1:]) }

func move(id int, w string, after ...int) migrate.Move {
	return migrate.Move{ID: id, Workload: placement.WorkloadID(w), From: "site-a", To: "site-b", After: after}
}

func find(pods ...*v1.Pod) Pods {
	return func(w placement.WorkloadID) *v1.Pod {
		for _, p := range pods {
			if p.Name == string(w) {
				return p
			}
		}
		return nil
	}
}

func TestWavesKeepBudgetsAndOrder(t *testing.T) {
	daemon, stays := pod("daemon", "log"), pod("elsewhere", "web")
	daemon.OwnerReferences[0].Kind = "DaemonSet"
	stays.Spec.NodeName = "node-c"
	pods := find(pod("web-1", "web"), pod("web-2", "web"), pod("web-3", "web"), pod("db-1", "db"), pod("db-2", "db"), pod("free", "free"),
		pod("bare", ""), daemon, stays, pod("twice", "twice"), pod("shut", "shut"))
	p := &migrate.Plan{Moves: []migrate.Move{
		move(1, "web-1"), move(2, "web-2"), move(3, "web-3"), move(4, "db-1"), move(5, "db-2", 4), move(6, "free", 3),
		move(7, "bare"), move(8, "daemon"), move(9, "elsewhere"), move(10, "twice"), move(11, "shut"), move(12, "free", 7), move(13, "ghost"),
	}}
	e, err := Make(p, pods, []policyv1.PodDisruptionBudget{
		budget("web", "web", 2), budget("db", "db", 1), budget("one", "twice", 1), budget("two", "twice", 1), budget("shut", "shut", 0),
	}, home)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, e.Print(&b))
	assert.Equal(t, `wave 1
  1  evict shop/web-1 from node-a, expected at site-b, within shop/web
  2  evict shop/web-2 from node-a, expected at site-b, within shop/web
  4  evict shop/db-1 from node-a, expected at site-b, within shop/db
wave 2
  3  evict shop/web-3 from node-a, expected at site-b, within shop/web
  5  evict shop/db-2 from node-a, expected at site-b, after 4, within shop/db
wave 3
  6  evict shop/free from node-a, expected at site-b, after 3
not 7  bare: it has no controller and would not come back
not 8  daemon: a DaemonSet's pod comes back on the same node
not 9  elsewhere: it is not where the plan believes it
not 10  twice: two disruption budgets select it, shop/one and shop/two
not 11  shut: disruption budget shop/shut allows no disruption now
not 12  free: it waits for move 7, which is not carried out
not 13  ghost: there is no such pod
`, b.String())
}

func TestABudgetThatNobodyComputedRefuses(t *testing.T) {
	b := budget("web", "web", 5)
	b.Generation = 2
	b.Status.ObservedGeneration = 1
	e, err := Make(&migrate.Plan{Moves: []migrate.Move{move(1, "web-1")}}, find(pod("web-1", "web")), []policyv1.PodDisruptionBudget{b}, home)
	require.NoError(t, err)
	assert.Empty(t, e.Steps)
	assert.Contains(t, e.Refused[0].Why, "has not been computed")
}

// server evicts like an API server: 429 so many times for each pod, then the pod is gone.
func server(refuse map[string]int, objects ...runtime.Object) (*fake.Clientset, *[]string) {
	c := fake.NewClientset(objects...)
	var log []string
	c.PrependReactor("create", "pods", func(a clienttesting.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() != "eviction" {
			return false, nil, nil
		}
		ev := a.(clienttesting.CreateAction).GetObject().(*policyv1.Eviction)
		if refuse[ev.Name] != 0 {
			refuse[ev.Name]--
			log = append(log, "429 "+ev.Name)
			return true, nil, apierrors.NewTooManyRequests("budget", 1)
		}
		log = append(log, ev.Name+" "+string(*ev.DeleteOptions.Preconditions.UID))
		return true, nil, c.Tracker().Delete(v1.SchemeGroupVersion.WithResource("pods"), ev.Namespace, ev.Name)
	})
	return c, &log
}

func TestRunWaitsForBudgetsAndLeavesWhatWaitsForAFailure(t *testing.T) {
	a, b, c := pod("a", "x"), pod("b", "x"), pod("c", "x")
	e, err := Make(&migrate.Plan{Moves: []migrate.Move{move(1, "a"), move(2, "b", 1), move(3, "c")}}, find(a, b, c), nil, home)
	require.NoError(t, err)
	client, log := server(map[string]int{"a": 2, "c": 1}, a, b, c)
	naps := 0
	opts := &RunOptions{Tries: 3, Sleep: func(context.Context, time.Duration) error { naps++; return nil }}
	require.NoError(t, e.Run(t.Context(), client, opts))
	assert.Equal(t, []string{"429 a", "429 a", "a uid-a", "429 c", "c uid-c", "b uid-b"}, *log)
	assert.Equal(t, 3, naps)

	client, log = server(map[string]int{"a": -1}, a, b, c) // never
	var undone []int
	opts.Done = func(s *Step, err error) {
		if err != nil {
			undone = append(undone, s.Move)
		}
	}
	require.ErrorContains(t, e.Run(t.Context(), client, opts), "2 of 3 steps")
	assert.Equal(t, []int{1, 2}, undone)
	assert.True(t, slices.Contains(*log, "c uid-c"))
	assert.False(t, slices.Contains(*log, "b uid-b"))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, e.Run(ctx, client, opts))
	assert.True(t, errors.Is(sleep(ctx, time.Hour), context.Canceled))
}
