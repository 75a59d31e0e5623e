package problem

// Lack returns by how much room falls short for item i, which is not placed, at a site, summed over the dimensions as
// shares of what the item demands. It is 0 where there is room.
func (s *State) Lack(i, site int32) (lack float64) {
	p := s.p
	base := int(site) * p.Dims
	for _, d := range p.binding[p.bindStart[site]:p.bindStart[site+1]] {
		x := p.demand[int(i)*p.Dims+int(d)]
		if room := s.roomAt(i, site, base+int(d), int(d)); x > room && x > 0 {
			lack += float64(x-room) / float64(x)
		}
	}
	return lack
}

// Relief returns by how much Lack of item i at a site would fall if item j, which is there, left: 0 where it would not help.
// A conflict that only j causes counts as one.
func (s *State) Relief(i, j, site int32) (relief float64) {
	p := s.p
	base := int(site) * p.Dims
	stays := p.transient && p.Home[j] == site
	for _, d := range p.binding[p.bindStart[site]:p.bindStart[site+1]] {
		x := p.demand[int(i)*p.Dims+int(d)]
		room := s.roomAt(i, site, base+int(d), int(d))
		if x <= room || x == 0 || stays && p.Transient[d] && p.Home[i] != site {
			continue
		}
		relief += float64(min(x-room, p.demand[int(j)*p.Dims+int(d)])) / float64(x)
	}
	if p.mask[i]&p.mask[j] != 0 && s.conflicting(i, j, site) {
		relief++
	}
	return relief
}

// roomAt returns the room for item i at a site in one dimension.
func (s *State) roomAt(i, site int32, at, d int) int64 {
	if s.p.transient && s.p.Home[i] == site {
		return s.p.Capacity[at] - s.Use[at]
	}
	return s.room[at]
}

// conflicting says whether a full conflict that holds both i and j keeps i from a site where j is.
func (s *State) conflicting(i, j, site int32) bool {
	p := s.p
	rules := p.rulesOf(i)
	for k := range rules {
		r := &rules[k]
		if r.kind != Conflict || s.on(r.own, p.parts[r.of+site]) < r.limit {
			continue
		}
		for _, n := range p.itemSets[p.setStart[j]:p.setStart[j+1]] {
			if n == r.own {
				return true
			}
		}
	}
	return false
}
