package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	v1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	domicile "github.com/domicile-eu/domicile/adapters/kubernetes"
)

// TestCluster is one cluster's life: the chart installed, pods bound and refused, and everything failing once.
func TestCluster(t *testing.T) {
	p := newPlane(t)
	p.addNodes(t, 300)
	for _, class := range classes {
		p.addNamespace(t, class, class, map[string]string{"domicile.eu/enforce": "true"})
	}
	p.addNamespace(t, "unclassed", "", nil)
	p.addNamespace(t, "open", "secret", nil)
	s := p.schedule(t, values(t))
	w := p.watch(t)
	for _, x := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"bound where policy says", func(t *testing.T) { testBound(t, p) }},
		{"refusals can be read", func(t *testing.T) { testRefused(t, p) }},
		{"least privilege", func(t *testing.T) { testPrivileges(t, p) }},
		{"the pod is a restricted one", func(t *testing.T) { testRestricted(t, p) }},
		{"nobody walks around", func(t *testing.T) { testAdmission(t, p) }},
		{"faulty answers", func(t *testing.T) { testFaults(t, p, s) }},
		{"extender killed under load", func(t *testing.T) { testExtenderKilled(t, p, s) }},
		{"API server killed under load", func(t *testing.T) { testServerKilled(t, p, s) }},
	} {
		if !t.Run(x.name, x.test) {
			t.Log(s.extender.words())
			t.Log(s.scheduler.words())
		}
		w.verify(t)
	}
	t.Run("the watcher sees a wrong binding", func(t *testing.T) { testWatcher(t, p, w) })
}

func testBound(t *testing.T, p *plane) {
	for _, class := range classes {
		p.addPods(t, class, "app", "domicile", 20)
	}
	narrowed := pod("public", "narrowed", "domicile")
	narrowed.Annotations = map[string]string{domicile.DataAnnotation: "secret"}
	require.NoError(t, create(p.client, narrowed))
	for _, class := range classes {
		n := 20
		if class == "public" {
			n++
		}
		p.allBound(t, class, n, time.Minute)
	}
}

func testRefused(t *testing.T, p *plane) {
	require.NoError(t, create(p.client, pod("unclassed", "app", "domicile")))
	c := p.refusal(t, "unclassed", "app")
	assert.Equal(t, v1.PodReasonUnschedulable, c.Reason)
	assert.Contains(t, c.Message, "0/301 nodes are available")
	assert.Contains(t, c.Message, "data class")

	abroad := pod("personal", "abroad", "domicile")
	abroad.Spec.NodeSelector = map[string]string{domicile.SiteLabel: "virginia"}
	require.NoError(t, create(p.client, abroad))
	c = p.refusal(t, "personal", "abroad")
	assert.Contains(t, c.Message, "domicile: policy E2E-001 Personal data stay in the EU")
	eventually(t, 20*time.Second, func() error {
		events, err := p.client.CoreV1().Events("personal").List(context.Background(), metav1.ListOptions{FieldSelector: "involvedObject.name=abroad"})
		if err != nil {
			return err
		}
		for _, e := range events.Items {
			if e.Reason == "FailedScheduling" && strings.Contains(e.Message, "E2E-001") {
				return nil
			}
		}
		return fmt.Errorf("no event FailedScheduling with the rule's code among %d", len(events.Items))
	})
	p.delete(t, "unclassed", "app")
	p.delete(t, "personal", "abroad")
}

func (p *plane) delete(t testing.TB, namespace, name string) {
	now := int64(0)
	require.NoError(t, p.client.CoreV1().Pods(namespace).Delete(context.Background(), name, metav1.DeleteOptions{GracePeriodSeconds: &now}))
}

// testPrivileges holds the service account to what it needs: what it may beyond that is kube-scheduler's own role.
func testPrivileges(t *testing.T, p *plane) {
	client, err := kubernetes.NewForConfig(p.as(p.token(t)))
	require.NoError(t, err)
	for _, x := range []struct {
		verb, group, resource, sub, namespace string
		want                                  bool
	}{
		{"list", "", "nodes", "", "", true}, {"watch", "", "pods", "", "", true}, {"list", "", "namespaces", "", "", true},
		{"create", "", "pods", "binding", "public", true}, {"create", "coordination.k8s.io", "leases", "", namespace, true},
		{"list", "", "secrets", "", "", false}, {"get", "", "secrets", "", namespace, false}, {"create", "", "pods", "", "public", false},
		{"update", "", "nodes", "", "", false}, {"patch", "", "namespaces", "", "", false}, {"list", "", "configmaps", "", "", false},
		{"create", "", "pods", "exec", "public", false}, {"update", "admissionregistration.k8s.io", "validatingadmissionpolicies", "", "", false}, {"bind", "rbac.authorization.k8s.io", "clusterroles", "", "", false},
	} {
		r, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(context.Background(), &authorizationv1.SelfSubjectAccessReview{
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: x.verb, Group: x.group, Resource: x.resource, Subresource: x.sub, Namespace: x.namespace}}}, metav1.CreateOptions{})
		require.NoError(t, err)
		assert.Equal(t, x.want, r.Status.Allowed, "%s %s/%s in %q", x.verb, x.resource, x.sub, x.namespace)
	}
}

// testRestricted lets the API server judge the Deployment's pod by the restricted Pod Security Standard.
func testRestricted(t *testing.T, p *plane) {
	ctx := context.Background()
	_, err := p.client.CoreV1().Namespaces().Patch(ctx, namespace, types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	d, err := p.client.AppsV1().Deployments(namespace).Get(ctx, release, metav1.GetOptions{})
	require.NoError(t, err)
	x := &v1.Pod{ObjectMeta: *d.Spec.Template.ObjectMeta.DeepCopy(), Spec: *d.Spec.Template.Spec.DeepCopy()}
	x.Name = "restricted"
	try := func() error {
		_, err := p.client.CoreV1().Pods(namespace).Create(ctx, x, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	require.NoError(t, try())
	x.Spec.Containers[0].SecurityContext = nil
	assert.ErrorContains(t, try(), "violates PodSecurity")
}

// testAdmission tries the ways round the scheduler as a tenant who may write pods, bindings and namespaces.
func testAdmission(t *testing.T, p *plane) {
	ctx := context.Background()
	_, err := p.client.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "tenant"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"pods", "pods/binding", "bindings", "namespaces"}, Verbs: []string{"*"}}}}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = p.client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "tenant"},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "tenant"},
		Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "tenant"}}}, metav1.CreateOptions{})
	require.NoError(t, err)
	tenant, err := kubernetes.NewForConfig(p.as(tenantToken))
	require.NoError(t, err)
	attempt := func(name string, change func(*v1.Pod)) error {
		x := pod("secret", name, "domicile")
		change(x)
		return create(tenant, x)
	}
	eventually(t, 30*time.Second, func() error { // policies come into force a moment after they are written
		x := pod("secret", "probe", "default-scheduler")
		_, err := tenant.CoreV1().Pods("secret").Create(ctx, x, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err == nil {
			return fmt.Errorf("the admission policy is not in force")
		}
		return nil
	})
	assert.ErrorContains(t, attempt("another", func(x *v1.Pod) { x.Spec.SchedulerName = "default-scheduler" }), "set spec.schedulerName")
	assert.ErrorContains(t, attempt("pinned", func(x *v1.Pod) { x.Spec.NodeName = "n-00007" }), "must not name their node")
	assert.ErrorContains(t, attempt("looser", func(x *v1.Pod) { x.Annotations = map[string]string{domicile.DataAnnotation: "public"} }), "not less strict")
	assert.ErrorContains(t, attempt("unknown", func(x *v1.Pod) { x.Annotations = map[string]string{domicile.DataAnnotation: "whatever"} }), "must be one of")

	gated := pod("secret", "gated", "domicile")
	gated.Spec.SchedulingGates = []v1.PodSchedulingGate{{Name: "e2e/wait"}}
	require.NoError(t, create(tenant, gated))
	bind := &v1.Binding{ObjectMeta: metav1.ObjectMeta{Namespace: "secret", Name: "gated"}, Target: v1.ObjectReference{Kind: "Node", Name: "n-00007"}}
	assert.ErrorContains(t, tenant.CoreV1().Pods("secret").Bind(ctx, bind, metav1.CreateOptions{}), "bound by the scheduler domicile alone")
	x, err := tenant.CoreV1().Pods("secret").Get(ctx, "gated", metav1.GetOptions{})
	require.NoError(t, err)
	x.Annotations = map[string]string{domicile.DataAnnotation: "vault"}
	_, err = tenant.CoreV1().Pods("secret").Update(ctx, x, metav1.UpdateOptions{})
	assert.ErrorContains(t, err, "cannot be changed")
	p.delete(t, "secret", "gated")

	space, err := tenant.CoreV1().Namespaces().Get(ctx, "secret", metav1.GetOptions{})
	require.NoError(t, err)
	loose := space.DeepCopy()
	loose.Annotations[domicile.DataAnnotation] = "public"
	_, err = tenant.CoreV1().Namespaces().Update(ctx, loose, metav1.UpdateOptions{})
	assert.ErrorContains(t, err, "may be changed by")
	free := space.DeepCopy()
	delete(free.Labels, "domicile.eu/enforce")
	_, err = tenant.CoreV1().Namespaces().Update(ctx, free, metav1.UpdateOptions{})
	assert.ErrorContains(t, err, "may be changed by")
	same := space.DeepCopy()
	same.Labels["team"] = "a"
	_, err = tenant.CoreV1().Namespaces().Update(ctx, same, metav1.UpdateOptions{})
	assert.NoError(t, err)
}

// testFaults gives the scheduler bad answers: nothing is bound on them, and everything once they are good again.
func testFaults(t *testing.T, p *plane, s *scheduling) {
	for _, x := range []struct {
		fault fault
		word  string // of the condition; empty: the pods are bound all the same
	}{
		{slow, ""}, {failing, "code 500"}, {malformed, "invalid character"}, {truncated, "unexpected EOF"},
		{empty, "nodes are available"}, {foreign, "not-a-node"}, {hanging, "Client.Timeout"}, {stale, "refused"},
	} {
		t.Run(string(x.fault), func(t *testing.T) {
			name := string(x.fault)
			if x.fault == stale { // an answer about public data, which lets everything pass
				s.proxy.set(whole)
				free := pod("public", "before-stale", "domicile")
				free.Spec.NodeSelector = map[string]string{domicile.SiteLabel: "virginia"}
				require.NoError(t, create(p.client, free))
				eventually(t, 20*time.Second, func() error {
					x, err := p.client.CoreV1().Pods("public").Get(context.Background(), "before-stale", metav1.GetOptions{})
					if err == nil && x.Spec.NodeName == "" {
						err = fmt.Errorf("not bound")
					}
					return err
				})
			}
			s.proxy.set(x.fault)
			defer s.proxy.set(whole)
			bad := pod("secret", name, "domicile")
			if x.fault == stale { // the scheduler's own plugins let the same nodes pass
				bad = pod("open", name, "domicile")
				bad.Spec.NodeSelector = map[string]string{domicile.SiteLabel: "virginia"}
			}
			require.NoError(t, create(p.client, bad))
			if x.word == "" {
				eventually(t, 30*time.Second, func() error { return p.bound(bad.Namespace, name) })
				return
			}
			s.proxy.awaitCalls(t, "/filter", 2)
			assert.Contains(t, p.refusal(t, bad.Namespace, name).Message, x.word)
			s.proxy.set(whole)
			if x.fault == stale {
				p.delete(t, bad.Namespace, name)
				return
			}
			if x.fault == empty { // no error, so that the pod waits for something to change
				p.touchNode(t)
			}
			eventually(t, 60*time.Second, func() error { return p.bound(bad.Namespace, name) })
		})
	}
}

// touchNode changes a label of a node.
func (p *plane) touchNode(t testing.TB) {
	_, err := p.client.CoreV1().Nodes().Patch(context.Background(), "n-00000", types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"e2e/touched":"yes"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
}

// bound says why a pod is not.
func (p *plane) bound(namespace, name string) error {
	x, err := p.client.CoreV1().Pods(namespace).Get(context.Background(), name, metav1.GetOptions{})
	if err == nil && x.Spec.NodeName == "" {
		err = fmt.Errorf("%s is not bound: %v", name, scheduled(x))
	}
	return err
}

// testExtenderKilled kills the extender while pods come in, three times.
func testExtenderKilled(t *testing.T, p *plane, s *scheduling) {
	before := len(p.pods(t, "personal"))
	for round := range 3 {
		p.addPods(t, "personal", fmt.Sprintf("kill-%d", round), "domicile", 40)
		s.proxy.set(whole)
		s.proxy.awaitCalls(t, "/filter", 5)
		s.extender.kill()
		s.proxy.set(whole)
		s.proxy.awaitCalls(t, "/filter", 2)
		s.extender.start(t)
		s.awaitExtender(t)
	}
	p.allBound(t, "personal", before+120, time.Minute)
}

// testServerKilled kills the API server while pods come in, and then etcd.
func testServerKilled(t *testing.T, p *plane, s *scheduling) {
	before := len(p.pods(t, "secret"))
	p.addPods(t, "secret", "before", "domicile", 40)
	p.api.kill()
	p.api.start(t)
	p.ready(t)
	p.addPods(t, "secret", "between", "domicile", 20)
	p.etcd.kill()
	p.etcd.start(t)
	p.ready(t)
	p.addPods(t, "secret", "after", "domicile", 20)
	if !s.scheduler.alive() { // it gives up when it loses its lease, and the kubelet starts it anew
		s.scheduler.start(t)
	}
	p.allBound(t, "secret", before+80, 2*time.Minute)
}

// testWatcher binds a pod wrongly by hand, where no policy of admission forbids it.
func testWatcher(t *testing.T, p *plane, w *watcher) {
	require.Empty(t, w.mistakes())
	require.NoError(t, create(p.client, pod("open", "wrong", "nobody")))
	require.NoError(t, p.client.CoreV1().Pods("open").Bind(context.Background(), &v1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "open", Name: "wrong"}, Target: v1.ObjectReference{Kind: "Node", Name: "n-00007"}}, metav1.CreateOptions{}))
	eventually(t, 20*time.Second, func() error {
		if len(w.mistakes()) != 1 {
			return fmt.Errorf("the watcher has seen nothing wrong: %v", w.mistakes())
		}
		return nil
	})
	assert.Contains(t, w.mistakes()[0], "secret must not be at virginia")
}

// TestOneOfFiveThousand: a pod that one node of 5,000 may take is bound at its first attempt.
func TestOneOfFiveThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 nodes")
	}
	p := newPlane(t)
	p.addNodes(t, 4999)
	p.addNamespace(t, "vault", "vault", nil)
	s := p.schedule(t, values(t))
	w := p.watch(t)
	for k := range 3 {
		name := fmt.Sprintf("one-%d", k)
		require.NoError(t, create(p.client, pod("vault", name, "domicile")))
		eventually(t, 30*time.Second, func() error { return p.bound("vault", name) })
		assert.Equal(t, 1, s.proxy.attempts(name), "attempts for %s", name)
	}
	events, err := p.client.CoreV1().Events("vault").List(context.Background(), metav1.ListOptions{FieldSelector: "reason=FailedScheduling"})
	require.NoError(t, err)
	assert.Empty(t, events.Items)
	w.verify(t)
}
