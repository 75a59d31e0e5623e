package placement

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCeilProduct(t *testing.T) {
	for _, c := range []struct {
		div     int64
		factors []int64
		want    int64
		fits    bool
	}{
		{10, []int64{3, 7}, 3, true},
		{10, []int64{2, 5}, 1, true},
		{7, []int64{0, 5}, 0, true},
		{10, []int64{-3, 7}, -2, true},
		{1, []int64{math.MaxInt64}, math.MaxInt64, true},
		{1, []int64{math.MaxInt64, 2}, 0, false},
		{math.MaxInt64, []int64{math.MaxInt64, math.MaxInt64}, math.MaxInt64, true},
		{1, []int64{math.MinInt64}, math.MinInt64, true},
		{1, []int64{math.MinInt64, -1}, 0, false},
	} {
		got, fits := ceilProduct(c.div, c.factors...)
		require.Equal(t, c.fits, fits, "%v / %d", c.factors, c.div)
		if fits {
			require.Equal(t, c.want, got, "%v / %d", c.factors, c.div)
		}
	}
}

// The short way and the long one agree, at all magnitudes.
func TestCeilProductShortWay(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	number := func() int64 { return r.Int64() >> uint(r.IntN(63)) }
	for range 20000 {
		div, a, b := number()+1, number(), number()
		if div <= 0 {
			continue
		}
		want, wantFits := ceilBig(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), big.NewInt(div))
		got, fits := ceilProduct(div, a, b)
		require.Equal(t, wantFits, fits)
		if fits {
			require.Equal(t, want, got)
		}
	}
}

func TestExactSums(t *testing.T) {
	for _, c := range []struct {
		a, b, sum, diff   int64
		sumFits, diffFits bool
	}{
		{1, 2, 3, -1, true, true},
		{math.MaxInt64, 1, 0, math.MaxInt64 - 1, false, true},
		{math.MinInt64, -1, 0, math.MinInt64 + 1, false, true},
		{math.MinInt64, 1, math.MinInt64 + 1, 0, true, false},
		{0, math.MinInt64, math.MinInt64, 0, true, false},
		{-1, math.MinInt64, 0, math.MaxInt64, false, true},
		{5, 0, 5, 5, true, true},
	} {
		sum, fits := addExact(c.a, c.b)
		require.Equal(t, c.sumFits, fits, "%d + %d", c.a, c.b)
		if fits {
			require.Equal(t, c.sum, sum)
		}
		diff, fits := subExact(c.a, c.b)
		require.Equal(t, c.diffFits, fits, "%d - %d", c.a, c.b)
		if fits {
			require.Equal(t, c.diff, diff)
		}
	}
}

func TestLoadThousandths(t *testing.T) {
	for _, c := range []struct{ use, capacity, want int64 }{
		{0, 10, 0},
		{8, 10, 0},
		{9, 10, 100},
		{10, 10, 200},
		{801, 1000, 1},
		{8001, 10000, 1}, // a tenth of a thousandth counts as one
		{15, 10, 700},
		{5, 0, 0},
		{2, 3, 0},
		{3, 3, 200},
	} {
		got, ok := loadThousandths(c.use, c.capacity)
		require.True(t, ok)
		require.Equal(t, c.want, got, "%d of %d", c.use, c.capacity)
	}
	_, ok := loadThousandths(math.MaxInt64, 1)
	require.False(t, ok)
}
