package knapsack

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFillIsExact compares with a table over everything, without any reduction.
func TestFillIsExact(t *testing.T) {
	var f filler
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 4))
		room, spread := int32(r.IntN(60)), 1+r.Int64N(1<<uint(1+r.IntN(40)))
		f.list = f.list[:0]
		for i := range r.IntN(14) {
			w := int32(r.IntN(25))
			profit := 1 + r.Int64N(spread)
			if seed%3 == 0 { // profit and weight go together, as where it is hard
				profit = 1 + 1000*int64(w) + r.Int64N(20)
			}
			f.list = append(f.list, candidate{profit: profit, weight: w, item: int32(i)})
		}
		best := make([]int64, room+1)
		for _, c := range f.list {
			for x := room; x >= c.weight; x-- {
				best[x] = max(best[x], best[x-c.weight]+c.profit)
			}
		}
		require.Equal(t, best[room], f.fill(room), "seed %d", seed)
		weight, sum := int32(0), int64(0)
		for _, c := range f.list {
			if c.in {
				weight, sum = weight+c.weight, sum+c.profit
			}
		}
		require.Equal(t, best[room], sum, "seed %d: what is marked", seed)
		require.LessOrEqual(t, weight, room, "seed %d", seed)
	}
}
