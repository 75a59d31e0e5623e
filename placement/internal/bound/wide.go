package bound

import (
	"math/big"
	"math/bits"
)

// wide is a signed integer of 128 bits, in two's complement.
type wide struct {
	hi int64
	lo uint64
}

// product returns x * y, exactly.
func product(x, y int64) wide {
	hi, lo := bits.Mul64(uint64(x), uint64(y))
	// From unsigned to signed (Warren, Hacker's Delight, section 8-3).
	h := int64(hi)
	if x < 0 {
		h -= y
	}
	if y < 0 {
		h -= x
	}
	return wide{h, lo}
}

func (x wide) plus(y wide) wide {
	lo, carry := bits.Add64(x.lo, y.lo, 0)
	return wide{x.hi + y.hi + int64(carry), lo}
}

func (x wide) shifted(n uint) wide {
	return wide{x.hi<<n | int64(x.lo>>(64-n)), x.lo << n}
}

func (x wide) less(y wide) bool {
	return x.hi < y.hi || x.hi == y.hi && x.lo < y.lo
}

func (x wide) big() *big.Int {
	v := big.NewInt(x.hi)
	return v.Lsh(v, 64).Add(v, new(big.Int).SetUint64(x.lo))
}

// times returns x * n for n >= 0, as long as it fits.
func (x wide) times(n int64) wide {
	hi, lo := bits.Mul64(x.lo, uint64(n))
	return wide{int64(hi) + x.hi*n, lo}
}
