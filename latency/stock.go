package latency

import "sync"

// stock keeps what is used again. Unlike a sync.Pool it is not emptied when memory is collected, which rows of many nodes
// cause all the time; it holds as many as were ever in use at once.
type stock[T any] struct {
	mu   sync.Mutex
	free []*T
}

func (s *stock[T]) get() *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		t := s.free[last]
		s.free = s.free[:last]
		return t
	}
	return new(T)
}

func (s *stock[T]) put(t *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, t)
}
