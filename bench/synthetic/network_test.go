package synthetic

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// golden skips where floats may differ in the last bit: distances use the sine, and other architectures fuse operations.
func golden(t *testing.T) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("digests are those of amd64")
	}
}

func digest(t *testing.T, spec topology.Spec) string {
	t.Helper()
	c, err := topology.New(spec)
	require.NoError(t, err)
	return c.Digest()
}

// degrees counts the links of each node and checks that the network is in one piece.
func degrees(t *testing.T, spec topology.Spec) map[topology.NodeID]int {
	t.Helper()
	degree, root := map[topology.NodeID]int{}, map[topology.NodeID]topology.NodeID{}
	var find func(n topology.NodeID) topology.NodeID
	find = func(n topology.NodeID) topology.NodeID {
		if p, ok := root[n]; ok && p != n {
			root[n] = find(p)
			return root[n]
		}
		return n
	}
	pieces := len(spec.Sites) + len(spec.Exchanges) + len(spec.AccessPoints)
	for _, l := range spec.Links {
		degree[l.A]++
		degree[l.B]++
		if a, b := find(l.A), find(l.B); a != b {
			root[a] = b
			pieces--
		}
	}
	assert.Equal(t, 1, pieces, "pieces of %s", spec.Name)
	return degree
}

func TestRandom(t *testing.T) {
	for _, c := range []struct{ nodes, links, want int }{{1, 5, 0}, {2, 1, 1}, {5, 100, 10}, {100, 10, 99}, {1000, 4000, 4000}} {
		spec := Random(c.nodes, c.links, 1)
		assert.Len(t, spec.Exchanges, c.nodes)
		assert.Len(t, spec.Links, c.want)
		degrees(t, spec)
	}
	assert.Equal(t, digest(t, Random(500, 2000, 7)), digest(t, Random(500, 2000, 7)))
	assert.NotEqual(t, digest(t, Random(500, 2000, 7)), digest(t, Random(500, 2000, 8)))
	assert.Equal(t, "6ceae1427b91b549c8ad212ae7ebcfd2075be908f5f40416935804d4adb5e3b1", digest(t, Random(10_000, 40_000, 1)), "golden: made of integers, the same everywhere")
}

func TestHierarchy(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 10, 16, 17, 50, 100, 500, 1000, 10_000} {
		spec := Hierarchy(n, 1)
		assert.Equal(t, n, len(spec.Sites)+len(spec.Exchanges))
		degrees(t, spec)
		digest(t, spec)
	}
}

// The shape that the suite's documentation promises, at the sizes it is used at.
func TestHierarchyShape(t *testing.T) {
	for _, n := range []int{10_000, 100_000} {
		spec := Hierarchy(n, 1)
		degree := degrees(t, spec)
		single := 0
		for _, d := range degree {
			if d == 1 {
				single++
			}
		}
		assert.InDelta(t, 2.0/3, float64(single)/float64(n), 0.02)
		assert.InDelta(t, 1.42, float64(len(spec.Links))/float64(n), 0.04)
		tiers := map[topology.Tier]int{}
		for _, s := range spec.Sites {
			tiers[s.Tier]++
		}
		for tier, share := range map[topology.Tier]float64{topology.FarEdge: 70, topology.Edge: 20, topology.Regional: 8, topology.Cloud: 2} {
			assert.InDelta(t, share, 100*float64(tiers[tier])/float64(len(spec.Sites)), 0.1)
		}
		core := map[topology.NodeID]int{}
		for _, l := range spec.Links {
			if l.A[:4] == "core" && l.B[:4] == "core" {
				core[l.A]++
				core[l.B]++
			}
		}
		assert.Len(t, core, 100)
		for id, d := range core {
			assert.Equal(t, 8, d, id)
		}
	}
}

func TestHierarchyGolden(t *testing.T) {
	golden(t)
	assert.Equal(t, "70287f3280259743db7d1c33e98f8f7e5c987221be4441663dff870901743037", digest(t, Hierarchy(10_000, 1)))
	assert.Equal(t, "70792c286defc81919e8ac816227caabfd66b9442c5436e81410f3ca3b183f0d", digest(t, Hierarchy(100_000, 1)))
}
