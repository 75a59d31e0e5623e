package problem

// part returns the part of a group's domain that a site is in, -1 for no site.
func (p *Problem) part(g *Group, site int32) int32 {
	if site < 0 {
		return -1
	}
	if g.Kind == Gang {
		return 0
	}
	return p.Domains[g.Domain].Of[site]
}

// on returns how many members of one side of a group are on a part.
func (s *State) on(n int, g *Group, part int32) int32 {
	sd := &s.p.sides[n]
	if sd.cell >= 0 {
		return s.cells[sd.cell+part]
	}
	of, count := s.p.Domains[g.Domain].Of, int32(0)
	for _, m := range sd.members {
		if site := s.Site[m]; site >= 0 && of[site] == part {
			count++
		}
	}
	return count
}

// admits says whether groups of the kinds Conflict and Together allow item i to go from one site to another.
func (s *State) admits(i, from, to int32) bool {
	p := s.p
	for _, m := range p.members[p.memberStart[i]:p.memberStart[i+1]] {
		g := &p.Groups[m.group]
		switch g.Kind {
		case Conflict:
			v, w := p.part(g, from), p.part(g, to)
			if v != w && s.on(int(2*m.group), g, w) >= g.Limit {
				return false
			}
		case Together:
			v, w := p.part(g, from), p.part(g, to)
			alone := v >= 0 && s.placed[m.group] == 1
			if v != w && !alone && s.placed[m.group] > 0 && s.on(int(2*m.group), g, w) == 0 {
				return false
			}
		}
	}
	return true
}

// loose returns by how much Broken changes when item i goes from one site to another; -1 is not placed.
func (s *State) loose(i, from, to int32) (change int64) {
	p := s.p
	for _, m := range p.members[p.memberStart[i]:p.memberStart[i+1]] {
		g := &p.Groups[m.group]
		switch g.Kind {
		case Spread:
			change += s.spreadChange(m.group, g, p.part(g, from), p.part(g, to))
		case Attend:
			change += s.attendChange(m, g, p.part(g, from), p.part(g, to))
		case Gang:
			n, all := s.placed[m.group], int32(len(g.Members))
			after := n + placedAt(to) - placedAt(from)
			change += int64((all-after)*sign(after) - (all-n)*sign(n))
		}
	}
	return change
}

func (s *State) spreadChange(group int32, g *Group, v, w int32) int64 {
	if v == w {
		return 0
	}
	placed, distinct := s.placed[group], s.distinct[group]
	before := max(0, min(g.Limit, placed)-distinct)
	if v >= 0 {
		placed--
		if s.on(int(2*group), g, v) == 1 {
			distinct--
		}
	}
	if w >= 0 {
		placed++
		if s.on(int(2*group), g, w) == 0 {
			distinct++
		}
	}
	return int64(max(0, min(g.Limit, placed)-distinct) - before)
}

func (s *State) attendChange(m membership, g *Group, v, w int32) (change int64) {
	if v == w {
		return 0
	}
	members, with := int(2*m.group), int(2*m.group+1)
	if !m.with {
		if v >= 0 && s.on(with, g, v) == 0 {
			change--
		}
		if w >= 0 && s.on(with, g, w) == 0 {
			change++
		}
		return change
	}
	if v >= 0 && s.on(with, g, v) == 1 {
		change += int64(s.on(members, g, v))
	}
	if w >= 0 && s.on(with, g, w) == 0 {
		change -= int64(s.on(members, g, w))
	}
	return change
}

// count keeps the counts of item i's groups when it goes from one site to another. It looks at the state before.
func (s *State) count(i, from, to int32) {
	p := s.p
	for _, m := range p.members[p.memberStart[i]:p.memberStart[i+1]] {
		g := &p.Groups[m.group]
		n := int(2 * m.group)
		if m.with {
			n++
		} else {
			s.placed[m.group] += placedAt(to) - placedAt(from)
		}
		if g.Kind == Gang {
			continue
		}
		v, w := p.part(g, from), p.part(g, to)
		if v == w {
			continue
		}
		if !m.with && g.Kind == Spread {
			if v >= 0 && s.on(n, g, v) == 1 {
				s.distinct[m.group]--
			}
			if w >= 0 && s.on(n, g, w) == 0 {
				s.distinct[m.group]++
			}
		}
		if cell := p.sides[n].cell; cell >= 0 {
			if v >= 0 {
				s.cells[cell+v]--
			}
			if w >= 0 {
				s.cells[cell+w]++
			}
		}
	}
}

func placedAt(site int32) int32 {
	if site < 0 {
		return 0
	}
	return 1
}

func sign(x int32) int32 {
	if x > 0 {
		return 1
	}
	return 0
}
