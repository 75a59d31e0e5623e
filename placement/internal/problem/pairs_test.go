package problem_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// A table of prices says what a table of pairs says, with few prices and with many, whoever asks first.
func TestPricesAreThoseOfPairs(t *testing.T) {
	for _, c := range []struct{ sites, prices int }{{1, 5}, {40, 3}, {257, 0}, {258, 0}, {600, 1 << 40}} {
		r := rand.New(rand.NewPCG(uint64(c.sites), uint64(c.prices)))
		all := make([][]int64, c.sites)
		for from := range all {
			all[from] = make([]int64, c.sites)
			for to := range all[from] {
				all[from][to] = int64(to) // as many as sites, but for the own
				if c.prices > 0 {
					all[from][to] = r.Int64N(int64(c.prices)) - 1
				}
			}
		}
		pairs := problem.NewPairs(c.sites, 1<<40, func(from, to int32) (int32, int64) {
			if x := all[from][to]; x >= 0 {
				return 0, x
			}
			return problem.Unknown, 0
		})
		prices := problem.NewPrices(c.sites, 1<<40, func(from int32, egress []int64) { copy(egress, all[from]) })
		var wait sync.WaitGroup
		for w := range 2 {
			wait.Go(func() {
				for from := range int32(c.sites) {
					if w == 0 && from%3 == 0 {
						prices.Prepare(from)
					}
					for to := range int32(c.sites) {
						wantLatency, want := pairs.Between(from, to)
						latency, egress := prices.Between(from, to)
						if latency != wantLatency || egress != want {
							t.Errorf("%d to %d: %d, %d, not %d, %d", from, to, latency, egress, wantLatency, want)
							return
						}
					}
				}
			})
		}
		wait.Wait()
		pairs.Prepare(0) // no table of prices: nothing happens
	}
	assert.False(t, t.Failed())
}
