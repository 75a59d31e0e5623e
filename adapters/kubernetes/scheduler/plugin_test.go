package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/adapters/kubernetes"
)

// fake decides by a ranking and two lists of refusals, and counts questions.
type fake struct {
	synced     bool
	rank       []string
	hard, soft map[string]string
	err        error
	asked      []int // the k of each Best
	reserved   map[string]string
}

func (f *fake) Synced() bool { return f.synced }

func (f *fake) Best(_ context.Context, _ *v1.Pod, k int) ([]string, *kubernetes.Refusals, error) {
	f.asked = append(f.asked, k)
	return f.rank[:min(k, len(f.rank))], &kubernetes.Refusals{}, f.err
}

func (f *fake) Filter(_ context.Context, _ *v1.Pod, nodes []string) (*kubernetes.Filtered, error) {
	out := &kubernetes.Filtered{Hard: map[string]string{}, Soft: map[string]string{}}
	for _, n := range nodes {
		if why, no := f.hard[n]; no {
			out.Hard[n] = why
		} else if why, no := f.soft[n]; no {
			out.Soft[n] = why
		} else {
			out.Pass = append(out.Pass, n)
		}
	}
	return out, f.err
}

func (f *fake) Score(_ context.Context, _ *v1.Pod, nodes []string) ([]int64, error) {
	out := make([]int64, len(nodes))
	for i := range out {
		out[i] = int64(90 + 20*i)
	}
	return out, f.err
}

func (f *fake) Reserve(_ context.Context, pod *v1.Pod, node string) error {
	if f.reserved == nil {
		f.reserved = map[string]string{}
	}
	f.reserved[pod.Name] = node
	return f.err
}

func (f *fake) Unreserve(pod *v1.Pod) { delete(f.reserved, pod.Name) }

type snapshot map[string]fwk.NodeInfo

func (s snapshot) Get(name string) (fwk.NodeInfo, error) {
	if n, ok := s[name]; ok {
		return n, nil
	}
	return nil, errors.New("unknown node")
}

// cluster makes n nodes of four cores; taint and full say what ails some of them.
func cluster(t *testing.T, n int, ail func(i int, node *v1.Node)) (*Plugin, *fake, []fwk.NodeInfo) {
	t.Helper()
	f, s := &fake{synced: true, hard: map[string]string{}, soft: map[string]string{}}, snapshot{}
	var list []fwk.NodeInfo
	for i := range n {
		node := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%03d", i)}}
		node.Status.Allocatable = v1.ResourceList{"cpu": resource.MustParse("4"), "memory": resource.MustParse("8Gi"), "pods": resource.MustParse("110")}
		if ail != nil {
			ail(i, node)
		}
		info := framework.NewNodeInfo()
		info.SetNode(node)
		f.rank = append(f.rank, node.Name)
		s[node.Name] = info
		list = append(list, info)
	}
	p := newPlugin(f, 4)
	p.nodes = func() nodeGetter { return s }
	return p, f, list
}

func pod() *v1.Pod {
	p := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "shop", UID: "1"}}
	p.Spec.Containers = []v1.Container{{Name: "c", Resources: v1.ResourceRequirements{Requests: v1.ResourceList{"cpu": resource.MustParse("100m")}}}}
	return p
}

func TestTheBestPlausibleNodesAreHandedOver(t *testing.T) {
	p, f, nodes := cluster(t, 100, func(i int, n *v1.Node) {
		if i%2 == 0 {
			n.Spec.Taints = []v1.Taint{{Key: "gpu", Effect: v1.TaintEffectNoSchedule}}
		}
	})
	state := framework.NewCycleState()
	r, status := p.PreFilter(t.Context(), state, pod(), nodes)
	require.True(t, status.IsSuccess())
	assert.ElementsMatch(t, []string{"n001", "n003"}, r.NodeNames.UnsortedList())
	assert.Equal(t, []int{4}, f.asked)
	assert.True(t, p.Filter(t.Context(), state, pod(), nodes[1]).IsSuccess())

	f.hard["n050"] = "policy: no" // a nominated node is judged anew
	assert.Equal(t, fwk.UnschedulableAndUnresolvable, p.Filter(t.Context(), state, pod(), nodes[50]).Code())
	assert.True(t, p.Filter(t.Context(), state, pod(), nodes[51]).IsSuccess())
}

func TestTheShortlistGrowsUntilANodeIsPlausible(t *testing.T) {
	p, f, nodes := cluster(t, 100, func(i int, n *v1.Node) { n.Spec.Unschedulable = i != 77 })
	r, status := p.PreFilter(t.Context(), framework.NewCycleState(), pod(), nodes)
	require.True(t, status.IsSuccess())
	assert.Equal(t, []string{"n077"}, r.NodeNames.UnsortedList())
	assert.Equal(t, []int{4, 32, 100}, f.asked)
}

func TestWhereNoNodeIsPlausibleEveryNodeGetsAVerdict(t *testing.T) {
	p, f, nodes := cluster(t, 3, func(_ int, n *v1.Node) { n.Status.Allocatable["cpu"] = resource.MustParse("50m") })
	f.rank = nil
	f.hard["n000"], f.soft["n001"], f.soft["n002"] = "policy: no", "no room", "no room"
	state := framework.NewCycleState()
	r, status := p.PreFilter(t.Context(), state, pod(), nodes)
	require.True(t, status.IsSuccess())
	assert.Nil(t, r)
	assert.Equal(t, fwk.UnschedulableAndUnresolvable, p.Filter(t.Context(), state, pod(), nodes[0]).Code())
	assert.Equal(t, fwk.Unschedulable, p.Filter(t.Context(), state, pod(), nodes[1]).Code())

	// preemption tries a clone without some pods: room there is for Kubernetes to count, policies stay
	try := state.Clone()
	p.RemovePod(t.Context(), try, pod(), nil, nodes[0])
	p.RemovePod(t.Context(), try, pod(), nil, nodes[1])
	assert.Equal(t, fwk.UnschedulableAndUnresolvable, p.Filter(t.Context(), try, pod(), nodes[0]).Code())
	assert.True(t, p.Filter(t.Context(), try, pod(), nodes[1]).IsSuccess())
	assert.Equal(t, fwk.Unschedulable, p.Filter(t.Context(), try, pod(), nodes[2]).Code())
	assert.Equal(t, fwk.Unschedulable, p.Filter(t.Context(), state, pod(), nodes[1]).Code(), "the clone changed the original")
}

func TestARefusalEverywhereSaysWhy(t *testing.T) {
	p, f, nodes := cluster(t, 3, nil)
	f.rank = nil
	f.hard["n000"], f.hard["n001"], f.hard["n002"] = "policy: data must stay in the EU", "no identity", "policy: data must stay in the EU"
	_, status := p.PreFilter(t.Context(), framework.NewCycleState(), pod(), nodes)
	assert.Equal(t, fwk.UnschedulableAndUnresolvable, status.Code())
	assert.Equal(t, []string{"2 policy: data must stay in the EU", "1 no identity"}, status.Reasons())
}

func TestNothingPassesWhereNothingCanBeDecided(t *testing.T) {
	p, f, nodes := cluster(t, 3, nil)
	f.synced = false
	_, status := p.PreFilter(t.Context(), framework.NewCycleState(), pod(), nodes)
	assert.Equal(t, fwk.Error, status.Code())

	f.synced, f.err = true, errors.New("policy cannot be asked")
	_, status = p.PreFilter(t.Context(), framework.NewCycleState(), pod(), nodes)
	assert.Equal(t, fwk.Error, status.Code())
	assert.Equal(t, fwk.Error, p.Filter(t.Context(), framework.NewCycleState(), pod(), nodes[0]).Code(), "no verdict")
	assert.Equal(t, fwk.Error, p.Reserve(t.Context(), nil, pod(), "n000").Code())
	assert.Equal(t, fwk.Error, p.Bind(t.Context(), nil, pod(), "n000").Code())
	f.err = fmt.Errorf("%w: no room", kubernetes.ErrRefused)
	assert.Equal(t, fwk.Unschedulable, p.Reserve(t.Context(), nil, pod(), "n000").Code())
	f.err, f.hard["n000"] = nil, "policy: no"
	assert.Equal(t, fwk.Unschedulable, p.Bind(t.Context(), nil, pod(), "n000").Code())
	assert.Equal(t, fwk.Skip, p.Bind(t.Context(), nil, pod(), "n001").Code())
}

func TestCandidatesThatAreAllRefusedLeadToOneMoreLook(t *testing.T) {
	p, f, nodes := cluster(t, 100, nil)
	woken := 0
	p.activate = func(context.Context, *v1.Pod) { woken++ }
	state := framework.NewCycleState()
	_, status := p.PreFilter(t.Context(), state, pod(), nodes)
	require.True(t, status.IsSuccess())
	_, status = p.PostFilter(t.Context(), state, pod(), nil)
	assert.Equal(t, fwk.Unschedulable, status.Code())
	assert.Equal(t, 1, woken)

	f.asked, state = nil, framework.NewCycleState()
	r, _ := p.PreFilter(t.Context(), state, pod(), nodes)
	assert.Nil(t, r, "all nodes")
	assert.Empty(t, f.asked)
	_, _ = p.PostFilter(t.Context(), state, pod(), nil)
	assert.Equal(t, 1, woken, "no second time, or it would go round in circles")
	p.Bind(t.Context(), nil, pod(), "n000")
	assert.False(t, p.widened.has("1"))
}

func TestPodsThatOneNodeCannotAnswerForSeeAllNodes(t *testing.T) {
	p, _, nodes := cluster(t, 10, nil)
	for name, change := range map[string]func(s *v1.PodSpec){
		"named node": func(s *v1.PodSpec) {
			s.Affinity = &v1.Affinity{NodeAffinity: &v1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
				MatchFields: []v1.NodeSelectorRequirement{{Key: "metadata.name", Operator: v1.NodeSelectorOpIn, Values: []string{"n009"}}}}}}}}
		},
		"spread": func(s *v1.PodSpec) {
			s.TopologySpreadConstraints = []v1.TopologySpreadConstraint{{WhenUnsatisfiable: v1.DoNotSchedule}}
		},
		"volume": func(s *v1.PodSpec) {
			s.Volumes = []v1.Volume{{VolumeSource: v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{}}}}
		},
		"anti-affinity": func(s *v1.PodSpec) {
			s.Affinity = &v1.Affinity{PodAntiAffinity: &v1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []v1.PodAffinityTerm{{}}}}
		},
	} {
		q := pod()
		change(&q.Spec)
		r, status := p.PreFilter(t.Context(), framework.NewCycleState(), q, nodes)
		assert.True(t, status.IsSuccess(), name)
		assert.Nil(t, r, name)
	}
}

func TestScoresAreAskedForOnceAndKeptInBounds(t *testing.T) {
	p, _, nodes := cluster(t, 3, nil)
	state := framework.NewCycleState()
	state.Write(stateKey, &verdict{})
	require.True(t, p.PreScore(t.Context(), state, pod(), nodes).IsSuccess())
	var got []int64
	for _, n := range nodes {
		s, _ := p.Score(t.Context(), state, pod(), n)
		got = append(got, s)
	}
	assert.Equal(t, []int64{90, 100, 100}, got)
}

func TestSignatures(t *testing.T) {
	p, _, _ := cluster(t, 1, nil)
	a, b := pod(), pod()
	b.Name, b.UID, b.Annotations = "other", "2", map[string]string{"unrelated": "x"}
	sa, _ := p.SignPod(t.Context(), a)
	sb, _ := p.SignPod(t.Context(), b)
	assert.Equal(t, sa, sb)
	b.Annotations[kubernetes.DataAnnotation] = "health"
	sb, _ = p.SignPod(t.Context(), b)
	assert.NotEqual(t, sa, sb)
	b.Labels = map[string]string{kubernetes.ApplicationLabel: "shop"}
	_, status := p.SignPod(t.Context(), b)
	assert.Equal(t, fwk.Unschedulable, status.Code())
}

func TestHints(t *testing.T) {
	_, _, nodes := cluster(t, 1, nil)
	old := nodes[0].Node()
	hint := func(change func(*v1.Node)) fwk.QueueingHint {
		now := old.DeepCopy()
		change(now)
		h, err := nodeHint(klog.Background(), pod(), old, now)
		require.NoError(t, err)
		return h
	}
	assert.Equal(t, fwk.QueueSkip, hint(func(n *v1.Node) { n.Annotations = map[string]string{"heartbeat": "1"} }))
	assert.Equal(t, fwk.QueueSkip, hint(func(n *v1.Node) { n.Status.Allocatable["cpu"] = resource.MustParse("3") }))
	assert.Equal(t, fwk.Queue, hint(func(n *v1.Node) { n.Status.Allocatable["cpu"] = resource.MustParse("5") }))
	assert.Equal(t, fwk.Queue, hint(func(n *v1.Node) { n.Labels = map[string]string{kubernetes.CountryLabel: "DE"} }))
	h, _ := podHint(klog.Background(), pod(), nil, pod())
	assert.Equal(t, fwk.QueueSkip, h)
	h, _ = podHint(klog.Background(), pod(), pod(), nil)
	assert.Equal(t, fwk.Queue, h)
}

func TestArgs(t *testing.T) {
	a, err := ReadArgs(&runtime.Unknown{Raw: []byte(`{"config": "/etc/domicile/config.yaml"}`)})
	require.NoError(t, err)
	assert.Equal(t, Args{Config: "/etc/domicile/config.yaml", Candidates: 8}, a)
	for text, want := range map[string][]string{
		`{"candidates": -1}`:        {"args.config", "args.candidates: -1"},
		`{"config":"x","other":1}`:  {`unknown field "other"`},
		`{"config":"x"} {}`:         {"more than one value"},
		``:                          {"args are missing"},
		`{"config":"x","config":7}`: {"cannot unmarshal"},
	} {
		_, err := ReadArgs(&runtime.Unknown{Raw: []byte(text)})
		for _, w := range want {
			assert.ErrorContains(t, err, w, text)
		}
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	r := newRecent[int](3)
	for i := range 5 {
		r.add(i)
	}
	r.add(4)
	r.remove(3)
	assert.Equal(t, []bool{false, false, true, false, true}, []bool{r.has(0), r.has(1), r.has(2), r.has(3), r.has(4)})
	assert.True(t, slices.Equal(r.order, []int{2, 4}))
}

func BenchmarkPreFilter(b *testing.B) {
	t := &testing.T{}
	p, _, nodes := cluster(t, 5000, nil)
	q := pod()
	b.ReportAllocs()
	for b.Loop() {
		if _, s := p.PreFilter(b.Context(), framework.NewCycleState(), q, nodes); !s.IsSuccess() {
			b.Fatal(s)
		}
	}
}
