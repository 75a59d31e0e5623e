package estimate

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// A handful of places with the coordinates of namesakes are found among sixty, and no others.
func TestMisplaced_namesakes(t *testing.T) {
	w := newTruth(60, 0.1, 10)
	shown, _ := w.draw(12, 10)
	want := []topology.NodeID{id(4), id(17), id(33), id(51)}
	for _, i := range []int{4, 17, 33, 51} {
		w.places[i].Location = &topology.Location{Lat: 43 - float64(i)/2, Lon: -80} // in America
	}
	assert.Equal(t, want, Misplaced(w.places, shown))
	e := fit(t, w.places, shown, nil)
	assert.Equal(t, want, e.Misplaced())
	g, ok := e.Estimate(id(4), id(8))
	assert.True(t, ok)
	assert.Less(t, float64(g.Likely.P50), 3*w.rtt[4][8]*1000)
	slices.Reverse(w.places)
	slices.Reverse(shown)
	assert.Equal(t, want, Misplaced(w.places, shown))
}

// On small random worlds no smaller set explains all pairs that are faster than light.
func TestMisplaced_fewest(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	for range 300 {
		n := 2 + rng.IntN(9)
		var places []Place
		for i := range n {
			places = append(places, Place{id(i), &topology.Location{Lat: 50, Lon: float64(i)}})
		}
		var list []latency.Observation
		var bad [][2]int
		for i := range n {
			for j := range i {
				ms := 1000.0
				if rng.IntN(3) == 0 {
					ms = 0.001
					bad = append(bad, [2]int{i, j})
				}
				list = append(list, observe(id(i), id(j), ms))
			}
		}
		covers := func(set uint) bool {
			for _, p := range bad {
				if set>>p[0]&1 == 0 && set>>p[1]&1 == 0 {
					return false
				}
			}
			return true
		}
		least := math.MaxInt
		for set := range uint(1) << n {
			if covers(set) {
				least = min(least, bits.OnesCount(set))
			}
		}
		got := Misplaced(places, list)
		assert.Len(t, got, least)
		set := uint(0)
		for i := range n {
			if slices.Contains(got, id(i)) {
				set |= 1 << i
			}
		}
		assert.True(t, covers(set))
	}
}

// Of two that contradict each other, the one that others put in doubt goes.
func TestMisplaced_tie(t *testing.T) {
	at := func(id topology.NodeID, lon float64) Place { return Place{id, &topology.Location{Lat: 50, Lon: lon}} }
	places := []Place{at("a", 0), at("b", 5), at("c", 10), at("d", 2)}
	got := Misplaced(places, []latency.Observation{
		observe("a", "b", 1), // 357 km
		observe("a", "c", 50), observe("b", "c", 3.6), observe("a", "d", 20), observe("b", "d", 2.2),
	})
	assert.Equal(t, []topology.NodeID{"b"}, got)
}

func TestFindTriangles_bruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	for range 50 {
		n := 3 + rng.IntN(8)
		table := make([][]topology.Micros, n)
		for i := range table {
			table[i] = make([]topology.Micros, n)
		}
		var list []latency.Observation
		for i := range n {
			for j := range i {
				if rng.IntN(4) > 0 {
					us := topology.Micros(1 + rng.IntN(30))
					table[i][j], table[j][i] = us, us
					list = append(list, observe(id(i), id(j), float64(us)/1000))
				}
			}
		}
		pairs, violated := 0, 0
		worst := 0.0
		for i := range n {
			for j := range i {
				best := topology.Micros(0)
				for k := range n {
					if sum := table[i][k] + table[k][j]; table[i][j] > 0 && table[i][k] > 0 && table[k][j] > 0 && (best == 0 || sum < best) {
						best = sum
					}
				}
				if best > 0 {
					pairs++
					if best < table[i][j] {
						violated++
						worst = max(worst, float64(table[i][j])/float64(best))
					}
				}
			}
		}
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		got := FindTriangles(list, 2)
		assert.Equal(t, pairs, got.Pairs)
		assert.Equal(t, violated, got.Violated)
		assert.Len(t, got.Worst, min(2, violated))
		if violated > 0 {
			assert.InDelta(t, worst, float64(got.Worst[0].Direct)/float64(got.Worst[0].Detour), 1e-12)
		}
	}
}
