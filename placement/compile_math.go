package placement

import (
	"math"
	"math/bits"
)

// mulDivUp returns ceil(a * b * c / by) for a, b, c >= 0 and by > 0, and false where that, or a * b, is too large.
func mulDivUp(a, b, c, by int64) (int64, bool) {
	hi, ab := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(ab, uint64(c))
	lo, carry := bits.Add64(lo, uint64(by)-1, 0)
	hi += carry
	if hi >= uint64(by) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(by))
	return int64(q), q <= math.MaxInt64
}

// mul returns a * b for b >= 0, and false where it does not fit.
func mul(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	x := a * b
	return x, x/b == a && !(a == math.MinInt64 && b != 1)
}

// shareOf divides a rate evenly among n pairs, rounded up to whole bit/s.
func shareOf(rate int64, n int) int64 {
	share := rate / int64(n)
	if rate%int64(n) != 0 {
		share++
	}
	return share
}

// bitset is a set of sites.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (b bitset) set(k int32)      { b[k>>6] |= 1 << (k & 63) }
func (b bitset) unset(k int32)    { b[k>>6] &^= 1 << (k & 63) }
func (b bitset) has(k int32) bool { return b[k>>6]>>(k&63)&1 != 0 }

// and keeps what is in o, too.
func (b bitset) and(o bitset) {
	for k := range b {
		b[k] &= o[k]
	}
}

// list appends the elements in order.
func (b bitset) list(to []int32) []int32 {
	for k, w := range b {
		for ; w != 0; w &= w - 1 {
			to = append(to, int32(k<<6+bits.TrailingZeros64(w)))
		}
	}
	return to
}
