package problem

// Fits says whether item i may go to position pos of its class as far as capacity, latency of flows and paths, budgets, Conflict and
// Together go; pos -1, taking it out, always fits.
func (s *State) Fits(i, pos int32) bool {
	if pos < 0 {
		return true
	}
	from, to := s.Site[i], s.site(i, pos)
	if from == to {
		return true
	}
	if !s.hasRoom(i, to) || !s.admits(i, from, to) || !s.inReach(i, to) || !s.within(i, from, to) {
		return false
	}
	if s.p.Capped == 0 {
		return true
	}
	var d Value
	s.addCost(i, pos, &d)
	return s.affords(&d)
}

// hasRoom says whether a site other than its own has room for item i.
func (s *State) hasRoom(i, to int32) bool {
	p := s.p
	base := int(to) * p.Dims
	demand := p.demand[int(i)*p.Dims:]
	if p.transient && p.Home[i] == to {
		for _, d := range p.binding[p.bindStart[to]:p.bindStart[to+1]] {
			if x := demand[d]; x != 0 && x > p.Capacity[base+int(d)]-s.Use[base+int(d)] {
				return false
			}
		}
		return true
	}
	room := s.room[base : base+p.Dims]
	for _, d := range p.binding[p.bindStart[to]:p.bindStart[to+1]] {
		if x := demand[d]; x > room[d] && x != 0 {
			return false
		}
	}
	return true
}

// inReach says whether the flows and paths of item i keep their bounds at a site.
func (s *State) inReach(i, to int32) bool {
	p := s.p
	for k := p.arcStart[i]; k < p.arcStart[i+1]; k++ {
		a := &p.arcs[k]
		other := s.Site[a.other]
		if other < 0 || other == to {
			continue
		}
		if l, _ := p.between(a, to, other); l > a.bound {
			return false
		}
	}
	return s.inTime(i, to)
}

// between returns latency and price per GB of an arc with its own end at a site and the other end at another.
func (p *Problem) between(a *arc, own, other int32) (int32, int64) {
	from, to := own, other
	if !a.out {
		from, to = other, own
	}
	return p.Pairs[a.pairs].Between(from, to)
}

// Try evaluates moving item i to position pos of its class, or taking it out where pos is -1, in a state in which Broken
// is 0. It returns whether the outcome is valid, and then adds the change of the value to d. Nothing is allocated.
func (s *State) Try(i, pos int32, d *Value) bool {
	from, to := s.Site[i], s.site(i, pos)
	if from == to {
		return true
	}
	if to >= 0 && (!s.hasRoom(i, to) || !s.admits(i, from, to) || !s.inReach(i, to) || !s.within(i, from, to)) {
		return false
	}
	if s.loose(i, from, to) > 0 {
		return false
	}
	if s.p.Capped > 0 {
		var own Value
		s.addCost(i, pos, &own)
		if !s.affords(&own) {
			return false
		}
		d.Add(&own)
		return true
	}
	s.addCost(i, pos, d)
	return true
}

// Cost adds to d the change of the value if item i went to position pos of its class (-1: out).
func (s *State) Cost(i, pos int32, d *Value) {
	if s.pos[i] != pos {
		s.addCost(i, pos, d)
	}
}

// Loose returns the change of Broken if item i went to position pos of its class (-1: out).
func (s *State) Loose(i, pos int32) int64 { return s.loose(i, s.Site[i], s.site(i, pos)) }

// addCost adds the change of the value if item i went to position pos of its class.
func (s *State) addCost(i, pos int32, d *Value) {
	p := s.p
	from, to := s.Site[i], s.site(i, pos)
	if from == to {
		return
	}
	p.addUnary(i, s.pos[i], -1, d)
	p.addUnary(i, pos, 1, d)
	if len(p.Traffic) > 0 {
		s.addTraffic(i, from, to, d)
	}
	if p.used {
		if from >= 0 {
			s.addUse(from, i, -1, d)
		}
		if to >= 0 {
			s.addUse(to, i, 1, d)
		}
	}
	if len(p.GroupMoves) > 0 {
		if n := p.leaves(i, from, to); n != 0 {
			p.addGroupMoves(s.away.most, s.away.mostAfter(p.Batch[i], n), d)
		}
	}
}

func (s *State) addTraffic(i, from, to int32, d *Value) {
	p := s.p
	for k := p.arcStart[i]; k < p.arcStart[i+1]; k++ {
		a := &p.arcs[k]
		other := s.Site[a.other]
		if other < 0 {
			continue
		}
		if from >= 0 {
			_, e := p.between(a, from, other)
			p.traffic(a.rate, e, -1, d)
		}
		if to >= 0 {
			_, e := p.between(a, to, other)
			p.traffic(a.rate, e, 1, d)
		}
	}
}
