package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	extenderv1 "k8s.io/kube-scheduler/extender/v1"

	adapter "github.com/domicile-eu/domicile/adapters/kubernetes"
	"github.com/domicile-eu/domicile/adapters/kubernetes/extender"
	"github.com/domicile-eu/domicile/bench/harness"
	"github.com/domicile-eu/domicile/bench/synthetic"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

type runner struct {
	config
	seed     uint64
	progress *harness.Progress
	result   result

	rng     *rand.Rand
	made    *synthetic.Scaled
	dir     string
	asOf    time.Time
	cluster *adapter.Cluster
	client  *http.Client
	url     string
	shapes  []shape
	nodes   []string
	siteOf  map[string]topology.SiteID
}

// shape is a pod of the cluster and the workload that it stands for.
type shape struct {
	pod *v1.Pod
	app placement.Application
}

func (r *runner) all(ctx context.Context) error {
	r.rng = rand.New(rand.NewPCG(r.seed, 12))
	var err error
	if r.dir, err = os.MkdirTemp("", "domicile-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	r.progress.Say("making the cluster")
	if err := r.make(); err != nil {
		return err
	}
	stop, err := r.serve()
	if err != nil {
		return err
	}
	defer stop()
	if err := r.measure(ctx); err != nil {
		return err
	}
	return r.compare(ctx)
}

// make fills a cluster with nodes, namespaces and pods.
func (r *runner) make() error {
	var err error
	if r.made, err = synthetic.Scale(r.sites, max(400, 8*r.config.shapes), r.seed); err != nil {
		return err
	}
	if err := r.made.WriteFiles(r.dir); err != nil {
		return err
	}
	c, err := topology.New(r.made.Spec)
	if err != nil {
		return err
	}
	r.asOf = c.AsOf()
	r.cluster, err = adapter.New(adapter.Config{
		Continuum: filepath.Join(r.dir, synthetic.ContinuumFile), Policies: []string{filepath.Join(r.dir, synthetic.PoliciesDir)}, AsOf: "continuum",
	}, nil)
	if err != nil {
		return err
	}
	r.addNodes()
	if err := r.addShapes(); err != nil {
		return err
	}
	for k := range r.pods {
		p := pod("running", fmt.Sprintf("pod-%06d", k))
		p.Spec.NodeName = r.nodes[r.rng.IntN(len(r.nodes))]
		r.cluster.SetPod(p)
	}
	r.cluster.SetSynced(true)
	return nil
}

func (r *runner) addNodes() {
	r.siteOf = make(map[string]topology.SiteID)
	for k := range r.config.nodes {
		site := r.made.Spec.Sites[k%len(r.made.Spec.Sites)].ID
		n := &v1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%05d", k), Labels: map[string]string{adapter.SiteLabel: string(site)}},
			Status: v1.NodeStatus{Allocatable: v1.ResourceList{
				v1.ResourceCPU: resource.MustParse("4"), v1.ResourceMemory: resource.MustParse("32Gi"), v1.ResourcePods: resource.MustParse("110"),
			}},
		}
		r.cluster.SetNode(n)
		r.nodes = append(r.nodes, n.Name)
		r.siteOf[n.Name] = site
	}
}

func pod(namespace, name string) *v1.Pod {
	return &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(namespace + "-" + name), Labels: map[string]string{}, Annotations: map[string]string{}},
		Spec: v1.PodSpec{
			SchedulerName: "domicile", RestartPolicy: v1.RestartPolicyAlways,
			Containers: []v1.Container{{
				Name: "main", Image: "registry.example/team/service:1.2.3", ImagePullPolicy: v1.PullIfNotPresent,
				Resources: v1.ResourceRequirements{Requests: v1.ResourceList{v1.ResourceCPU: resource.MustParse("100m"), v1.ResourceMemory: resource.MustParse("500Mi")}},
				Env:       []v1.EnvVar{{Name: "REGION", Value: "eu"}, {Name: "LOG", Value: "info"}},
			}},
			Tolerations: []v1.Toleration{{Key: "node.kubernetes.io/not-ready", Operator: v1.TolerationOpExists, Effect: v1.TaintEffectNoExecute}},
		},
	}
}

// addShapes makes a pod of the first workload of each of some applications, with its flows from users.
func (r *runner) addShapes() error {
	for k := range r.config.shapes {
		app := r.made.Applications[k%len(r.made.Applications)]
		w := app.Workloads[0]
		namespace := fmt.Sprintf("team-%04d", k)
		facts, err := json.Marshal(w.Attributes)
		if err != nil {
			return err
		}
		if w.Data == "" {
			w.Data = "internal"
		}
		r.cluster.SetNamespace(&v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace, Annotations: map[string]string{
			adapter.DataAnnotation: string(w.Data), adapter.TenantAnnotation: app.Tenant, adapter.AttributesAnnotation: string(facts),
		}}})
		p := pod(namespace, "pod")
		p.Labels[adapter.ApplicationLabel], p.Labels[adapter.ComponentLabel] = app.Name, w.Component
		flows, text := []placement.Flow{}, []map[string]any{}
		for _, f := range app.Flows {
			if f.FromAccess != "" && f.To == w.Component {
				f.Data, f.Percentile = "", 0
				flows = append(flows, f)
				text = append(text, map[string]any{"fromAccess": f.FromAccess, "rate": fmt.Sprintf("%d", f.Rate), "bound": fmt.Sprintf("%dus", f.Bound)})
				if f.Bound == 0 {
					delete(text[len(text)-1], "bound")
				}
			}
		}
		if len(text) > 0 {
			b, err := json.Marshal(text)
			if err != nil {
				return err
			}
			p.Annotations[adapter.FlowsAnnotation] = string(b)
		}
		own := placement.Workload{ID: placement.WorkloadID(app.Name + "/" + w.Component + "-1"), Application: app.Name, Tenant: app.Tenant, Component: w.Component,
			Kind: placement.Container, Priority: 1, Data: w.Data, Attributes: w.Attributes,
			Demand: topology.Resources{topology.CPU: 100, topology.Memory: 500 << 20}}
		r.shapes = append(r.shapes, shape{p, placement.Application{Name: app.Name, Tenant: app.Tenant, Workloads: []placement.Workload{own}, Flows: flows}})
	}
	return nil
}

func (r *runner) serve() (stop func(), err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // as domicile-extender does
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: extender.New(r.cluster, nil)}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	r.url, r.client = "http://"+l.Addr().String(), &http.Client{Transport: &http.Transport{}}
	return func() { server.Close(); r.client.CloseIdleConnections(); <-done }, nil
}

// ask sends a request as kube-scheduler does and returns the answer.
func (r *runner) ask(ctx context.Context, verb string, body []byte) ([]byte, time.Duration, error) {
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/"+verb, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d: %.200s", verb, resp.StatusCode, text)
	}
	return text, time.Since(began), err
}

func (r *runner) body(s *shape, n int, names []string) ([]byte, error) {
	p := s.pod.DeepCopy()
	p.Name, p.UID = fmt.Sprintf("pod-%06d", n), types.UID(fmt.Sprintf("uid-%06d", n))
	return json.Marshal(extenderv1.ExtenderArgs{Pod: p, NodeNames: &names})
}

// sample draws names.
func (r *runner) sample() []string {
	out := make([]string, 0, r.names)
	start := r.rng.IntN(len(r.nodes))
	for k := range r.names {
		out = append(out, r.nodes[(start+k)%len(r.nodes)])
	}
	return out
}

func (r *runner) measure(ctx context.Context) error {
	var fresh, filter, prioritize []time.Duration
	for k := range r.shapes {
		body, err := r.body(&r.shapes[k], k, r.sample())
		if err != nil {
			return err
		}
		_, took, err := r.ask(ctx, "filter", body)
		if err != nil {
			return err
		}
		fresh = append(fresh, took)
	}
	bytes, passed := 0, 0
	for n := range r.requests {
		r.progress.Say("request %d of %d", n, r.requests)
		s := &r.shapes[r.rng.IntN(len(r.shapes))]
		body, err := r.body(s, n, r.sample())
		if err != nil {
			return err
		}
		text, took, err := r.ask(ctx, "filter", body)
		if err != nil {
			return err
		}
		filter = append(filter, took)
		bytes += len(text)
		var answer extenderv1.ExtenderFilterResult
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		if answer.Error != "" {
			return fmt.Errorf("filter: %s", answer.Error)
		}
		passed += len(*answer.NodeNames)
		if _, took, err = r.ask(ctx, "prioritize", body); err != nil {
			return err
		}
		prioritize = append(prioritize, took)
	}
	r.result.Bytes, r.result.passed = float64(bytes)/float64(r.requests), float64(passed)/float64(r.requests)
	r.result.NewShape = quantile(fresh, .5)
	r.result.FilterP50, r.result.FilterP99 = quantile(filter, .5), quantile(filter, .99)
	r.result.PrioritizeP50, r.result.PrioritizeP99 = quantile(prioritize, .5), quantile(prioritize, .99)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	r.result.HeapBytes = int64(m.HeapAlloc)
	return nil
}
