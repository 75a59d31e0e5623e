package migrate

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestIntervalsAreSets compares random unions, differences and intersections with sets of single instants.
func TestIntervalsAreSets(t *testing.T) {
	const n = 60
	rng := rand.New(rand.NewPCG(1, 1))
	for range 400 {
		s, want := newIntervals(), [n]bool{}
		for range 12 {
			a, b := rng.IntN(n), rng.IntN(n)
			switch rng.IntN(3) {
			case 0:
				s.add(topology.Micros(a), topology.Micros(b))
				for i := a; i < b; i++ {
					want[i] = true
				}
			case 1:
				s.remove(topology.Micros(a), topology.Micros(b))
				for i := a; i < b; i++ {
					want[i] = false
				}
			default:
				other, in := newIntervals(), [n]bool{}
				for range 3 {
					x, y := rng.IntN(n), rng.IntN(n)
					other.add(topology.Micros(x), topology.Micros(y))
					for i := x; i < y; i++ {
						in[i] = true
					}
				}
				s.keep(other, topology.Micros(a), topology.Micros(b))
				for i := a; i < b; i++ {
					want[i] = want[i] && in[i]
				}
			}
		}
		var have [n]bool
		last := topology.Micros(-1)
		s.tree.Ascend(func(x interval) bool {
			require.Greater(t, x.from, last, "stretches neither meet nor touch")
			require.Less(t, x.from, x.until)
			for i := x.from; i < x.until; i++ {
				have[i] = true
			}
			last = x.until
			return true
		})
		require.Equal(t, want, have)
		fits := func(at, length int) bool {
			for i := at; i < at+length; i++ {
				if i < 0 || i >= n || !want[i] {
					return false
				}
			}
			return true
		}
		for range 20 {
			at, length := rng.IntN(n), 1+rng.IntN(8)
			first, ok := s.first(topology.Micros(at), topology.Micros(length))
			wantFirst := at
			for wantFirst < n && !fits(wantFirst, length) {
				wantFirst++
			}
			require.Equal(t, wantFirst < n, ok)
			if ok {
				require.EqualValues(t, wantFirst, first)
				begin := wantFirst
				for begin > 0 && want[begin-1] {
					begin--
				}
				require.EqualValues(t, begin, s.begin(first))
			}
			latest, ok := s.last(topology.Micros(at), topology.Micros(length))
			wantLatest := at - length
			for wantLatest >= 0 && !fits(wantLatest, length) {
				wantLatest--
			}
			require.Equal(t, wantLatest >= 0, ok)
			if ok {
				require.EqualValues(t, wantLatest, latest)
			}
		}
	}
	_, ok := newIntervals().first(0, 1)
	assert.False(t, ok)
}
