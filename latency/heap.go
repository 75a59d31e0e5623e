package latency

// heap is a min-heap of keys with four children a node: half as deep as a binary one, and the children share a cache
// line. A node whose sum falls is pushed again; the search drops the older key when it surfaces, which costs less than
// keeping track of where each node stands.
type heap struct{ keys []uint64 }

// key orders by sum, then by node.
func key(sum uint32, node int32) uint64 { return uint64(sum)<<32 | uint64(uint32(node)) }

func (h *heap) reset() { h.keys = h.keys[:0] }

func (h *heap) push(k uint64) {
	h.keys = append(h.keys, k)
	keys, i := h.keys, len(h.keys)-1
	for i > 0 {
		parent := (i - 1) / 4
		if keys[parent] <= k {
			break
		}
		keys[i] = keys[parent]
		i = parent
	}
	keys[i] = k
}

// pop removes and returns the least key. The heap must not be empty.
func (h *heap) pop() uint64 {
	least, last := h.keys[0], len(h.keys)-1
	k := h.keys[last]
	h.keys = h.keys[:last]
	keys, i := h.keys, 0
	for {
		child := 4*i + 1
		if child >= last {
			break
		}
		best := child
		for c := child + 1; c < min(child+4, last); c++ {
			if keys[c] < keys[best] {
				best = c
			}
		}
		if keys[best] >= k {
			break
		}
		keys[i] = keys[best]
		i = best
	}
	if last > 0 {
		keys[i] = k
	}
	return least
}
