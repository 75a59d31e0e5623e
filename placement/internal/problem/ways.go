package problem

import (
	"sync"
	"sync/atomic"

	"github.com/domicile-eu/domicile/latency"
)

// Ways holds what the hops of paths add up between origins and sites. A pair is looked up when it is first asked for and
// then kept. It is safe for concurrent use; look is called by one goroutine at a time.
type Ways struct {
	sites int
	look  func(from, to int32) (latency.Tail, bool)
	mu    sync.Mutex                   // of those who fill the table
	rows  []atomic.Pointer[[]wayBlock] // by origin
}

// wayBlock holds neighbouring targets: nil where nobody has asked, &noWay where there is none.
type wayBlock struct {
	of atomic.Pointer[[blockSize]atomic.Pointer[latency.Tail]]
}

var noWay latency.Tail

// NewWays returns the table from some origins to n sites.
func NewWays(origins, sites int, look func(from, to int32) (latency.Tail, bool)) *Ways {
	return &Ways{sites: sites, look: look, rows: make([]atomic.Pointer[[]wayBlock], origins)}
}

// Between returns what a hop adds, nil where there is no way.
func (w *Ways) Between(from, to int32) *latency.Tail {
	var t *latency.Tail
	if row := w.rows[from].Load(); row != nil {
		if b := (*row)[to/blockSize].of.Load(); b != nil {
			t = b[to%blockSize].Load()
		}
	}
	if t == nil {
		t = w.find(from, to)
	}
	if t == &noWay {
		return nil
	}
	return t
}

func (w *Ways) find(from, to int32) *latency.Tail {
	w.mu.Lock()
	defer w.mu.Unlock()
	row := w.rows[from].Load()
	if row == nil {
		made := make([]wayBlock, (w.sites+blockSize-1)/blockSize)
		row = &made
		w.rows[from].Store(row)
	}
	b := (*row)[to/blockSize].of.Load()
	if b == nil {
		b = new([blockSize]atomic.Pointer[latency.Tail])
		(*row)[to/blockSize].of.Store(b)
	}
	t := b[to%blockSize].Load()
	if t == nil {
		t = &noWay
		if tail, ok := w.look(from, to); ok {
			t = &tail
		}
		b[to%blockSize].Store(t)
	}
	return t
}
