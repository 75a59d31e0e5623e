package policy

import (
	"bytes"

	"github.com/cespare/xxhash/v2"
)

// intern numbers byte strings from 0 in order of appearance. It finds them by hash and compares them in full. The zero value is
// empty. It is safe for concurrent use as long as nobody adds.
type intern struct {
	slots  []int32 // open addressing: number + 1, or 0
	hashes []uint64
	ends   []int // of each string in text
	text   []byte
}

// spot returns the slot of a string, or the free one where it belongs.
func (t *intern) spot(key []byte, hash uint64) int {
	mask := uint64(len(t.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		n := t.slots[at] - 1
		if n < 0 || t.hashes[n] == hash && bytes.Equal(t.at(n), key) {
			return int(at)
		}
	}
}

func (t *intern) at(n int32) []byte {
	from := 0
	if n > 0 {
		from = t.ends[n-1]
	}
	return t.text[from:t.ends[n]]
}

// get returns the number of a string, -1 for one that is not there.
func (t *intern) get(key []byte) int32 {
	if len(t.slots) == 0 {
		return -1
	}
	return t.slots[t.spot(key, xxhash.Sum64(key))] - 1
}

// add returns the number of a string and gives it one where it has none.
func (t *intern) add(key []byte) int32 {
	if 4*len(t.hashes) >= 3*len(t.slots) {
		t.grow()
	}
	hash := xxhash.Sum64(key)
	at := t.spot(key, hash)
	if n := t.slots[at] - 1; n >= 0 {
		return n
	}
	n := int32(len(t.hashes))
	t.slots[at] = n + 1
	t.hashes = append(t.hashes, hash)
	t.text = append(t.text, key...)
	t.ends = append(t.ends, len(t.text))
	return n
}

func (t *intern) grow() {
	old := t.slots
	t.slots = make([]int32, max(16, 2*len(old)))
	mask := uint64(len(t.slots) - 1)
	for n, hash := range t.hashes {
		at := hash & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = int32(n) + 1
	}
}

func (t *intern) len() int { return len(t.hashes) }

// bytes is how much memory it takes.
func (t *intern) bytes() int { return 4*cap(t.slots) + 8*cap(t.hashes) + 8*cap(t.ends) + cap(t.text) }
