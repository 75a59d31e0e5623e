package policy

import (
	"math/bits"
	"slices"
)

// bitset has a bit for each site of a list: bit i%64 of word i/64.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)>>6) }

func (b bitset) has(i int32) bool { return b[i>>6]>>(i&63)&1 != 0 }

func (b bitset) put(i int32, on bool) {
	if on {
		b[i>>6] |= 1 << (i & 63)
	} else {
		b[i>>6] &^= 1 << (i & 63)
	}
}

func (b bitset) or(other bitset) {
	for k, word := range other {
		b[k] |= word
	}
}

func (b bitset) any() bool {
	for _, word := range b {
		if word != 0 {
			return true
		}
	}
	return false
}

// all calls f for each bit that is set, in order, until it returns false.
func (b bitset) all(f func(i int32) bool) {
	for k, word := range b {
		for ; word != 0; word &= word - 1 {
			if !f(int32(k<<6 + bits.TrailingZeros64(word))) {
				return
			}
		}
	}
}

// flip sets the bits of n sites that are not set and takes away those that are.
func (b bitset) flip(n int) {
	for k := range b {
		b[k] = ^b[k]
	}
	b.trim(n)
}

func (b bitset) and(other bitset) {
	for k, word := range other {
		b[k] &= word
	}
}

// changed returns a set of n with a bit as it shall be; nil is an empty one. It copies the set where that must change and is not the
// caller's own.
func (b bitset) changed(i int32, on, own bool, n int) (is bitset, isOwn bool) {
	switch {
	case b == nil && !on || b != nil && b.has(i) == on:
		return b, own
	case b == nil:
		b = newBitset(n)
	case !own:
		b = slices.Clone(b)
	}
	b.put(i, on)
	return b, true
}

// trim takes away what is not of n sites.
func (b bitset) trim(n int) {
	if n&63 != 0 {
		b[len(b)-1] &= 1<<(n&63) - 1
	}
}
