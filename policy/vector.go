package policy

// vector is a persistent array: edit returns another one that shares all but one leaf with the old, which stays as it is.
type vector[T any] struct {
	leaves []*[leafSize]T
	n      int
}

// leafSize makes an edit of ten thousand elements copy about as much of the list of leaves as of one leaf.
const (
	leafBits = 7
	leafSize = 1 << leafBits
	leafMask = leafSize - 1
)

// newVector returns an array of zeros. set may write to it before it is shared.
func newVector[T any](n int) vector[T] {
	v := vector[T]{make([]*[leafSize]T, (n+leafMask)>>leafBits), n}
	for k := range v.leaves {
		v.leaves[k] = new([leafSize]T)
	}
	return v
}

func (v vector[T]) at(i int32) T { return v.leaves[i>>leafBits][i&leafMask] }

func (v vector[T]) set(i int32, x T) { v.leaves[i>>leafBits][i&leafMask] = x }

// edit returns the array with another element. It copies one leaf and the list of leaves.
func (v vector[T]) edit(i int32, x T) vector[T] {
	v.leaves = append([]*[leafSize]T(nil), v.leaves...)
	leaf := *v.leaves[i>>leafBits]
	leaf[i&leafMask] = x
	v.leaves[i>>leafBits] = &leaf
	return v
}

// part returns the elements from 64 times k on, 64 at most.
func (v vector[T]) part(k int) []T {
	i := 64 * k
	return v.leaves[i>>leafBits][i&leafMask : min(i&leafMask+64, leafSize, i&leafMask+v.n-i)]
}
