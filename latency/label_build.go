package latency

import "fmt"

// build searches from the nodes that pass traffic on, in order of rank, and writes each into the labels of the nodes that
// no hub before it stands for. A node that is blocked gets a label, and the search does not go on from it.
func (m *labelMap) build(most int64) ([][]hub, error) {
	b := &labelBuild{
		labelMap: m, labels: make([][]hub, len(m.rank)), left: most,
		sums: make([]uint32, len(m.rank)), own: make([]uint32, m.open),
	}
	for i := range b.sums {
		b.sums[i] = unreached
	}
	for i := range b.own {
		b.own[i] = unreached
	}
	for rank := range int32(m.open) {
		if b.search(rank); b.left < 0 {
			return nil, fmt.Errorf("after %d of %d nodes more than %d hubs in the labels of %d nodes do not fit",
				rank+1, m.open, max(most, 0), len(m.rank))
		}
	}
	return b.labels, nil
}

// labelBuild is a search for labels under way.
type labelBuild struct {
	*labelMap
	labels  [][]hub // by rank, each in order of rank
	left    int64   // how many more hubs there may be
	sums    []uint32
	touched []int32
	own     []uint32 // by hub: the mean to it from where the search starts
	heap    heap
}

// search is Dijkstra's algorithm from one node, cut off where the labels know as short a way already.
func (b *labelBuild) search(root int32) {
	for _, h := range b.labels[root] {
		b.own[h.rank] = h.mean
	}
	b.own[root] = 0
	b.reach(root, 0)
	for len(b.heap.keys) > 0 && b.left >= 0 {
		k := b.heap.pop()
		node, sum := int32(uint32(k)), uint32(k>>32)
		if sum != b.sums[node] || b.known(node, sum) {
			continue
		}
		b.labels[node] = append(b.labels[node], hub{uint32(root), sum})
		b.left--
		if node >= int32(b.open) {
			continue
		}
		for _, a := range b.arcs[b.first[node]:b.first[node+1]] {
			next := uint64(sum) + uint64(a.weight)
			if a.to > root && next < uint64(b.sums[a.to]) { // those before it stand for themselves
				b.reach(a.to, uint32(next))
			}
		}
	}
	for _, node := range b.touched {
		b.sums[node] = unreached
	}
	for _, h := range b.labels[root] {
		b.own[h.rank] = unreached
	}
	b.touched = b.touched[:0]
	b.heap.reset()
}

func (b *labelBuild) reach(node int32, sum uint32) {
	if b.sums[node] == unreached {
		b.touched = append(b.touched, node)
	}
	b.sums[node] = sum
	b.heap.push(key(sum, node))
}

// known says whether a hub that stands in both labels already gives a way as short.
func (b *labelBuild) known(node int32, sum uint32) bool {
	for _, h := range b.labels[node] {
		if uint64(b.own[h.rank])+uint64(h.mean) <= uint64(sum) {
			return true
		}
	}
	return false
}
