package placement

import (
	"math"
	"math/big"
	"math/bits"
)

// ceilProduct returns the product of the factors divided by div, rounded up, and false where that does not fit an
// int64. No intermediate result overflows. div must be positive.
func ceilProduct(div int64, factors ...int64) (int64, bool) {
	if q, ok := ceilProductSmall(uint64(div), factors); ok {
		return q, true
	}
	x := big.NewInt(1)
	for _, f := range factors {
		x.Mul(x, big.NewInt(f))
	}
	return ceilBig(x, big.NewInt(div))
}

// ceilProductSmall is the common case: nothing negative, the product fits 64 bits.
func ceilProductSmall(div uint64, factors []int64) (int64, bool) {
	product := uint64(1)
	for _, f := range factors {
		if f < 0 {
			return 0, false
		}
		hi, lo := bits.Mul64(product, uint64(f))
		if hi != 0 {
			return 0, false
		}
		product = lo
	}
	q := product / div
	if product%div != 0 {
		q++
	}
	return int64(q), q <= math.MaxInt64
}

// ceilBig returns x / div rounded up, and whether that fits an int64.
func ceilBig(x, div *big.Int) (int64, bool) {
	q, rest := new(big.Int).DivMod(x, div, new(big.Int)) // Euclidean: rounds down, as div is positive
	if rest.Sign() > 0 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64(), q.IsInt64()
}

// addExact returns a + b, and whether that fits an int64.
func addExact(a, b int64) (int64, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

// subExact returns a - b, and whether that fits an int64.
func subExact(a, b int64) (int64, bool) {
	diff := a - b
	return diff, (diff < a) == (b > 0)
}
