package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"

	domicile "github.com/domicile-eu/domicile/adapters/kubernetes"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

// watcher sees every binding of a cluster and judges it twice: by placement.Check and by the table of this package. It
// uses nothing of the adapter but the names of its keys.
type watcher struct {
	p         *plane
	continuum *topology.Continuum
	set       *policy.Set

	mu    sync.Mutex
	seen  map[string]string      // pod's UID: node
	times map[string][]time.Time // namespace: when bindings were seen
	known map[string]string      // class@site: verdict
	wrong []string

	classOf, siteOf map[string]string // of namespaces and nodes
}

// watch begins to watch; the verdict is given when the test ends, too.
func (p *plane) watch(t testing.TB) *watcher {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: os.DirFS("testdata/policies")}}, nil)
	require.NoError(t, err)
	w := &watcher{p: p, continuum: readContinuum(t), set: set, seen: make(map[string]string), times: make(map[string][]time.Time), known: make(map[string]string),
		classOf: make(map[string]string), siteOf: make(map[string]string)}
	ctx, cancel := context.WithCancel(context.Background())
	all := informers.NewSharedInformerFactory(p.client, 0)
	reg, err := all.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { _ = w.see(o.(*v1.Pod)) }, UpdateFunc: func(_, o any) { _ = w.see(o.(*v1.Pod)) }})
	require.NoError(t, err)
	all.Start(ctx.Done())
	require.True(t, cache.WaitForCacheSync(ctx.Done(), reg.HasSynced))
	t.Cleanup(func() { cancel(); all.Shutdown() })
	return w
}

// see judges a pod that has a node. With an error it could not, because the API server is gone, and verify does.
func (w *watcher) see(x *v1.Pod) error {
	if x.Spec.NodeName == "" {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if was, ok := w.seen[string(x.UID)]; ok {
		if was != x.Spec.NodeName {
			w.wrong = append(w.wrong, fmt.Sprintf("%s/%s moved from %s to %s", x.Namespace, x.Name, was, x.Spec.NodeName))
		}
		return nil
	}
	word, err := w.judge(x)
	if err != nil {
		return err
	}
	w.seen[string(x.UID)] = x.Spec.NodeName
	w.times[x.Namespace] = append(w.times[x.Namespace], time.Now())
	if word != "" {
		w.wrong = append(w.wrong, fmt.Sprintf("%s/%s on %s: %s", x.Namespace, x.Name, x.Spec.NodeName, word))
	}
	return nil
}

func (w *watcher) judge(x *v1.Pod) (string, error) {
	ctx := context.Background()
	class, ok := w.classOf[x.Namespace]
	if !ok {
		space, err := w.p.client.CoreV1().Namespaces().Get(ctx, x.Namespace, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		class = space.Annotations[domicile.DataAnnotation]
		w.classOf[x.Namespace] = class
	}
	site, ok := w.siteOf[x.Spec.NodeName]
	if !ok {
		n, err := w.p.client.CoreV1().Nodes().Get(ctx, x.Spec.NodeName, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		site = n.Labels[domicile.SiteLabel]
		w.siteOf[x.Spec.NodeName] = site
	}
	if own := x.Annotations[domicile.DataAnnotation]; own != "" {
		if slices.Index(classes, own) < slices.Index(classes, class) {
			return "the pod's class is looser than its namespace's", nil
		}
		class = own
	}
	if word, ok := w.known[class+"@"+site]; ok {
		return word, nil
	}
	word := w.check(class, site)
	w.known[class+"@"+site] = word
	return word, nil
}

// check asks placement's checker, and the table.
func (w *watcher) check(class, site string) string {
	load := placement.Workload{ID: "pod", Application: "pod", Tenant: "t", Component: "pod", Kind: placement.Container, Data: placement.DataClass(class), Priority: 1}
	problem := &placement.Problem{Continuum: w.continuum, Admission: w.set, Transit: w.set,
		Applications: []placement.Application{{Name: "pod", Tenant: "t", Workloads: []placement.Workload{load}}}}
	broken, err := placement.Check(context.Background(), problem, placement.Assignment{"pod": topology.SiteID(site)})
	if err != nil {
		return err.Error()
	}
	fine := slices.Contains(allowed[class], site)
	switch {
	case fine != (len(broken) == 0):
		return fmt.Sprintf("the checker (%d violations) and the table (%v) differ on %s at %s", len(broken), fine, class, site)
	case !fine:
		return fmt.Sprintf("%s must not be at %s: %s", class, site, broken[0].Message)
	}
	return ""
}

// verify lists everything once more and says what was bound wrongly.
func (w *watcher) verify(t testing.TB) {
	t.Helper()
	for _, x := range w.p.pods(t, "") {
		require.NoError(t, w.see(&x))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	assert.Empty(t, w.wrong, "bound where policy refuses")
	t.Logf("watcher: %d bindings, all where they may be; %d kinds of them", len(w.seen), len(w.known))
}

// mistakes is what verify would complain about.
func (w *watcher) mistakes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.wrong)
}

func TestTheTableAndTheRulesAgree(t *testing.T) {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: os.DirFS("testdata/policies")}}, nil)
	require.NoError(t, err)
	w := &watcher{continuum: readContinuum(t), set: set}
	for _, class := range slices.Sorted(maps.Keys(allowed)) {
		for site := range w.continuum.Sites() {
			word := w.check(class, string(site.ID))
			assert.NotContains(t, word, "differ")
			assert.Equal(t, slices.Contains(allowed[class], string(site.ID)), word == "", "%s at %s: %s", class, site.ID, word)
		}
	}
}
