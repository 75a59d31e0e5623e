package multicluster

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

func TestDecisionsAreWrittenOnceAndFollowTheClusters(t *testing.T) {
	w, rules := world(t, 5)
	c := hub(profile(t, "berlin", "True", ""), profile(t, "paris", "True", ""), profile(t, "ohio", "True", ""), profile(t, "mars", "True", ""))
	v, err := NewInventory(c, source(w), options())
	require.NoError(t, err)
	decided := func() (string, string) {
		o, err := c.Resource(Decisions).Namespace("fleet").Get(t.Context(), label("shop/web")+"-0", metav1.GetOptions{})
		require.NoError(t, err)
		assert.Equal(t, "domicile", o.Object["schedulerName"])
		text := ""
		for _, d := range o.Object["decisions"].([]any) {
			ref := d.(map[string]any)["clusterProfileRef"].(map[string]any)
			assert.Equal(t, "fleet", ref["namespace"])
			text += ref["name"].(string) + " "
		}
		return text + o.GetAnnotations()[noteReplicas], o.GetAnnotations()[noteUnplaced]
	}

	notes, err := v.Reconcile(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"cluster mars: the continuum has no site of that name; it is never chosen"}, notes)
	where, why := decided()
	assert.Equal(t, `paris berlin {"berlin":1,"paris":4}`, where)
	assert.Empty(t, why)
	assert.Equal(t, []string{"patch placementdecisions"}, writes(c))

	_, err = v.Reconcile(t.Context())
	require.NoError(t, err)
	assert.Empty(t, writes(c), "nothing new, nothing written")

	// a policy that cannot be asked, and a continuum that is not there, leave what is written
	rules.broken = errors.New("down")
	_, err = v.Reconcile(t.Context())
	require.Error(t, err)
	assert.Empty(t, writes(c))
	rules.broken = nil

	// Paris leaves the inventory: what has no other place stands in the annotation
	require.NoError(t, c.Resource(Profiles).Namespace("fleet").Delete(t.Context(), "paris", metav1.DeleteOptions{}))
	writes(c)
	_, err = v.Reconcile(t.Context())
	require.NoError(t, err)
	where, why = decided()
	assert.Equal(t, `berlin {"berlin":4}`, where)
	assert.Contains(t, why, "1 replicas have no place; clusters refused:")
	writes(c)

	// the application is gone, and so are its decisions
	w.Applications = nil
	_, err = v.Reconcile(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"delete placementdecisions"}, writes(c))
}

func TestProfiles(t *testing.T) {
	free := func(value, at string) string {
		return `{"name":"cpu.free.domicile.eu","value":"` + value + `","lastObservedTime":"` + at + `"},{"name":"other","value":"x"}`
	}
	fresh := noon.Add(-time.Minute).Format(time.RFC3339)
	for name, c := range map[string]struct {
		healthy, properties, want string
	}{
		"good":      {"True", free("1500m", fresh), ""},
		"unhealthy": {"False", "", "its condition ControlPlaneHealthy is not True"},
		"unknown":   {"Unknown", "", "its condition ControlPlaneHealthy is not True"},
		"stale":     {"True", free("1", noon.Add(-time.Hour).Format(time.RFC3339)), "status.properties[0].lastObservedTime: too old"},
		"future":    {"True", free("1", noon.Add(time.Hour).Format(time.RFC3339)), "status.properties[0].lastObservedTime: in the future"},
		"no time":   {"True", free("1", ""), "status.properties[0].lastObservedTime: there is none"},
		"malformed": {"True", free("lots", fresh), `status.properties[0].value: "lots" is no quantity`},
		"negative":  {"True", free("-1", fresh), `status.properties[0].value: "-1" is negative`},
		"huge":      {"True", free("9e30", fresh), `status.properties[0].value: "9e30" is too large`},
	} {
		m := ReadProfile(profile(t, "berlin", c.healthy, c.properties), noon, 10*time.Minute)
		assert.Equal(t, c.want, m.NotReady, name)
	}
	m := ReadProfile(profile(t, "berlin", "True", free("1500m", fresh)), noon, 0)
	assert.Equal(t, int64(1500), m.Free["cpu"])
	o := profile(t, "berlin", "True", "")
	delete(o.Object, "status")
	assert.Equal(t, "it has no condition ControlPlaneHealthy", ReadProfile(o, noon, 0).NotReady)
}

func TestFoldNeverMakesASiteLarger(t *testing.T) {
	w, _ := world(t, 1)
	c, notes, err := Fold(w.Continuum, []Member{{Name: "berlin", Free: topology.Resources{"cpu": 1 << 40, "memory": 5}}, {Name: "paris", NotReady: "it is ill"},
		{Name: "ohio", Namespace: "a"}, {Name: "ohio", Namespace: "b"}})
	require.NoError(t, err)
	berlin, _ := c.Site("berlin")
	paris, _ := c.Site("paris")
	ohio, _ := c.Site("ohio")
	assert.Equal(t, int64(8000), berlin.Capacity["cpu"])
	assert.Equal(t, int64(5), berlin.Capacity["memory"])
	assert.Equal(t, "cordoned", paris.State.String())
	assert.Equal(t, "cordoned", ohio.State.String())
	assert.Len(t, notes, 2)
	c, _, err = Fold(w.Continuum, nil)
	require.NoError(t, err)
	berlin, _ = c.Site("berlin")
	assert.Equal(t, "down", berlin.State.String())
}

func TestCurrentIsWhatDecisionsSay(t *testing.T) {
	w, _ := world(t, 5)
	want := placement.Assignment{"web-0": "berlin", "web-1": "berlin", "web-2": "paris"}
	p := w.problem(w.Continuum, w.Applications, nil)
	objects := Decide(p, &placement.Result{Assignment: want}, nil, options())
	assert.Equal(t, want, Current(w.Applications, objects))
}

func TestLabelsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"shop/web", "shop-web", "Shop-web", "shop_web", "-", "--", "ä", "", "a", "x", string(make([]byte, 300))} {
		l := label(s)
		assert.LessOrEqual(t, len(l), 63)
		assert.Regexp(t, `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, l, s)
		assert.Empty(t, seen[l], "%q and %q", s, seen[l])
		seen[l] = s
	}
}

func TestAWorldWithoutTimeDecidesNothing(t *testing.T) {
	w, _ := world(t, 1)
	w.AsOf = time.Time{}
	c := hub(profile(t, "berlin", "True", ""))
	v, err := NewInventory(c, source(w), options())
	require.NoError(t, err)
	_, err = v.Reconcile(t.Context())
	require.ErrorContains(t, err, "no time")
	assert.Empty(t, writes(c))
	_, err = NewInventory(c, source(w), Options{})
	require.ErrorContains(t, err, "need a namespace")
}
