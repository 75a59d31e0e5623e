package topology

import (
	"iter"

	"github.com/google/btree"
)

// table is an ordered copy-on-write map. The zero value is empty and can only be read.
type table[K ~string, V any] struct{ tree *btree.BTreeG[row[K, V]] }

// row holds its key beside the value, so that a search touches no values.
type row[K ~string, V any] struct {
	key   K
	value *V
}

func newTable[K ~string, V any]() table[K, V] {
	const degree = 32 // a node of 63 rows of 24 bytes: few levels, and a copied node stays small
	return table[K, V]{btree.NewG(degree, func(a, b row[K, V]) bool { return a.key < b.key })}
}

// clone returns a table that shares what neither of the two changes from now on. Not to be called concurrently.
func (t table[K, V]) clone() table[K, V] {
	if t.tree == nil {
		return newTable[K, V]()
	}
	return table[K, V]{t.tree.Clone()}
}

func (t table[K, V]) get(key K) (*V, bool) {
	if t.tree == nil {
		return nil, false
	}
	r, ok := t.tree.Get(row[K, V]{key: key})
	return r.value, ok
}

func (t table[K, V]) has(key K) bool { return t.tree != nil && t.tree.Has(row[K, V]{key: key}) }

// put returns what it replaces, nil for nothing.
func (t table[K, V]) put(key K, value *V) *V {
	old, _ := t.tree.ReplaceOrInsert(row[K, V]{key, value})
	return old.value
}

// remove returns what was there, nil for nothing.
func (t table[K, V]) remove(key K) *V {
	old, _ := t.tree.Delete(row[K, V]{key: key})
	return old.value
}

func (t table[K, V]) len() int {
	if t.tree == nil {
		return 0
	}
	return t.tree.Len()
}

// all yields the values in order of their keys.
func (t table[K, V]) all() iter.Seq[*V] {
	return func(yield func(*V) bool) {
		if t.tree != nil {
			t.tree.Ascend(func(r row[K, V]) bool { return yield(r.value) })
		}
	}
}
