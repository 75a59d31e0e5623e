package kubernetes

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"

	"github.com/domicile-eu/domicile/bench/synthetic"
)

// BenchmarkCycle is what one pod asks of the cluster in the framework plugin, at 5,000 nodes.
func BenchmarkCycle(b *testing.B) {
	c, _ := testCluster(b, nil)
	var sites []string
	for s := range c.in.Load().stated.Sites() {
		sites = append(sites, string(s.ID))
	}
	for k := range 5000 {
		c.SetNode(testNode(fmt.Sprintf("n-%04d", k), map[string]string{SiteLabel: sites[k%len(sites)]}))
	}
	p := testPod("staff", "p", "100m", nil, nil)
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	var best []string
	b.ReportAllocs()
	for _, part := range []struct {
		name string
		do   func() error
	}{
		{"best", func() (err error) { best, _, err = c.Best(b.Context(), p, 8); return err }},
		{"score", func() error { _, err := c.Score(b.Context(), p, best); return err }},
		{"reserve", func() error { defer c.Unreserve(p); return c.Reserve(b.Context(), p, best[0]) }},
		{"filter", func() error { _, err := c.Filter(b.Context(), p, best[:1]); return err }},
	} {
		must(part.do())
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(part.do())
			}
		})
	}
}

// BenchmarkJoint is one joint decision for the pods of three components that talk to each other and to users, at 5,000 nodes.
func BenchmarkJoint(b *testing.B) {
	for _, size := range []struct{ sites, pods int }{{50, 30}, {500, 30}, {500, 300}} {
		b.Run(fmt.Sprintf("sites=%d,pods=%d", size.sites, size.pods), func(b *testing.B) {
			c, clock, first := jointScaled(b, size.sites, size.pods)
			for b.Loop() {
				clock.now = clock.now.Add(2 * c.cfg.Reservation)
				if _, _, err := c.Best(b.Context(), first, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// jointScaled is a made cluster in which pods of one application wait.
func jointScaled(b testing.TB, sites, pods int) (*Cluster, *testClock, *v1.Pod) {
	made, err := synthetic.Scale(sites, 400, 1)
	require.NoError(b, err)
	dir := b.TempDir()
	require.NoError(b, made.WriteFiles(dir))
	clock := &testClock{}
	c, err := New(Config{Continuum: filepath.Join(dir, synthetic.ContinuumFile), Policies: []string{filepath.Join(dir, synthetic.PoliciesDir)},
		AsOf: "continuum", Joint: true, Deadline: time.Hour}, &Options{Clock: clock.read})
	require.NoError(b, err)
	for k := range 5000 {
		c.SetNode(testNode(fmt.Sprintf("n-%04d", k), map[string]string{SiteLabel: string(made.Spec.Sites[k%sites].ID)}))
	}
	c.SetNamespace(testSpace("shop", "internal"))
	c.SetSynced(true)
	var first *v1.Pod
	for k := range pods {
		flows := fmt.Sprintf(`[{"fromAccess":%q,"rate":"10Mbit/s","bound":"60ms"}]`, made.Spec.AccessPoints[0].ID)
		if k%3 > 0 {
			flows = fmt.Sprintf(`[{"from":"c%d","rate":"5Mbit/s","bound":"30ms"}]`, k%3-1)
		}
		p := testPod("shop", fmt.Sprintf("p-%03d", k), "100m", map[string]string{ApplicationLabel: "shop", ComponentLabel: fmt.Sprintf("c%d", k%3)},
			map[string]string{FlowsAnnotation: flows})
		c.SetPod(p)
		if first == nil {
			first = p
		}
	}
	return c, clock, first
}
