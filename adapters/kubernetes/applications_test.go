package kubernetes

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
)

const shopFile = `apiVersion: domicile.eu/v1alpha1
kind: Applications
applications:
- name: shop
  tenant: staff
  data: personal
  components:
  - {name: web, kind: container, replicas: 2, demand: {cpu: 1}}
  - {name: db, kind: container, demand: {cpu: 1}}
  - {name: log, kind: container, data: health-de, demand: {cpu: 1}}
  flows:
  - {fromAccess: berlin, to: db, rate: 1Mbit/s, bound: 8ms}
  - {from: db, to: web, rate: 1Mbit/s, bound: 3ms}
  constraints:
  - spread: {components: [web], over: site, atLeast: 1}
`

// fileCluster knows the application of the file.
func fileCluster(t *testing.T, joint bool) *Cluster {
	file := filepath.Join(t.TempDir(), "apps.yaml")
	require.NoError(t, os.WriteFile(file, []byte(shopFile), 0o600))
	c, _ := testCluster(t, func(cfg *Config) { cfg.Applications, cfg.Joint, cfg.Deadline = file, joint, time.Hour })
	return c
}

func member(name, component string) *v1.Pod {
	return testPod("staff", name, "1", map[string]string{ApplicationLabel: "shop", ComponentLabel: component}, nil)
}

// TestPodsOfTheFile are under its flows, also where there are more of a component than the file says.
func TestPodsOfTheFile(t *testing.T) {
	for _, joint := range []bool{false, true} {
		c := fileCluster(t, joint)
		var all []*v1.Pod
		for k := range 6 { // three more than the file says, in an order in which components do not stand together
			all = append(all, member(fmt.Sprintf("p%d", k), []string{"db", "web"}[k%2]))
		}
		for _, p := range all {
			c.SetPod(p)
		}
		for _, p := range all {
			at := put(t, c, p)
			require.NotEmpty(t, at, "%s, joint %v", p.Name, joint)
			assert.Contains(t, at, "ionos-berlin", "the database must be near Berlin, and the web near it")
		}
		f, err := c.Filter(t.Context(), member("late", "web"), []string{"ovh-gravelines-1"})
		require.NoError(t, err)
		assert.Equal(t, reasonOf("latency"), f.Hard["ovh-gravelines-1"])
	}
}

// TestPodsThatAreNotTheFiles are refused everywhere, with what they claim wrongly.
func TestPodsThatAreNotTheFiles(t *testing.T) {
	c := fileCluster(t, false)
	for says, p := range map[string]*v1.Pod{
		`is of tenant "staff", the namespace of "open"`: testPod("open", "p", "1", map[string]string{ApplicationLabel: "shop", ComponentLabel: "web"}, nil),
		`has no component "api"`:                        member("p", "api"),
		`has no component "pod"`:                        member("p", ""),
		"stand in the file of applications":             testPod("staff", "p", "1", member("", "web").Labels, map[string]string{FlowsAnnotation: `[{"from":"db","rate":"1"}]`}),
		"a component without an application":            testPod("staff", "p", "1", map[string]string{ComponentLabel: "web"}, nil),
	} {
		f, err := c.Filter(t.Context(), p, []string{"ionos-berlin-0", "aws-milan-0"})
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"ionos-berlin-0": reasonBadMember, "aws-milan-0": reasonBadMember}, f.Hard)
		text, err := c.ExplainPod(t.Context(), p)
		require.NoError(t, err)
		assert.Contains(t, text, says)
	}
	text, err := c.ExplainPod(t.Context(), member("p", "log"))
	require.NoError(t, err)
	assert.Contains(t, text, `data class "health-de"`, "the file may narrow the namespace's")
}

// TestReplicasStandTogether: placement refuses problems in which they do not, and workloads of one ID.
func TestReplicasStandTogether(t *testing.T) {
	for _, file := range []bool{false, true} {
		c, _ := testCluster(t, nil)
		if file {
			c = fileCluster(t, false)
		}
		for k := range 12 {
			p := member(fmt.Sprintf("p%d", k), []string{"web", "db", "log"}[k%3])
			if k%3 == 2 && !file {
				p.Labels[ComponentLabel] = "web-2" // whose first is "shop/web-2-1"
			}
			p.Spec.NodeName = []string{"ionos-berlin-0", "ionos-berlin-1", "aws-milan-0"}[k%3]
			c.SetPod(p)
		}
		for _, component := range []string{"web", "db"} {
			p := member("new", component)
			_, err := c.Filter(t.Context(), p, []string{"ionos-berlin-0"})
			require.NoError(t, err)
			w := c.now.Load()
			app, places, id := c.ask(w.in, p).application(w)
			seen, last := map[string]bool{}, ""
			ids := map[string]bool{}
			for _, x := range app.Workloads {
				if x.Component != last {
					require.False(t, seen[x.Component], "%s stands in two places", x.Component)
				}
				seen[x.Component], last = true, x.Component
				require.False(t, ids[string(x.ID)], x.ID)
				ids[string(x.ID)] = true
			}
			require.Len(t, places, 12)
			require.NotContains(t, places, id)
		}
	}
}
