package kubernetes

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
)

// TestIdentityIsWhatKubeletsCannotSay: jurisdiction comes from restricted labels or the continuum's file, never from
// topology labels.
func TestIdentityIsWhatKubeletsCannotSay(t *testing.T) {
	c, _ := testCluster(t, nil)
	for name, labels := range map[string]map[string]string{
		"by-topology":   {v1.LabelTopologyRegion: "ionos-berlin", v1.LabelTopologyZone: "DE", "country": "DE"},
		"by-labels":     {CountryLabel: "de", ProviderLabel: "ionos-cloud"},
		"no-provider":   {CountryLabel: "DE"},
		"bad-provider":  {CountryLabel: "DE", ProviderLabel: "nobody"},
		"bad-country":   {CountryLabel: "XX1", ProviderLabel: "ionos"},
		"bad-tier":      {CountryLabel: "DE", ProviderLabel: "ionos", TierLabel: "sky"},
		"ionos-berlin":  {}, // the file lists it by its name
		"lies":          {SiteLabel: "ionos-berlin", CountryLabel: "US"},
		"agrees":        {SiteLabel: "ionos-berlin", CountryLabel: "DE", ProviderLabel: "ionos"},
		"unknown-site":  {SiteLabel: "nowhere"},
		"ionos-berlin9": {},
	} {
		c.SetNode(testNode(name, labels))
	}
	ask := []string{"by-topology", "by-labels", "no-provider", "bad-provider", "bad-country", "bad-tier", "ionos-berlin", "lies", "agrees", "unknown-site", "ionos-berlin9"}
	f, err := c.Filter(context.Background(), testPod("staff", "p", "1", nil, nil), ask)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"ionos-berlin", "agrees"}, f.Pass)
	for name, reason := range map[string]string{
		"by-topology": reasonNoIdentity, "no-provider": reasonNoIdentity, "bad-provider": reasonNoIdentity, "bad-country": reasonBadIdentity,
		"bad-tier": reasonBadIdentity, "lies": reasonBadIdentity, "unknown-site": reasonNoIdentity, "ionos-berlin9": reasonNoIdentity,
	} {
		require.Equal(t, reason, f.Hard[name], name)
	}

	// A place that labels alone describe is judged by rules like any other: what nobody states of it, it does not have.
	ctx := context.Background()
	require.Contains(t, f.Hard["by-labels"], reasonNoIdentity, "ionos-cloud is no provider")
	c.SetNode(testNode("by-labels", map[string]string{CountryLabel: "DE", ProviderLabel: "ionos"}))
	f, err = c.Filter(ctx, testPod("staff", "p", "1", nil, nil), []string{"by-labels"})
	require.NoError(t, err)
	require.Contains(t, f.Hard["by-labels"], "domicile: policy ENC-001")

	// Where nothing forbids it such a place is one, and near nothing.
	free, _ := testCluster(t, func(c *Config) { c.Policies = nil })
	free.SetNode(testNode("by-labels", map[string]string{CountryLabel: "DE", ProviderLabel: "ionos", TierLabel: "edge"}))
	f, err = free.Filter(ctx, testPod("staff", "p", "1", nil, nil), []string{"by-labels"})
	require.NoError(t, err)
	require.Equal(t, []string{"by-labels"}, f.Pass)
	p := testPod("staff", "p", "1", map[string]string{ApplicationLabel: "shop"}, map[string]string{FlowsAnnotation: `[{"fromAccess":"berlin","rate":"1Mbit/s","bound":"1s"}]`})
	f, err = free.Filter(ctx, p, []string{"by-labels", "ionos-berlin-0"})
	require.NoError(t, err)
	require.Equal(t, []string{"ionos-berlin-0"}, f.Pass)
	free.SetNode(testNode("by-labels", nil))
	f, err = free.Filter(ctx, testPod("staff", "p", "1", nil, nil), []string{"by-labels"})
	require.NoError(t, err)
	require.Equal(t, reasonNoIdentity, f.Hard["by-labels"], "judged anew at once")
}

// TestClassOfData: the namespace states it, the pod may narrow it, and without one nothing goes where rules are in force.
func TestClassOfData(t *testing.T) {
	c, _ := testCluster(t, nil)
	ctx := context.Background()
	for _, x := range []struct{ space, own, reason string }{
		{"staff", "", ""}, {"staff", "personal", ""},
		{"staff", "internal", reasonBadClass}, {"staff", "nonsense", reasonBadClass},
		{"bare", "", reasonNoClass}, {"bare", "public", reasonBadClass}, {"missing", "", reasonNoSpace},
	} {
		notes := map[string]string{}
		if x.own != "" {
			notes[DataAnnotation] = x.own
		}
		f, err := c.Filter(ctx, testPod(x.space, "p", "1", nil, notes), []string{"ionos-berlin-0"})
		require.NoError(t, err)
		require.Equal(t, x.reason, f.Hard["ionos-berlin-0"], x)
	}
	narrowed, err := c.Filter(ctx, testPod("staff", "p", "1", nil, map[string]string{DataAnnotation: "health-de"}), []string{"ionos-berlin-0"})
	require.NoError(t, err)
	require.Contains(t, narrowed.Hard["ionos-berlin-0"], "domicile: policy ")

	strict, _ := testCluster(t, func(c *Config) { c.Unlabelled = "health-de" })
	f, err := strict.Filter(ctx, testPod("bare", "p", "1", nil, nil), []string{"ionos-berlin-0"})
	require.NoError(t, err)
	require.Contains(t, f.Hard["ionos-berlin-0"], "domicile: policy ", "judged as the strictest class")
	_, err = New(Config{Continuum: "x", DataClasses: []string{"public", "secret"}, Unlabelled: "public"}, nil)
	require.ErrorContains(t, err, "only the strictest class")

	free, _ := testCluster(t, func(c *Config) { c.Policies = nil })
	f, err = free.Filter(ctx, testPod("bare", "p", "1", nil, nil), []string{"ionos-berlin-0", "nobody"})
	require.NoError(t, err)
	require.Equal(t, []string{"ionos-berlin-0"}, f.Pass, "no rule is in force")
}

// TestAnnotationsThatContradict are clear refusals of the pod, everywhere.
func TestAnnotationsThatContradict(t *testing.T) {
	c, _ := testCluster(t, nil)
	ctx := context.Background()
	app := map[string]string{ApplicationLabel: "shop", ComponentLabel: "web"}
	for _, x := range []struct {
		labels map[string]string
		flows  string
		reason string
		says   string
	}{
		{map[string]string{ComponentLabel: "web"}, "", reasonBadMember, "a component without an application"},
		{app, "{", reasonBadText, "not a JSON list"},
		{app, "[null]", reasonBadText, "null"},
		{app, `[{"fromAccess":"berlin","rate":"1Mbit/s","data":"public"}]`, reasonBadText, "class of data is the pod's own"},
		{app, `[{"fromAccess":"berlin","rate":"1Mbit/s","to":"db"}]`, reasonBadText, "another component"},
		{app, `[{"fromAccess":"berlin","rate":"-1"}]`, reasonBadText, "rate"},
		{app, `[{"fromAccess":"berlin","from":"x","rate":"1"}]`, reasonBadText, "from"},
	} {
		p := testPod("staff", "p", "1", x.labels, map[string]string{FlowsAnnotation: x.flows})
		f, err := c.Filter(ctx, p, []string{"ionos-berlin-0", "nobody"})
		require.NoError(t, err)
		require.Equal(t, map[string]string{"ionos-berlin-0": x.reason, "nobody": reasonUnknownNode}, f.Hard, x.flows)
		text, err := c.ExplainPod(ctx, p)
		require.NoError(t, err)
		require.Contains(t, text, x.says)
	}
	// An access point that nobody knows is near nothing.
	f, err := c.Filter(ctx, testPod("staff", "p", "1", app, map[string]string{FlowsAnnotation: `[{"fromAccess":"atlantis","rate":"1Mbit/s","bound":"1s"}]`}), []string{"ionos-berlin-0"})
	if err == nil {
		require.Empty(t, f.Pass)
	}
}
