package placement

import "github.com/cespare/xxhash/v2"

// schedVector is a persistent array: set returns a new one that shares all but one path with the old, which stays as it
// is. A write copies a leaf of fanOut elements and a node of fanOut leaves, whatever the length (and one word per
// fanOut^2 elements above them), so that a snapshot costs about as much as one leaf. Each element is stride values.
type schedVector[T any] struct {
	stride int
	root   []*[fanOut][]T
}

const (
	fanBits = 5
	fanOut  = 1 << fanBits
	fanMask = fanOut - 1
)

// newSchedVector returns an array of at least n elements, all zero. fill may write to it with at before it is shared.
func newSchedVector[T any](n, stride int) schedVector[T] {
	v := schedVector[T]{stride: stride}
	for range (n + fanOut*fanOut - 1) >> (2 * fanBits) {
		v.root = append(v.root, newSchedNode[T](stride))
	}
	return v
}

func newSchedNode[T any](stride int) *[fanOut][]T {
	node := new([fanOut][]T)
	all := make([]T, fanOut*fanOut*stride)
	for k := range node {
		node[k] = all[k*fanOut*stride : (k+1)*fanOut*stride : (k+1)*fanOut*stride]
	}
	return node
}

// size returns how many elements there are.
func (v *schedVector[T]) size() int { return len(v.root) << (2 * fanBits) }

// at returns an element.
func (v *schedVector[T]) at(i int32) []T {
	leaf := v.root[i>>(2*fanBits)][i>>fanBits&fanMask]
	k := int(i&fanMask) * v.stride
	return leaf[k : k+v.stride]
}

// edit returns an array in which element i is the caller's to write, and that element.
func (v schedVector[T]) edit(i int32) (schedVector[T], []T) {
	r, m := i>>(2*fanBits), i>>fanBits&fanMask
	w := schedVector[T]{stride: v.stride, root: append([]*[fanOut][]T(nil), v.root...)}
	node := *v.root[r]
	node[m] = append([]T(nil), node[m]...)
	w.root[r] = &node
	return w, w.at(i)
}

// grown returns an array with room for one more node.
func (v schedVector[T]) grown() schedVector[T] {
	return schedVector[T]{stride: v.stride, root: append(v.root[:len(v.root):len(v.root)], newSchedNode[T](v.stride))}
}

// schedTable is a persistent hash table from names to numbers.
type schedTable struct {
	buckets schedVector[[]schedEntry]
	count   int
}

type schedEntry struct {
	name  string
	value int64
}

// schedLoad is how many names stand in a bucket on average before there are more buckets.
const schedLoad = 4

func newSchedTable(n int) schedTable {
	return schedTable{buckets: newSchedVector[[]schedEntry](max(1, n/schedLoad), 1)}
}

func (t *schedTable) bucket(name string) int32 {
	return int32(xxhash.Sum64String(name) % uint64(t.buckets.size()))
}

func (t *schedTable) get(name string) (int64, bool) {
	for _, e := range t.buckets.at(t.bucket(name))[0] {
		if e.name == name {
			return e.value, true
		}
	}
	return 0, false
}

// without returns the table without a name.
func (t schedTable) without(name string) schedTable {
	if _, ok := t.get(name); !ok {
		return t
	}
	var slot [][]schedEntry
	t.buckets, slot = t.buckets.edit(t.bucket(name))
	var kept []schedEntry
	for _, e := range slot[0] {
		if e.name != name {
			kept = append(kept, e)
		}
	}
	slot[0] = kept
	t.count--
	return t
}

// with returns the table with a value for a name.
func (t schedTable) with(name string, value int64) schedTable {
	t = t.without(name)
	if t.count >= 2*schedLoad*t.buckets.size() {
		t = t.rebuilt()
	}
	var slot [][]schedEntry
	t.buckets, slot = t.buckets.edit(t.bucket(name))
	slot[0] = append(slot[0][:len(slot[0]):len(slot[0])], schedEntry{name, value})
	t.count++
	return t
}

// put writes to a table that nobody else has yet.
func (t *schedTable) put(name string, value int64) {
	slot := t.buckets.at(t.bucket(name))
	slot[0] = append(slot[0], schedEntry{name, value})
	t.count++
}

// rebuilt returns the same table with more buckets. O(names), once in as many additions.
func (t *schedTable) rebuilt() schedTable {
	out := newSchedTable(4 * t.count)
	for _, node := range t.buckets.root {
		for _, leaf := range node {
			for _, bucket := range leaf {
				for _, e := range bucket {
					out.put(e.name, e.value)
				}
			}
		}
	}
	return out
}
