package problem

// TrySwap evaluates exchanging the sites of two placed items on different sites in a state in which Broken is 0: it
// returns whether the outcome is valid, and then adds the change of the value to d. The state is the same afterwards.
func (s *State) TrySwap(i, j int32, d *Value) bool {
	a, b := s.Site[i], s.Site[j]
	pi, pj := s.p.Classes[s.p.Class[i]].Index.Find(b), s.p.Classes[s.p.Class[j]].Index.Find(a)
	if pi < 0 || pj < 0 || !s.roomForSwap(i, j, a, b) {
		return false
	}
	if s.coupled(i, j) || s.p.loaded {
		return s.trySwapInTurn(i, j, pi, pj, d)
	}
	if !s.admits(i, a, b) || !s.inReach(i, b) || s.loose(i, a, b) > 0 ||
		!s.admits(j, b, a) || !s.inReach(j, a) || s.loose(j, b, a) > 0 {
		return false
	}
	s.addCost(i, pi, d)
	s.addCost(j, pj, d)
	return true
}

// roomForSwap says whether i at a and j at b may exchange their sites as far as capacity goes.
func (s *State) roomForSwap(i, j, a, b int32) bool {
	di, dj := s.p.Classes[s.p.Class[i]].Demand, s.p.Classes[s.p.Class[j]].Demand
	atA, atB := int(a)*s.p.Dims, int(b)*s.p.Dims
	for d := range di {
		more := di[d] - dj[d] // at b
		if more > 0 && more > s.p.Capacity[atB+d]-s.Use[atB+d] || more < 0 && -more > s.p.Capacity[atA+d]-s.Use[atA+d] {
			return false
		}
	}
	return true
}

// coupled says whether a change of one of two items can change what the other one meets.
func (s *State) coupled(i, j int32) bool {
	p := s.p
	if p.Component != nil && p.Component[i] != p.Component[j] {
		return false
	}
	for _, m := range p.members[p.memberStart[i]:p.memberStart[i+1]] {
		for _, n := range p.members[p.memberStart[j]:p.memberStart[j+1]] {
			if m.group == n.group {
				return true
			}
		}
	}
	for k := p.arcStart[i]; k < p.arcStart[i+1]; k++ {
		if p.arcs[k].other == j {
			return true
		}
	}
	return false
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
