package problem

// Strands says whether item i at position pos of its class would leave an item that is out, and that it has a flow with,
// without any site of its class that has room and to which the flow keeps its bound. Nothing forbids that; it is for those
// who want all to find a place. It takes what it looks at from looks, and says no where that is used up.
func (s *State) Strands(i, pos int32, looks *int) bool {
	p := s.p
	if pos < 0 {
		return false
	}
	to := s.site(i, pos)
	for k := p.arcStart[i]; k < p.arcStart[i+1]; k++ {
		if a := &p.arcs[k]; s.Site[a.other] < 0 && s.strands(a, i, to, looks) {
			return true
		}
	}
	return false
}

// strands says whether the other end of an arc has no place where item i is at a site.
func (s *State) strands(a *arc, i, at int32, looks *int) bool {
	p := s.p
	own := p.demand[int(i)*p.Dims : int(i+1)*p.Dims]
	for _, site := range p.Classes[p.Class[a.other]].Sites {
		if *looks--; *looks < 0 {
			return false
		}
		if !s.hasRoom(a.other, site) {
			continue
		}
		if site == at { // there has to be room for both
			room, both := s.room[int(at)*p.Dims:int(at+1)*p.Dims], true
			for d, x := range p.demand[int(a.other)*p.Dims : int(a.other+1)*p.Dims] {
				both = both && x <= room[d]-own[d]
			}
			if both && s.inReach(a.other, site) {
				return false
			}
		} else if l, _ := p.between(a, at, site); l <= a.bound && s.inReach(a.other, site) {
			return false
		}
	}
	return true
}
