package problem

// on returns how many members of a set are on a part.
func (s *State) on(n, part int32) int32 {
	set := &s.p.sets[n]
	if set.cell >= 0 {
		return s.cells[set.cell+part]
	}
	of, count := s.p.parts[set.of:], int32(0)
	for _, m := range set.members {
		if site := s.Site[m]; site >= 0 && of[site] == part {
			count++
		}
	}
	return count
}

// rulesOf returns what the groups ask of an item.
func (p *Problem) rulesOf(i int32) []rule { return p.rules[p.ruleStart[i]:p.ruleStart[i+1]] }

// ends returns the parts of two sites, -1 for no site.
func (p *Problem) ends(of, from, to int32) (v, w int32) {
	v, w = -1, -1
	if from >= 0 {
		v = p.parts[of+from]
	}
	if to >= 0 {
		w = p.parts[of+to]
	}
	return v, w
}

// admits says whether groups of the kinds Conflict and Together allow item i to go from one site to another.
func (s *State) admits(i, from, to int32) bool {
	p := s.p
	rules := p.rulesOf(i)
	for k := range rules {
		r := &rules[k]
		switch r.kind {
		case Conflict:
			if v, w := p.ends(r.of, from, to); v != w && s.on(r.own, w) >= r.limit {
				return false
			}
		case Together:
			v, w := p.ends(r.of, from, to)
			alone := v >= 0 && s.placed[r.own] == 1
			if v != w && !alone && s.placed[r.own] > 0 && s.on(r.own, w) == 0 {
				return false
			}
		}
	}
	return true
}

// loose returns by how much Broken changes when item i goes from one site to another; -1 is not placed.
func (s *State) loose(i, from, to int32) (change int64) {
	p := s.p
	rules := p.rulesOf(i)
	for k := range rules {
		r := &rules[k]
		switch r.kind {
		case Spread:
			if v, w := p.ends(r.of, from, to); v != w {
				change += s.spreadChange(r, v, w)
			}
		case Attend:
			if v, w := p.ends(r.of, from, to); v != w {
				change += s.attendChange(r, v, w)
			}
		case Gang:
			n := s.placed[r.own]
			after := n + placedAt(to) - placedAt(from)
			change += int64((r.limit-after)*sign(after) - (r.limit-n)*sign(n))
		}
	}
	return change
}

func (s *State) spreadChange(r *rule, v, w int32) int64 {
	placed, distinct := s.placed[r.own], s.distinct[r.own]
	before := max(0, min(r.limit, placed)-distinct)
	if v >= 0 {
		placed--
		if s.on(r.own, v) == 1 {
			distinct--
		}
	}
	if w >= 0 {
		placed++
		if s.on(r.own, w) == 0 {
			distinct++
		}
	}
	return int64(max(0, min(r.limit, placed)-distinct) - before)
}

func (s *State) attendChange(r *rule, v, w int32) (change int64) {
	if !r.with {
		if v >= 0 && s.on(r.other, v) == 0 {
			change--
		}
		if w >= 0 && s.on(r.other, w) == 0 {
			change++
		}
		return change
	}
	if v >= 0 && s.on(r.other, v) == 1 {
		change += int64(s.on(r.own, v))
	}
	if w >= 0 && s.on(r.other, w) == 0 {
		change -= int64(s.on(r.own, w))
	}
	return change
}

// count keeps the counts of item i's sets when it goes from one site to another. It looks at the state before.
func (s *State) count(i, from, to int32) {
	p := s.p
	for _, n := range p.itemSets[p.setStart[i]:p.setStart[i+1]] {
		s.placed[n] += placedAt(to) - placedAt(from)
		set := &p.sets[n]
		if set.of < 0 || set.cell < 0 && !set.spread {
			continue
		}
		v, w := p.ends(set.of, from, to)
		if v == w {
			continue
		}
		if set.spread {
			if v >= 0 && s.on(n, v) == 1 {
				s.distinct[n]--
			}
			if w >= 0 && s.on(n, w) == 0 {
				s.distinct[n]++
			}
		}
		if set.cell >= 0 {
			if v >= 0 {
				s.cells[set.cell+v]--
			}
			if w >= 0 {
				s.cells[set.cell+w]++
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
