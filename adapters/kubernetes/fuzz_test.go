package kubernetes

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzPod: whatever a pod and its namespace say, every node gets an answer or there is an error, and a pod whose class
// nobody stated goes nowhere.
func FuzzPod(f *testing.F) {
	f.Add("personal", "", "shop", "web", `[{"fromAccess":"berlin","rate":"1Mbit/s","bound":"20ms"}]`, `{"home":"DE"}`, "")
	f.Add("", "public", "", "", ``, `{`, "other")
	f.Add("internal", "health-de", "a/b", "é", `[{"from":"web","to":"web"}]`, `{"a":[1,{"b":null}]}`, "\x00")
	c, _ := testCluster(f, nil)
	names := []string{"ionos-berlin-0", "aws-milan-0", "nobody"}
	f.Fuzz(func(t *testing.T, class, own, app, component, flows, facts, tenant string) {
		space := testSpace("fuzzed", class)
		space.Annotations[AttributesAnnotation], space.Annotations[TenantAnnotation] = facts, tenant
		c.SetNamespace(space)
		notes := map[string]string{FlowsAnnotation: flows}
		if own != "" {
			notes[DataAnnotation] = own
		}
		p := testPod("fuzzed", "p", "1", map[string]string{ApplicationLabel: app, ComponentLabel: component}, notes)
		placed := p.DeepCopy()
		placed.Name, placed.Spec.NodeName = "placed", "ionos-berlin-1"
		c.SetPod(placed)
		defer c.DeletePod(placed)
		got, err := c.Filter(context.Background(), p, names)
		if err != nil {
			require.ErrorIs(t, err, ErrNotReady)
			return
		}
		require.Len(t, names, len(got.Pass)+len(got.Hard)+len(got.Soft))
		if class == "" || c.cfg.strictness(class) < 0 {
			require.Empty(t, got.Pass)
		}
	})
}

// FuzzNode: whatever its labels say, a node whose site nobody listed and whose provider nobody knows takes nothing.
func FuzzNode(f *testing.F) {
	f.Add("ionos-berlin", "DE", "ionos", "edge")
	f.Add("", "de", "aws", "")
	f.Add("", "XX", "ionos", "cloud")
	c, _ := testCluster(f, func(c *Config) { c.Policies = nil })
	pod := testPod("staff", "p", "1", nil, nil)
	known := map[string]bool{}
	for s := range c.in.Load().stated.Sites() {
		known[string(s.ID)] = true
	}
	provider := map[string]bool{}
	for p := range c.in.Load().stated.Providers() {
		provider[string(p.ID)] = true
	}
	f.Fuzz(func(t *testing.T, site, country, of, tier string) {
		c.SetNode(testNode("fuzzed", map[string]string{SiteLabel: site, CountryLabel: country, ProviderLabel: of, TierLabel: tier}))
		got, err := c.Filter(context.Background(), pod, []string{"fuzzed", "ionos-berlin-0"})
		require.NoError(t, err)
		require.Contains(t, got.Pass, "ionos-berlin-0", "what one node says is nothing to others")
		if len(got.Pass) == 2 {
			require.True(t, known[site] || site == "" && provider[of])
		}
	})
}
