package kubernetes

import (
	"fmt"
	"testing"

	v1 "k8s.io/api/core/v1"
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

// BenchmarkJoint is one joint decision for 30 pods of three components.
func BenchmarkJoint(b *testing.B) {
	c, clock := testCluster(b, func(cfg *Config) { cfg.Joint = true })
	var first *v1.Pod
	for k := range 30 {
		p := testPod("staff", fmt.Sprintf("p-%02d", k), "100m", map[string]string{ApplicationLabel: "shop", ComponentLabel: fmt.Sprintf("c%d", k%3)}, nil)
		c.SetPod(p)
		if first == nil {
			first = p
		}
	}
	for b.Loop() {
		clock.now = clock.now.Add(2 * c.cfg.Reservation)
		if _, _, err := c.Best(b.Context(), first, 1); err != nil {
			b.Fatal(err)
		}
	}
}
