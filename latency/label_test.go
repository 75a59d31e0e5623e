package latency

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// requireLabels compares labels with rows on every pair, under every Transit.
func requireLabels(t *testing.T, g *Graph) (known, unknown int) {
	t.Helper()
	for _, transit := range transits {
		labels, err := g.Labels(transit, 0)
		require.NoError(t, err)
		for _, from := range g.ids {
			row := g.Row(from, transit)
			for _, to := range g.ids {
				want, ok := row.Leg(to)
				got, gotOK := labels.Mean(from, to)
				require.Equal(t, ok, gotOK, "%s to %s", from, to)
				if !ok {
					unknown++
					continue
				}
				require.Equal(t, want.Mean, got, "%s to %s", from, to)
				known++
			}
		}
	}
	return known, unknown
}

// Meshes, trees that hang on them, islands, and nodes that pass nothing on.
func TestLabelsAgreeWithRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	known, unknown := 0, 0
	for range 60 {
		n := 2 + rng.IntN(50)
		g := build(t, randomSpec(rng, n, n/2+rng.IntN(2*n)), nil)
		k, u := requireLabels(t, g)
		known, unknown = known+k, unknown+u
	}
	assert.Greater(t, known, 50_000)
	assert.Greater(t, unknown, 50_000)
}

// Trees that are deep, wide and in between, with and without a mesh at the root.
func TestLabelsInTrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 1))
	for round := range 40 {
		countries := []string{"DE", "FR", "CH", "DE", "DE", "DE"}
		var spec topology.Spec
		n := 5 + rng.IntN(60)
		for i := range n {
			spec.Exchanges = append(spec.Exchanges, nodes(fmt.Sprintf("n%03d %s", i, countries[rng.IntN(len(countries))]))...)
		}
		add := func(a, b int) {
			both := []topology.Jurisdiction{spec.Exchanges[a].Country, spec.Exchanges[b].Country}
			slices.Sort(both)
			l := link(string(node(a)), string(node(b)), ms(float64(1+rng.IntN(9)), 10, 11), "red", slices.Compact(both)...)
			l.ID = topology.LinkID(fmt.Sprintf("l%d", len(spec.Links)))
			spec.Links = append(spec.Links, l)
		}
		deep := 1 + round%7
		for i := 1; i < n; i++ {
			add(i, max(0, i-1-rng.IntN(deep)))
		}
		if round%2 == 1 && n > 10 {
			for i := range 5 {
				add(i, 9-i)
			}
		}
		requireLabels(t, build(t, spec, nil))
	}
}

// Ways over 71 minutes are not found by either.
func TestLabelsOfVeryLongWays(t *testing.T) {
	spec := topology.Spec{Exchanges: nodes("a DE", "b DE", "c DE", "d DE", "e DE", "f DE")}
	for _, pair := range []string{"ab", "bc", "cd", "da", "ce", "ef"} {
		spec.Links = append(spec.Links, link(pair[:1], pair[1:], constant(longest/2-7), "red", "DE"))
	}
	g := build(t, spec, nil)
	known, unknown := requireLabels(t, g)
	assert.Positive(t, known)
	assert.Positive(t, unknown)
}

// An observation overrides the way, for unrestricted traffic only.
func TestLabelsAndObservations(t *testing.T) {
	g := build(t, twoWays(), &Options{Observations: []Observation{{A: "b", B: "a", RTT: constant(123_000), At: day}}})
	requireLabels(t, g)
	labels, err := g.Labels(Transit{}, 0)
	require.NoError(t, err)
	mean, ok := labels.Mean("a", "b")
	assert.True(t, ok)
	assert.Equal(t, topology.Micros(123_000), mean)
	_, ok = labels.Mean("a", "nowhere")
	assert.False(t, ok)
	_, ok = labels.Mean("nowhere", "nowhere")
	assert.False(t, ok)
}

// expander is a random graph in which no node is more central than another.
func expander(n int) topology.Spec {
	rng := rand.New(rand.NewPCG(23, 1))
	var spec topology.Spec
	for i := range n {
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: node(i), Country: "DE"})
		for k := range 4 {
			if other := rng.IntN(n); other != i {
				l := link(string(node(i)), string(node(other)), constant(topology.Micros(1000+rng.IntN(1000))), "red", "DE")
				l.ID = topology.LinkID(fmt.Sprintf("l%d-%d", i, k))
				spec.Links = append(spec.Links, l)
			}
		}
	}
	return spec
}

// Where labels explode, building them stops when the room is used up.
func TestLabelsRefuseExpanders(t *testing.T) {
	g := build(t, expander(999), nil)
	_, err := g.Labels(Transit{}, 100_000)
	require.ErrorIs(t, err, ErrDense)
	assert.Equal(t, "graph too dense for labels: after 9 of 999 nodes more than 8504 hubs in the labels of 999 nodes do not fit in 100000 bytes", err.Error())
	_, err = g.Labels(Transit{}, 1)
	require.ErrorIs(t, err, ErrDense, "not even the trees fit")
	_, err = g.Labels(Transit{}, -1)
	require.ErrorIs(t, err, ErrInvalid)

	labels, err := g.Labels(Transit{}, 4<<20)
	require.NoError(t, err)
	assert.LessOrEqual(t, labels.Bytes(), int64(4<<20))
	assert.Greater(t, labels.Bytes(), int64(1<<20), "it does explode")
	closed, err := g.Labels(NewTransit(Permit{}), 0)
	require.NoError(t, err, "without links there is nothing to label")
	_, ok := closed.Mean(node(1), node(2))
	assert.False(t, ok)
}

// Nodes that hang on the rest by one link take no hubs.
func TestLabelsOfTwigsAreFree(t *testing.T) {
	spec := twoWays()
	before, err := build(t, spec, nil).Labels(Transit{}, 0)
	require.NoError(t, err)
	for i := range 100 {
		id := fmt.Sprintf("tower%d", i)
		spec.Exchanges = append(spec.Exchanges, nodes(id+" DE")...)
		spec.Links = append(spec.Links, link("wild", id, ms(1, 2, 3), "x", "DE"))
	}
	after, err := build(t, spec, nil).Labels(Transit{}, 0)
	require.NoError(t, err)
	assert.Len(t, after.hubs, len(before.hubs))
}

func TestLabelsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	g := build(t, randomSpec(rand.New(rand.NewPCG(24, 1)), 50, 120), nil)
	labels, err := g.Labels(Transit{}, 0)
	require.NoError(t, err)
	a, b := node(3), node(40)
	assert.Zero(t, testing.AllocsPerRun(100, func() { labels.Mean(a, b) }))
}

func BenchmarkLabels(b *testing.B) {
	g := benchmarkGraph(b)
	labels, err := g.Labels(Transit{}, 16<<20)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			if _, err := g.Labels(Transit{}, 16<<20); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("mean", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			labels.Mean(g.ids[i%len(g.ids)], g.ids[i*7%len(g.ids)])
		}
	})
}
