package problem

// TrySwap evaluates exchanging the sites of two placed items on different sites in a state in which Broken is 0: it
// returns whether the outcome is valid, and then adds the change of the value to d. The state is the same afterwards.
func (s *State) TrySwap(i, j int32, d *Value) bool {
	p := s.p
	a, b := s.Site[i], s.Site[j]
	pi, pj := p.Classes[p.Class[i]].Index.Find(b), p.Classes[p.Class[j]].Index.Find(a)
	if pi < 0 || pj < 0 || !s.roomForSwap(i, j, a, b) {
		return false
	}
	if p.Capped > 0 || len(p.Quotas) > 0 || p.LimitMoves || s.coupled(i, j) {
		return s.trySwapInTurn(i, j, pi, pj, d)
	}
	if !s.admits(i, a, b) || !s.inReach(i, b) || s.loose(i, a, b) > 0 ||
		!s.admits(j, b, a) || !s.inReach(j, a) || s.loose(j, b, a) > 0 {
		return false
	}
	s.addSwapCost(i, j, pi, pj, d)
	return true
}

// roomForSwap says whether i at a and j at b may exchange their sites as far as capacity goes.
func (s *State) roomForSwap(i, j, a, b int32) bool {
	return s.roomInstead(i, j, b) && s.roomInstead(j, i, a)
}

// roomInstead says whether item i, which is elsewhere, fits on a site once item j has left it.
func (s *State) roomInstead(i, j, site int32) bool {
	p := s.p
	base := int(site) * p.Dims
	in, out := p.demand[int(i)*p.Dims:], p.demand[int(j)*p.Dims:]
	binding := p.binding[p.bindStart[site]:p.bindStart[site+1]]
	if !p.transient {
		room := s.room[base : base+p.Dims]
		for _, d := range binding {
			if more := in[d] - out[d]; more > room[d] && more > 0 {
				return false
			}
		}
		return true
	}
	if p.Home[i] == site {
		for _, d := range binding {
			if more := in[d] - out[d]; more > 0 && more > p.Capacity[base+int(d)]-s.Use[base+int(d)] {
				return false
			}
		}
		return true
	}
	stays := p.Home[j] == site // what it takes while it leaves is not free for others
	for _, d := range binding {
		more := in[d]
		if !stays || !p.Transient[d] {
			more -= out[d]
		}
		if more > 0 && more > s.room[base+int(d)] {
			return false
		}
	}
	return true
}

// addSwapCost adds the change of the value where i and j, which do not touch what the other meets, exchange their sites.
func (s *State) addSwapCost(i, j, pi, pj int32, d *Value) {
	p := s.p
	a, b := s.Site[i], s.Site[j]
	p.addUnary(i, s.pos[i], -1, d)
	p.addUnary(i, pi, 1, d)
	p.addUnary(j, s.pos[j], -1, d)
	p.addUnary(j, pj, 1, d)
	if len(p.Traffic) > 0 {
		s.addTraffic(i, a, b, d)
		s.addTraffic(j, b, a, d)
	}
	if p.used {
		s.addUseInstead(a, j, i, d)
		s.addUseInstead(b, i, j, d)
	}
	if len(p.GroupMoves) > 0 {
		s.addGroupMovesOfSwap(i, j, d)
	}
}

// addUseInstead adds the change of what the use of a site costs if item in came and item out left.
func (s *State) addUseInstead(site, in, out int32, d *Value) {
	p := s.p
	base := int(site) * p.Dims
	use, capacity := s.Use[base:base+p.Dims], p.Capacity[base:base+p.Dims]
	more, less := p.demand[int(in)*p.Dims:int(in)*p.Dims+p.Dims], p.demand[int(out)*p.Dims:int(out)*p.Dims+p.Dims]
	if !p.plainUse || p.loads {
		var net [16]int64
		change := net[:0]
		for k, x := range more {
			change = append(change, x-less[k])
		}
		if p.loads {
			s.addLoad(use, capacity, change, 1, d)
		}
		s.addDividedUse(base, change, 1, d)
		return
	}
	for k := range p.Excess {
		e := &p.Excess[k]
		if x := more[e.Dim] - less[e.Dim]; x != 0 {
			was := use[e.Dim] - p.Safe[base+e.Dim]
			d[e.Tier] += e.Weight * (max(0, was+x) - max(0, was))
		}
	}
	for k := range p.Balance {
		b := &p.Balance[k]
		was := b.Ratio*(capacity[b.Dim]-use[b.Dim]) - (capacity[b.Against] - use[b.Against])
		change := (more[b.Against] - less[b.Against]) - b.Ratio*(more[b.Dim]-less[b.Dim])
		d[b.Tier] += b.Weight * (max(0, was+change) - max(0, was))
	}
}

func (s *State) addGroupMovesOfSwap(i, j int32, d *Value) {
	p := s.p
	m, n := p.leaves(i, s.Site[i], s.Site[j]), p.leaves(j, s.Site[j], s.Site[i])
	if m == 0 && n == 0 {
		return
	}
	before := s.away.most
	if m != 0 {
		s.away.change(p.Batch[i], m)
	}
	after := s.away.most
	if n != 0 {
		after = s.away.mostAfter(p.Batch[j], n)
	}
	if m != 0 {
		s.away.change(p.Batch[i], -m)
	}
	p.addGroupMoves(before, after, d)
}

// coupled says whether a change of one of two items can change what the groups, flows or paths of the other one meet.
func (s *State) coupled(i, j int32) bool {
	p := s.p
	if p.Component != nil && p.Component[i] != p.Component[j] || p.mask[i]&p.mask[j] == 0 {
		return false
	}
	for _, m := range p.watched(i) {
		for _, n := range p.watched(j) {
			if m == n {
				return true
			}
		}
	}
	for k := p.arcStart[i]; k < p.arcStart[i+1]; k++ {
		if p.arcs[k].other == j {
			return true
		}
	}
	return p.onOnePath(i, j)
}

// trySwapInTurn makes the swap, looks and takes it back.
func (s *State) trySwapInTurn(i, j, pi, pj int32, d *Value) bool {
	oldI, oldJ, before := s.pos[i], s.pos[j], s.Value
	s.Put(i, -1)
	s.Put(j, -1)
	ok := s.Fits(i, pi)
	if ok {
		s.Put(i, pi)
		if ok = s.Fits(j, pj); ok {
			s.Put(j, pj)
			if ok = s.Broken == 0; ok {
				d.Add(&s.Value)
				d.Sub(&before)
			}
			s.Put(j, -1)
		}
		s.Put(i, -1)
	}
	s.Put(i, oldI)
	s.Put(j, oldJ)
	return ok
}

// Partners returns the items that item i has flows with, one entry per flow.
func (p *Problem) Partners(i int32) []int32 { return p.partners[p.arcStart[i]:p.arcStart[i+1]] }
