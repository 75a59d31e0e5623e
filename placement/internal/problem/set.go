package problem

import "math/bits"

// Set is a set of sites that knows the rank of each: a bit per site, and per word how many stand before it. Finding a
// site takes two loads and a population count.
type Set struct {
	words []uint64
	rank  []int32
	size  int
}

// NewSet returns the set of sites, ascending and each below n.
func NewSet(n int, sites []int32) *Set {
	s := &Set{words: make([]uint64, (n+63)/64), rank: make([]int32, (n+63)/64), size: len(sites)}
	for _, site := range sites {
		s.words[site>>6] |= 1 << (site & 63)
	}
	before := int32(0)
	for k, w := range s.words {
		s.rank[k] = before
		before += int32(bits.OnesCount64(w))
	}
	return s
}

// Find returns the rank of site in the set, and -1 where it is not in it.
func (s *Set) Find(site int32) int32 {
	w, bit := s.words[site>>6], uint64(1)<<(site&63)
	if w&bit == 0 {
		return -1
	}
	return s.rank[site>>6] + int32(bits.OnesCount64(w&(bit-1)))
}

// Has says whether site is in the set.
func (s *Set) Has(site int32) bool { return s.words[site>>6]>>(site&63)&1 != 0 }

// Len returns how many sites are in the set.
func (s *Set) Len() int { return s.size }
