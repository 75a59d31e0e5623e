package kubernetes

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// pair is what must be near a database, and the database, which must be near Berlin.
func pair(cpu string) (web, db *v1.Pod) {
	web = testPod("staff", "a-web", cpu, map[string]string{ApplicationLabel: "shop", ComponentLabel: "web"},
		map[string]string{FlowsAnnotation: `[{"from": "db", "rate": "1Mbit/s", "bound": "3ms"}]`})
	db = testPod("staff", "b-db", cpu, map[string]string{ApplicationLabel: "shop", ComponentLabel: "db"},
		map[string]string{FlowsAnnotation: `[{"fromAccess": "berlin", "rate": "1Mbit/s", "bound": "8ms"}]`})
	return web, db
}

// put asks for the best node of a pod and reserves it; empty where there is none.
func put(t *testing.T, c *Cluster, p *v1.Pod) string {
	t.Helper()
	best, _, err := c.Best(t.Context(), p, 1)
	require.NoError(t, err)
	if len(best) == 0 {
		return ""
	}
	require.NoError(t, c.Reserve(t.Context(), p, best[0]))
	return best[0]
}

func jointCluster(t *testing.T, joint bool) (*Cluster, *testClock) {
	return testCluster(t, func(cfg *Config) { cfg.Joint, cfg.Deadline = joint, time.Hour })
}

// One by one the first pod goes where it is best for it, and leaves no place to the second.
func TestPodsThatWaitArePlacedTogether(t *testing.T) {
	for _, joint := range []bool{false, true} {
		c, _ := jointCluster(t, joint)
		web, db := pair("3")
		c.SetPod(web)
		c.SetPod(db)
		assert.NotEmpty(t, put(t, c, web))
		if joint {
			assert.Contains(t, put(t, c, db), "ionos-berlin")
		} else {
			assert.Empty(t, put(t, c, db))
		}
	}
}

func TestEveryAnswerIsThatOfTheJointDecision(t *testing.T) {
	c, _ := jointCluster(t, true)
	web, db := pair("3")
	c.SetPod(web)
	c.SetPod(db)
	names := []string{"ionos-berlin-0", "ovh-gravelines-0"}
	f, err := c.Filter(t.Context(), web, names)
	require.NoError(t, err)
	assert.Equal(t, names[:1], f.Pass)
	assert.Equal(t, map[string]string{"ovh-gravelines-0": reasonTogether}, f.Hard)
	s, err := c.Score(t.Context(), web, names)
	require.NoError(t, err)
	assert.Equal(t, []int64{100, 0}, s)
	assert.ErrorIs(t, c.Reserve(t.Context(), web, names[1]), ErrRefused)
}

func TestAJointDecisionEndsWithWhatItRestsOn(t *testing.T) {
	c, clock := jointCluster(t, true)
	web, db := pair("1")
	c.SetPod(web)
	c.SetPod(db)
	decided := func() *joint {
		_, _, err := c.Best(t.Context(), web, 1)
		require.NoError(t, err)
		return c.joints.all[appKey{"staff", "shop"}].last
	}
	first := decided()
	require.True(t, first.whole)
	assert.Same(t, first, decided(), "nothing has changed")

	clock.now = clock.now.Add(2 * time.Minute)
	second := decided()
	assert.NotSame(t, first, second, "too old")

	late := testPod("staff", "c-late", "1", web.Labels, nil)
	c.SetPod(late)
	assert.Same(t, second, decided(), "those that were there keep their places")
	_, _, err := c.Best(t.Context(), late, 1)
	require.NoError(t, err)
	third := decided()
	assert.NotSame(t, second, third, "a pod that it does not know")
	assert.Len(t, third.asked, 3)

	astray := db.DeepCopy()
	astray.Spec.NodeName = "ovh-gravelines-0"
	c.SetPod(astray)
	assert.NotSame(t, third, decided(), "somebody else has bound the database")

	fourth := decided()
	for _, n := range []string{"ionos-berlin-0", "ionos-berlin-1"} {
		full := testNode(n, map[string]string{SiteLabel: "ionos-berlin"})
		full.Status.Allocatable[v1.ResourcePods] = *resource.NewQuantity(0, resource.DecimalSI)
		c.SetNode(full)
	}
	assert.NotEqual(t, "ionos-berlin", string(decided().site[keyOf(web)]))
	_ = fourth
}

func TestAGangComesWholeOrNotAtAll(t *testing.T) {
	c, clock := jointCluster(t, true)
	member := func(k int, cpu string) *v1.Pod {
		p := testPod("staff", fmt.Sprintf("g-%d", k), cpu, map[string]string{ApplicationLabel: "train"}, map[string]string{GangAnnotation: "3"})
		c.SetPod(p)
		return p
	}
	why := func(p *v1.Pod) string {
		f, err := c.Filter(t.Context(), p, []string{"ionos-berlin-0"})
		require.NoError(t, err)
		return f.Hard["ionos-berlin-0"]
	}
	first := member(1, "1")
	second := member(2, "1")
	assert.Equal(t, reasonGang, why(first))
	assert.Equal(t, reasonGang, why(second))
	assert.Empty(t, c.joints.all, "no decision is needed to know that: one under way would hold the answer up")
	third := member(3, "1000") // no node is as large
	assert.Equal(t, reasonNoGang, why(first))
	assert.Empty(t, put(t, c, third))
	c.DeletePod(third)
	third = member(3, "1")
	clock.now = clock.now.Add(2 * jointRetry)
	for _, p := range []*v1.Pod{first, second, third} {
		assert.NotEmpty(t, put(t, c, p))
	}
	fourth := member(4, "1")
	fourth.Annotations[GangAnnotation] = "many"
	assert.Equal(t, reasonGangText, why(fourth))
}

func TestSlotsAreWhatNodesHoldAndNotTheirSum(t *testing.T) {
	c, _ := jointCluster(t, true)
	var pods []*v1.Pod
	for k := range 4 { // two nodes of four cores on each site: one pod of three cores on each
		p := testPod("staff", fmt.Sprintf("s-%d", k), "3", map[string]string{ApplicationLabel: "wide"}, nil)
		c.SetPod(p)
		pods = append(pods, p)
	}
	nodes := map[string]bool{}
	for _, p := range pods {
		nodes[put(t, c, p)] = true
	}
	assert.Len(t, nodes, 4)
	assert.NotContains(t, nodes, "")
}
