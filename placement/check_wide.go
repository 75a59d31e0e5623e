package placement

import (
	"math/big"
	"math/bits"
)

// checkWide is a signed integer of 128 bits in two's complement.
type checkWide struct {
	hi int64
	lo uint64
}

// wideRoom is how many bits a summand may have, so that 64 of them fit.
const wideRoom = 120

// wideProduct returns x * y * 2^shift, and false where that has more bits than a summand may have.
func wideProduct(x, y int64, shift int) (checkWide, bool) {
	a, b := x, y
	if a < 0 {
		a = -a
	}
	if b < 0 {
		b = -b
	}
	if bits.Len64(uint64(a))+bits.Len64(uint64(b))+shift > wideRoom {
		return checkWide{}, false
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	w := checkWide{int64(hi<<shift | lo>>(64-shift)), lo << shift}
	if (x < 0) != (y < 0) {
		lo, borrow := bits.Sub64(0, w.lo, 0)
		hi, _ := bits.Sub64(0, uint64(w.hi), borrow)
		w = checkWide{int64(hi), lo}
	}
	return w, true
}

func (w checkWide) plus(o checkWide) checkWide {
	lo, carry := bits.Add64(w.lo, o.lo, 0)
	return checkWide{w.hi + o.hi + int64(carry), lo}
}

func (w checkWide) less(o checkWide) bool { return w.hi < o.hi || w.hi == o.hi && w.lo < o.lo }

func (w checkWide) compare(o checkWide) int {
	switch {
	case w.less(o):
		return -1
	case o.less(w):
		return 1
	}
	return 0
}

func (w checkWide) big() *big.Int {
	x := big.NewInt(w.hi)
	return x.Lsh(x, 64).Add(x, new(big.Int).SetUint64(w.lo))
}
