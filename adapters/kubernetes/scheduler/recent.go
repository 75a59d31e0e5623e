package scheduler

import "sync"

// recent is a set of the last things added, at most limit of them. It is safe for concurrent use.
type recent[K comparable] struct {
	mu    sync.Mutex
	limit int
	in    map[K]bool
	order []K
}

func newRecent[K comparable](limit int) *recent[K] { return &recent[K]{limit: limit, in: map[K]bool{}} }

func (r *recent[K]) has(k K) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.in[k]
}

func (r *recent[K]) add(k K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.in[k] {
		return
	}
	r.in[k] = true
	if r.order = append(r.order, k); len(r.order) > r.limit {
		delete(r.in, r.order[0])
		r.order = r.order[1:]
	}
}

func (r *recent[K]) remove(k K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.in[k] {
		return
	}
	delete(r.in, k)
	for i := range r.order {
		if r.order[i] == k {
			r.order = append(r.order[:i], r.order[i+1:]...)
			return
		}
	}
}
