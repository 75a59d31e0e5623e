package kubernetes

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	v1 "k8s.io/api/core/v1"
)

// TestReservationsAreNotCountedTwice: two pods in a row see each other before anybody has seen the first bound.
func TestReservationsAreNotCountedTwice(t *testing.T) {
	c, clock := testCluster(t, nil)
	ctx := context.Background()
	const node = "ionos-berlin-0"
	a, b := testPod("staff", "a", "3", nil, nil), testPod("staff", "b", "3", nil, nil)
	for range 2 { // again is no second one
		require.NoError(t, c.Reserve(ctx, a, node))
	}
	f, err := c.Filter(ctx, b, []string{node, "ionos-berlin-1"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{node: reasonCPU}, f.Soft)
	require.Equal(t, []string{"ionos-berlin-1"}, f.Pass)
	require.ErrorIs(t, c.Reserve(ctx, b, node), ErrRefused)
	f, err = c.Filter(ctx, a, []string{node})
	require.NoError(t, err)
	require.Equal(t, []string{node}, f.Pass, "its own reservation is not in its way")

	clock.now = clock.now.Add(time.Minute)
	f, err = c.Filter(ctx, b, []string{node})
	require.NoError(t, err)
	require.Equal(t, []string{node}, f.Pass, "the time is up")
	require.NoError(t, c.Reserve(ctx, a, node))
	c.Unreserve(a)
	require.NoError(t, c.Reserve(ctx, b, node))

	// Seen bound, the pod itself takes the room, and gives it back when it has ended.
	bound := b.DeepCopy()
	bound.Spec.NodeName = node
	c.SetPod(bound)
	require.Zero(t, c.Stats().Held)
	require.ErrorIs(t, c.Reserve(ctx, a, node), ErrRefused)
	require.ErrorIs(t, c.Reserve(ctx, b, node), ErrRefused, "it is bound")
	bound = bound.DeepCopy()
	bound.Status.Phase = v1.PodSucceeded
	c.SetPod(bound)
	require.NoError(t, c.Reserve(ctx, a, node))
	require.ErrorIs(t, c.Reserve(ctx, b, "aws-nowhere"), ErrRefused)
	c.DeletePod(a)
	require.Zero(t, c.Stats().Held)
	require.Zero(t, c.books.nodes[node].used.pods)
}

// TestReservationsRaceForRoom: however many ask at once, no more are granted than fit.
func TestReservationsRaceForRoom(t *testing.T) {
	c, _ := testCluster(t, nil)
	var granted atomic.Int32
	var all sync.WaitGroup
	for k := range 16 {
		all.Go(func() {
			if c.Reserve(context.Background(), testPod("staff", fmt.Sprint("p", k), "1500m", nil, nil), "ionos-berlin-0") == nil {
				granted.Add(1)
			}
			c.SetNode(testNode(fmt.Sprint("new-", k), map[string]string{SiteLabel: "ionos-berlin"}))
			c.SetPod(testPod("open", fmt.Sprint("q", k), "1", nil, nil))
		})
	}
	all.Wait()
	require.EqualValues(t, 2, granted.Load())
}

// TestNotReady: whatever makes an answer unreliable gives an error and no answer.
func TestNotReady(t *testing.T) {
	ctx := context.Background()
	p, nodes := testPod("staff", "p", "1", nil, nil), []string{"ionos-berlin-0"}
	requireClosed := func(c *Cluster, ctx context.Context, says string) {
		t.Helper()
		_, err := c.Filter(ctx, p, nodes)
		require.ErrorContains(t, err, says)
		require.Error(t, c.Reserve(ctx, p, nodes[0]))
		_, err = c.Score(ctx, p, nodes)
		require.Error(t, err)
		_, _, err = c.Best(ctx, p, 1)
		require.Error(t, err)
	}
	c, clock := testCluster(t, func(c *Config) { c.MaxAge = 48 * time.Hour })
	_, err := c.Filter(ctx, p, nodes)
	require.NoError(t, err)
	c.SetSynced(false)
	requireClosed(c, ctx, "not been read yet")
	c.SetSynced(true)
	clock.now = clock.now.Add(48 * time.Hour)
	requireClosed(c, ctx, "stale")
	clock.now = clock.now.Add(-240 * time.Hour)
	requireClosed(c, ctx, "clock")
	clock.now = clock.now.Add(200 * time.Hour)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	requireClosed(c, ended, "context canceled")

	// What is broken does not come into force.
	before := c.in.Load()
	require.Error(t, c.SetContinuum("broken.yaml", []byte("kind: Continuum")))
	require.Error(t, c.SetPolicies([]policySource{{Name: "gone", FS: brokenFS{}}}))
	require.Same(t, before, c.in.Load())
	require.Equal(t, 1, c.Stats().FailedReloads)
	_, err = c.Filter(ctx, p, nodes)
	require.NoError(t, err)
}
