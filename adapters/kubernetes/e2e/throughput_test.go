package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	throughput = flag.Bool("throughput", false, "measure pods a second instead of skipping TestThroughput")
	nodes      = flag.Int("nodes", 5000, "of TestThroughput")
	pods       = flag.Int("pods", 1000, "of TestThroughput")
	runs       = flag.Int("runs", 5, "of TestThroughput: of each kind, alternating")
	kinds      = flag.String("kinds", "", "of TestThroughput: only these, with commas between them")
	plugin     = flag.String("plugin-module", "../scheduler", "of TestThroughput: folder of the module with the framework plugin; left out where there is none")
	outFile    = flag.String("out", "", "of TestThroughput: file for the JSON, besides its last line")
)

// kind is a way to schedule.
type kind struct {
	Name        string    `json:"kind"`
	PodsASecond []float64 `json:"pods_per_second"`
	Median      float64   `json:"median_pods_per_second"`
	Scheduler   float64   `json:"scheduler_cpu_ms_per_pod"` // mean
	Extender    float64   `json:"extender_cpu_ms_per_pod"`
	RSS         int64     `json:"extender_peak_rss_bytes"`

	percentage int  // of nodes to score; 0: kube-scheduler's default
	plugin     bool // our scheduler, with the plugin
	actor      bool // an extender that does nothing
	ours       bool // our extender
	bind       bool // which binds, too
	// class of the pods' data; empty: public, which the same rules judge and admit everywhere, so that kube-scheduler has as many
	// nodes to score as with an extender that does nothing.
	class string
}

func (k *kind) extender() bool { return k.actor || k.ours }

// TestThroughput measures each kind in turn, several times, on one cluster: first to last binding of pods that were there
// before the scheduler. Ratios compare medians of the same run.
func TestThroughput(t *testing.T) {
	if !*throughput {
		t.Skip("a measurement of many minutes: -throughput")
	}
	all := []*kind{
		{Name: "do-nothing extender", actor: true, percentage: 100},
		{Name: "domicile extender", ours: true, percentage: 100},
		{Name: "domicile extender, binding", ours: true, bind: true, percentage: 100},
		{Name: "domicile extender, refusing", ours: true, class: "personal", percentage: 100},
		{Name: "kube-scheduler alone"},
	}
	bench := &bench{p: newPlane(t)}
	bench.extender = program(t, "..", "cmd/domicile-extender")
	if _, err := os.Stat(filepath.Join(*plugin, "go.mod")); err == nil {
		bench.scheduler = program(t, *plugin, "cmd/domicile-scheduler")
		all = append(all, &kind{Name: "domicile plugin", plugin: true, class: "personal"})
	}
	if *kinds != "" {
		all = slices.DeleteFunc(all, func(k *kind) bool { return !slices.Contains(strings.Split(*kinds, ","), k.Name) })
	}
	bench.p.addNodes(t, *nodes-1)
	bench.w = bench.p.watch(t)
	for run := range *runs {
		for _, k := range all {
			bench.run(t, k, run)
			t.Logf("run %d, %s: %.1f pods/s", run+1, k.Name, k.PodsASecond[run])
		}
	}
	bench.w.verify(t)
	bench.report(t, all)
}

type bench struct {
	p                   *plane
	w                   *watcher
	extender, scheduler string
}

// run measures one kind once.
func (b *bench) run(t *testing.T, k *kind, run int) {
	p := b.p
	space := fmt.Sprintf("run-%d-%d", run, time.Now().UnixNano())
	class := k.class
	if class == "" {
		class = "public"
	}
	p.addNamespace(t, space, class, nil)
	p.addPods(t, space, "p", "bench", *pods)
	kubeconfig := p.kubeconfig(t, "bench", schedulerToken)
	config := map[string]any{
		"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
		"leaderElection":   map[string]any{"leaderElect": false},
		"clientConnection": map[string]any{"kubeconfig": kubeconfig, "qps": 5000, "burst": 5000},
	}
	profile := map[string]any{"schedulerName": "bench"}
	if k.percentage > 0 {
		config["percentageOfNodesToScore"] = k.percentage
	}
	var ext *process
	if k.extender() {
		listen := "127.0.0.1:" + strconv.Itoa(freePorts(t, 1)[0])
		ext = b.startExtender(t, k, listen)
		entry := map[string]any{"urlPrefix": "http://" + listen, "filterVerb": "filter", "prioritizeVerb": "prioritize", "weight": 1,
			"nodeCacheCapable": true, "httpTimeout": "5s"}
		if k.bind {
			entry["bindVerb"] = "bind"
		}
		config["extenders"] = []any{entry}
	}
	program := "kube-scheduler"
	if k.plugin {
		program = b.scheduler
		profile["plugins"] = map[string]any{"multiPoint": map[string]any{"enabled": []any{map[string]any{"name": "Domicile"}}}}
		profile["pluginConfig"] = []any{map[string]any{"name": "Domicile", "args": map[string]any{"config": b.config(t)}}}
	}
	config["profiles"] = []any{profile}
	sched := p.startScheduler(t, "bench-scheduler", program, config)
	p.allBound(t, space, *pods, 10*time.Minute)
	cpu, _ := sched.stats()
	k.Scheduler += cpu.Seconds() * 1000 / float64(*pods) / float64(*runs)
	if ext != nil {
		cpu, rss := ext.stats()
		k.Extender += cpu.Seconds() * 1000 / float64(*pods) / float64(*runs)
		k.RSS = max(k.RSS, rss)
		ext.kill()
	}
	sched.kill()
	k.PodsASecond = append(k.PodsASecond, b.w.rate(t, space, *pods))
	now := int64(0)
	require.NoError(t, p.client.CoreV1().Pods(space).DeleteCollection(context.Background(), metav1.DeleteOptions{GracePeriodSeconds: &now}, metav1.ListOptions{}))
}

// rate is pods a second from the first to the last binding seen.
func (w *watcher) rate(t testing.TB, space string, n int) float64 {
	var first, last time.Time
	eventually(t, time.Minute, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.times[space]) != n {
			return fmt.Errorf("%d of %d bindings seen", len(w.times[space]), n)
		}
		first, last = w.times[space][0], w.times[space][n-1]
		return nil
	})
	return float64(n-1) / last.Sub(first).Seconds()
}

// config writes a configuration for extender and plugin.
func (b *bench) config(t testing.TB) string {
	here, err := filepath.Abs("testdata")
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"apiVersion": "domicile.eu/v1alpha1", "kind": "KubernetesConfig", "continuum": here + "/continuum.yaml",
		"policies": []string{here + "/policies"}, "dataClasses": classes})
	require.NoError(t, err)
	file := b.p.path("bench-config.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

func (b *bench) startExtender(t testing.TB, k *kind, listen string) *process {
	var x *process
	if k.actor {
		x = b.p.actor(t, "nothing", listen)
	} else {
		args := []string{"-config=" + b.config(t), "-listen=" + listen, "-kubeconfig=" + b.p.kubeconfig(t, "bench-extender", adminToken)}
		if k.bind {
			args = append(args, "-bind")
		}
		x = spawn(t, b.p.dir, "bench-extender", b.extender, args...)
	}
	s := &scheduling{extender: x, url: "http://" + listen}
	s.awaitExtender(t)
	return x
}

// report prints a table and JSON.
func (b *bench) report(t *testing.T, all []*kind) {
	by := make(map[string]float64)
	w := tabwriter.NewWriter(os.Stdout, 2, 8, 2, ' ', 0)
	fmt.Fprintln(w, "kind\tmedian pods/s\truns\tscheduler CPU ms/pod\textender CPU ms/pod\textender MiB")
	for _, k := range all {
		sorted := slices.Sorted(slices.Values(k.PodsASecond))
		k.Median = (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
		by[k.Name] = k.Median
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.2f\t%.2f\t%d\n", k.Name, k.Median, k.PodsASecond, k.Scheduler, k.Extender, k.RSS>>20)
	}
	result := map[string]any{"suite": "kubernetes", "nodes": *nodes, "pods": *pods, "kinds": all, "wrong_bindings": len(b.w.mistakes())}
	ratio := func(name, a, base string) {
		if by[a] > 0 && by[base] > 0 {
			result[name] = by[a] / by[base]
			fmt.Fprintf(w, "%s / %s\t%.3f\n", a, base, by[a]/by[base])
		}
	}
	ratio("extender_ratio", "domicile extender", "do-nothing extender")
	ratio("binding_extender_ratio", "domicile extender, binding", "do-nothing extender")
	ratio("refusing_extender_ratio", "domicile extender, refusing", "do-nothing extender")
	ratio("plugin_ratio", "domicile plugin", "kube-scheduler alone")
	require.NoError(t, w.Flush())
	text, err := json.Marshal(result)
	require.NoError(t, err)
	if *outFile != "" {
		require.NoError(t, os.WriteFile(*outFile, append(text, '\n'), 0o644))
	}
	fmt.Printf("%s\n", text)
}
