package policy

// Usage is what answering took so far, for programs that watch it. No answer depends on it.
type Usage struct {
	Evaluations int64 // of a single rule for a single pair
	Bytes       int   // about what is remembered
}

// Usage tells what the set has done and remembers, screens left out.
func (s *Set) Usage() Usage {
	m := s.memory.Load()
	m.mu.RLock()
	defer m.mu.RUnlock()
	return Usage{Evaluations: s.evaluations.Load(), Bytes: m.size()}
}

// Usage tells what the screen's set has done, and what both of them remember.
func (x *Screen) Usage() Usage {
	u := x.set.Usage()
	u.Bytes += 12 * x.sites.n
	if c := x.classified.Load(); c != nil {
		u.Bytes += 4*leafSize*len(c.classes)*len(x.sites.leaves) + 8*len(c.wrong)*(1+len(c.owned))
		c.rows.mu.RLock()
		u.Bytes += c.rows.bytes
		c.rows.mu.RUnlock()
	}
	return u
}
