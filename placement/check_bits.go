package placement

import "math/bits"

// checkBits is a set of sites, by their number in order of ID.
type checkBits []uint64

func newCheckBits(n int) checkBits { return make(checkBits, (n+63)/64) }

func (b checkBits) add(k int32)        { b[k>>6] |= 1 << (k & 63) }
func (b checkBits) remove(k int32)     { b[k>>6] &^= 1 << (k & 63) }
func (b checkBits) holds(k int32) bool { return b[k>>6]>>(k&63)&1 != 0 }

// keep takes away what is not in o.
func (b checkBits) keep(o checkBits) {
	for k := range b {
		b[k] &= o[k]
	}
}

// join adds what is in o.
func (b checkBits) join(o checkBits) {
	for k := range b {
		b[k] |= o[k]
	}
}

func (b checkBits) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

func (b checkBits) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// all yields the members in order.
func (b checkBits) all(yield func(k int32) bool) {
	for k, w := range b {
		for ; w != 0; w &= w - 1 {
			if !yield(int32(k<<6 + bits.TrailingZeros64(w))) {
				return
			}
		}
	}
}
