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

// TestADecisionThatTakesLongHoldsNobodyUp: others are answered pod by pod meanwhile, gangs are told to come again, and what was decided
// counts afterwards.
func TestADecisionThatTakesLongHoldsNobodyUp(t *testing.T) {
	c, _ := testCluster(t, func(cfg *Config) { cfg.Joint, cfg.Deadline = true, time.Nanosecond })
	web, db := pair("3")
	c.SetPod(web)
	c.SetPod(db)
	gang := testPod("staff", "g", "1", map[string]string{ApplicationLabel: "train"}, map[string]string{GangAnnotation: "1"})
	c.SetPod(gang)
	names := []string{"ionos-berlin-0", "ovh-gravelines-0"}

	c.joints.making <- struct{}{} // somebody else's takes long
	for range 2 {
		f, err := c.Filter(t.Context(), web, names)
		require.NoError(t, err)
		assert.Equal(t, names, f.Pass, "by itself it may go to either")
		_, err = c.Filter(t.Context(), gang, names)
		assert.ErrorIs(t, err, ErrNotReady, "none of a gang is placed without the others")
	}
	c.joints.mu.Lock()
	shop, train := c.joints.all[appKey{"staff", "shop"}].now, c.joints.all[appKey{"staff", "train"}].now
	c.joints.mu.Unlock()
	<-c.joints.making
	<-shop.done
	<-train.done
	require.NoError(t, shop.err)

	f, err := c.Filter(t.Context(), web, names)
	require.NoError(t, err)
	assert.Equal(t, names[:1], f.Pass)
	f, err = c.Filter(t.Context(), gang, names)
	require.NoError(t, err)
	assert.NotEmpty(t, f.Pass)
	assert.Empty(t, c.joints.making)
}

// TestTheLastDecisionServesWhileTheNextIsMade: what it says of a pod is better than nothing.
func TestTheLastDecisionServesWhileTheNextIsMade(t *testing.T) {
	c, clock := testCluster(t, func(cfg *Config) { cfg.Joint, cfg.Deadline = true, time.Hour })
	web, db := pair("3")
	c.SetPod(web)
	c.SetPod(db)
	names := []string{"ionos-berlin-0", "ovh-gravelines-0"}
	pass := func() []string {
		f, err := c.Filter(t.Context(), web, names)
		require.NoError(t, err)
		return f.Pass
	}
	require.Equal(t, names[:1], pass())
	clock.now = clock.now.Add(2 * c.cfg.Reservation)
	c.cfg.Deadline = time.Nanosecond
	c.joints.making <- struct{}{}
	assert.Equal(t, names[:1], pass(), "it has run out, and there is no other yet")
	next := c.joints.all[appKey{"staff", "shop"}].now
	<-c.joints.making
	<-next.done
}

// TestLargeGangsArePlacedBatchByBatch: more wait than one decision takes, and each comes to its turn.
func TestLargeGangsArePlacedBatchByBatch(t *testing.T) {
	c, _ := jointCluster(t, true)
	const all = mostTogether + 4
	for _, name := range c.testNames() {
		n := testNode(name, map[string]string{SiteLabel: name[:len(name)-2]})
		n.Status.Allocatable[v1.ResourceCPU] = *resource.NewQuantity(1000, resource.DecimalSI)
		n.Status.Allocatable[v1.ResourceMemory] = resource.MustParse("4Ti")
		n.Status.Allocatable[v1.ResourcePods] = *resource.NewQuantity(1000, resource.DecimalSI)
		c.SetNode(n)
	}
	var pods []*v1.Pod
	for k := range all {
		p := testPod("staff", fmt.Sprintf("g-%04d", k), "1", map[string]string{ApplicationLabel: "train"}, map[string]string{GangAnnotation: "500"})
		c.SetPod(p)
		pods = append(pods, p)
	}
	require.NotEmpty(t, put(t, c, pods[0]))
	_, _, err := c.Best(t.Context(), pods[all-1], 1)
	require.ErrorIs(t, err, ErrNotReady, "the first batch goes first, and this one comes again")
	first := c.joints.all[appKey{"staff", "train"}].last
	require.True(t, first.part)
	require.Len(t, first.site, mostTogether)
	for _, p := range pods[:mostTogether] {
		p = p.DeepCopy()
		p.Spec.NodeName = string(first.site[keyOf(p)]) + "-0"
		c.SetPod(p)
	}
	for _, p := range pods[mostTogether:] {
		require.NotEmpty(t, put(t, c, p), p.Name)
	}
	require.NotSame(t, first, c.joints.all[appKey{"staff", "train"}].last)
}

// TestGangSizesThatContradict: each pod waits for as many as it says itself.
func TestGangSizesThatContradict(t *testing.T) {
	c, _ := jointCluster(t, true)
	size := func(name, n string) *v1.Pod {
		p := testPod("staff", name, "1", map[string]string{ApplicationLabel: "train"}, map[string]string{GangAnnotation: n})
		c.SetPod(p)
		return p
	}
	two, three := size("a", "2"), size("b", "3")
	assert.NotEmpty(t, put(t, c, two))
	f, err := c.Filter(t.Context(), three, []string{"ionos-berlin-0"})
	require.NoError(t, err)
	assert.Equal(t, reasonGang, f.Hard["ionos-berlin-0"])
}

// TestManyApplicationsDecideAtOnce is for the race detector.
func TestManyApplicationsDecideAtOnce(t *testing.T) {
	c, _ := jointCluster(t, true)
	done := make(chan error)
	for k := range 8 {
		p := testPod("staff", fmt.Sprintf("p-%d", k), "100m", map[string]string{ApplicationLabel: fmt.Sprintf("app-%d", k%3)}, nil)
		c.SetPod(p)
		go func() {
			_, err := c.Filter(t.Context(), p, []string{"ionos-berlin-0"})
			done <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
}
