package latency

import "math/bits"

// queue is a monotone priority queue: keys are pushed that are not below the last one popped, nor farther above it than
// the span that the queue was made for. They lie in buckets by their sum, in a ring; a heap orders those of the bucket at
// hand, which are few and stay in the nearest cache. Where all keys fall into one bucket it is that heap and no worse.
type queue struct {
	heap    heap   // the bucket at hand
	at      uint32 // its number: sums less shift
	shift   int
	heads   [buckets]int32 // the last entry of each other bucket, plus one
	words   [buckets / 64]uint64
	summary uint64 // which words are not zero
	entries []entry
	free    int32  // the last entry that is free, plus one
	touched uint32 // keeps what only fetches from being optimised away
}

const buckets = 64 * 64

type entry struct {
	key  uint64
	next int32 // plus one
}

// reset empties the queue and prepares it for keys from first on.
func (q *queue) reset(first, span uint32) {
	q.shift = max(0, bits.Len32(span)-bits.Len(buckets-1)+1)
	q.at = first >> q.shift
	q.heap.reset()
}

// push adds a key.
func (q *queue) push(k uint64) {
	number := uint32(k>>32) >> q.shift
	if number == q.at {
		q.heap.push(k)
		return
	}
	i := q.free
	if i == 0 {
		q.entries = append(q.entries, entry{})
		i = int32(len(q.entries))
	} else {
		q.free = q.entries[i-1].next
	}
	b := number % buckets
	q.entries[i-1] = entry{k, q.heads[b]}
	q.heads[b] = i
	q.words[b/64] |= 1 << (b % 64)
	q.summary |= 1 << (b / 64)
}

// open puts the next keys that there are into the heap, unless some are left in it, and says whether there were any.
func (q *queue) open() bool {
	if len(q.heap.keys) == 0 && q.summary != 0 {
		q.take(q.next())
	}
	return len(q.heap.keys) > 0
}

// next finds the bucket that comes first, going round the ring from the one at hand.
func (q *queue) next() uint32 {
	from := (q.at + 1) % buckets
	word := from / 64
	if rest := q.words[word] >> (from % 64) << (from % 64); rest != 0 {
		return word*64 + uint32(bits.TrailingZeros64(rest))
	}
	ahead := (word + 1) % 64
	word = (ahead + uint32(bits.TrailingZeros64(bits.RotateLeft64(q.summary, -int(ahead))))) % 64
	return word*64 + uint32(bits.TrailingZeros64(q.words[word]))
}

// take moves a bucket into the heap.
func (q *queue) take(b uint32) {
	i := q.heads[b]
	q.at = uint32(q.entries[i-1].key>>32) >> q.shift
	for i != 0 {
		e := &q.entries[i-1]
		q.heap.push(e.key)
		i, e.next, q.free = e.next, q.free, i
	}
	q.heads[b] = 0
	if q.words[b/64] &^= 1 << (b % 64); q.words[b/64] == 0 {
		q.summary &^= 1 << (b / 64)
	}
}
