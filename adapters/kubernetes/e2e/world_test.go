package e2e

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	domicile "github.com/domicile-eu/domicile/adapters/kubernetes"
	"github.com/domicile-eu/domicile/topology"
)

// sites that nodes are spread over in turn; the vault has one node of its own.
var sites = []string{"berlin", "munich", "vienna", "paris", "lyon", "warsaw", "zurich", "virginia", "oregon"}

// allowed says for each class of data where it may be, by hand and not by the rules.
var allowed = map[string][]string{
	"public":   append([]string{"vault"}, sites...),
	"personal": {"berlin", "munich", "vault", "vienna", "paris", "lyon", "warsaw"},
	"secret":   {"berlin", "munich", "vault"},
	"vault":    {"vault"},
}

var classes = []string{"public", "personal", "secret", "vault"}

func readContinuum(t testing.TB) *topology.Continuum {
	f, err := os.Open("testdata/continuum.yaml")
	require.NoError(t, err)
	defer f.Close()
	c, err := topology.Read(f.Name(), f)
	require.NoError(t, err)
	return c
}

// parallel calls f for 0 to n-1, sixteen at a time.
func parallel(t testing.TB, n int, f func(k int) error) {
	t.Helper()
	var wg sync.WaitGroup
	next, errs := make(chan int), make(chan error, n)
	for range 16 {
		wg.Go(func() {
			for k := range next {
				if err := f(k); err != nil {
					errs <- err
				}
			}
		})
	}
	for k := range n {
		next <- k
	}
	close(next)
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

// addNodes makes n nodes over all sites, and the vault's.
func (p *plane) addNodes(t testing.TB, n int) {
	parallel(t, n+1, func(k int) error {
		name, site := fmt.Sprintf("n-%05d", k), "vault"
		if k < n {
			site = sites[k%len(sites)]
		}
		_, err := p.client.CoreV1().Nodes().Create(context.Background(), node(name, site), metav1.CreateOptions{})
		return err
	})
}

func node(name, site string) *v1.Node {
	room := v1.ResourceList{v1.ResourceCPU: resource.MustParse("4"), v1.ResourceMemory: resource.MustParse("32Gi"), v1.ResourcePods: resource.MustParse("110")}
	return &v1.Node{
		// The region is a lie everywhere: whoever believes topology labels binds wrongly.
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{domicile.SiteLabel: site, v1.LabelHostname: name, v1.LabelTopologyRegion: "eu-central"}},
		Status: v1.NodeStatus{Capacity: room, Allocatable: room,
			Conditions: []v1.NodeCondition{{Type: v1.NodeReady, Status: v1.ConditionTrue}}},
	}
}

// addNamespace makes a namespace with a class of data, none where empty.
func (p *plane) addNamespace(t testing.TB, name, class string, labels map[string]string) {
	n := &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
	if class != "" {
		n.Annotations = map[string]string{domicile.DataAnnotation: class}
	}
	_, err := p.client.CoreV1().Namespaces().Create(context.Background(), n, metav1.CreateOptions{})
	require.NoError(t, err)
}

func pod(namespace, name, scheduler string) *v1.Pod {
	return &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1.PodSpec{SchedulerName: scheduler, Containers: []v1.Container{{Name: "c", Image: "registry.example/c:1",
			Resources: v1.ResourceRequirements{Requests: v1.ResourceList{v1.ResourceCPU: resource.MustParse("100m"), v1.ResourceMemory: resource.MustParse("500Mi")}}}}},
	}
}

func create(client kubernetes.Interface, x *v1.Pod) error {
	_, err := client.CoreV1().Pods(x.Namespace).Create(context.Background(), x, metav1.CreateOptions{})
	return err
}

// addPods makes n pods named PREFIX-K.
func (p *plane) addPods(t testing.TB, namespace, prefix, scheduler string, n int) {
	t.Helper()
	parallel(t, n, func(k int) error {
		return create(p.client, pod(namespace, fmt.Sprintf("%s-%04d", prefix, k), scheduler))
	})
}

func (p *plane) pods(t testing.TB, namespace string) []v1.Pod {
	list, err := p.client.CoreV1().Pods(namespace).List(context.Background(), metav1.ListOptions{})
	require.NoError(t, err)
	return list.Items
}

// allBound waits until every pod of a namespace is bound.
func (p *plane) allBound(t testing.TB, namespace string, n int, most time.Duration) {
	t.Helper()
	eventually(t, most, func() error {
		list, err := p.client.CoreV1().Pods(namespace).List(context.Background(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		bound, word := 0, ""
		for k := range list.Items {
			if list.Items[k].Spec.NodeName != "" {
				bound++
			} else if c := scheduled(&list.Items[k]); c != nil {
				word = c.Reason + ": " + c.Message
			}
		}
		if bound != n {
			return fmt.Errorf("%d of %d pods of %s are bound: %s", bound, n, namespace, word)
		}
		return nil
	})
}

// scheduled is the condition PodScheduled.
func scheduled(x *v1.Pod) *v1.PodCondition {
	for k := range x.Status.Conditions {
		if x.Status.Conditions[k].Type == v1.PodScheduled {
			return &x.Status.Conditions[k]
		}
	}
	return nil
}

// refusal waits until the scheduler has said why a pod is not bound, and returns the condition.
func (p *plane) refusal(t testing.TB, namespace, name string) *v1.PodCondition {
	t.Helper()
	var c *v1.PodCondition
	eventually(t, 30*time.Second, func() error {
		x, err := p.client.CoreV1().Pods(namespace).Get(context.Background(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		require.Empty(t, x.Spec.NodeName, "%s/%s is bound", namespace, name)
		if c = scheduled(x); c == nil || c.Status != v1.ConditionFalse {
			return fmt.Errorf("nothing is said of %s/%s", namespace, name)
		}
		return nil
	})
	return c
}
