package problem

// leaves says by how much the number of items away from home changes when item i goes from one site to another.
func (p *Problem) leaves(i, from, to int32) int32 {
	if p.Home == nil {
		return 0
	}
	home := p.Home[i]
	if home < 0 {
		return 0
	}
	n := int32(0)
	if from >= 0 && from != home {
		n--
	}
	if to >= 0 && to != home {
		n++
	}
	return n
}

// within says whether quotas and the limit of moves allow item i to go from one site to another.
func (s *State) within(i, from, to int32) bool {
	p := s.p
	if p.LimitMoves {
		if n := p.leaves(i, from, to); n > 0 && s.away.all+int64(n) > p.MostMoved {
			return false
		}
	}
	for k := range p.Quotas {
		q := &p.Quotas[k]
		of := p.Domains[q.Domain].Of
		if from >= 0 && of[from] == of[to] {
			continue
		}
		if x := p.demand[int(i)*p.Dims+q.Dim]; x > 0 && x > q.Limit-s.quota[p.quotaAt[k]+of[to]] {
			return false
		}
	}
	return true
}

// withinBudgets says whether the budgets leave room for an item that is not placed at a site.
func (s *State) withinBudgets(i, site int32) bool {
	if !s.within(i, -1, site) {
		return false
	}
	if s.p.Capped == 0 {
		return true
	}
	pos := s.p.Classes[s.p.Class[i]].Index.Find(site)
	if pos < 0 {
		return true
	}
	var d Value
	s.addCost(i, pos, &d)
	return s.affords(&d)
}

// affords says whether a change of the value keeps the caps. What is above its cap already must not get worse.
func (s *State) affords(d *Value) bool {
	first := s.p.Tiers - s.p.Capped
	for k, limit := range s.p.Caps {
		if x := d[first+k]; x > 0 && x > limit-s.Value[first+k] {
			return false
		}
	}
	return true
}

func (s *State) countQuotas(i, from, to int32) {
	p := s.p
	for k := range p.Quotas {
		q := &p.Quotas[k]
		x, of := p.demand[int(i)*p.Dims+q.Dim], p.Domains[q.Domain].Of
		if from >= 0 {
			s.quota[p.quotaAt[k]+of[from]] -= x
		}
		if to >= 0 {
			s.quota[p.quotaAt[k]+of[to]] += x
		}
	}
}

func (s *State) countMove(i, from, to int32) {
	n := s.p.leaves(i, from, to)
	if n == 0 {
		return
	}
	s.away.all += int64(n)
	if s.p.Batches > 0 {
		s.away.change(s.p.Batch[i], n)
	}
}

// change adds n (1 or -1) to a batch.
func (m *moved) change(batch, n int32) {
	k := m.inBatch[batch]
	m.batches[k]--
	m.batches[k+n]++
	m.inBatch[batch] = k + n
	switch {
	case k+n > m.most:
		m.most = k + n
	case k == m.most && m.batches[k] == 0:
		m.most = k - 1
	}
}

// mostAfter returns the largest number in a batch if a batch changed by n (1 or -1).
func (m *moved) mostAfter(batch, n int32) int32 {
	k := m.inBatch[batch]
	switch {
	case k+n > m.most:
		return k + n
	case n < 0 && k == m.most && m.batches[k] == 1:
		return k - 1
	}
	return m.most
}
