package problem

// Refusals is a set of coupled constraints that refuse a change; bit 1<<k stands for the k-th below.
type Refusals uint16

// What can refuse a site to an item as things stand.
const (
	NoRoom     Refusals = 1 << iota // capacity
	TooFar                          // a flow's latency
	NoWay                           // a restricted flow has no way at all
	BySpread                        // a group of kind Spread
	ByConflict                      // Conflict
	ByAffinity                      // Together or Attend
	ByGang                          // Gang
)

// Refuse returns what refuses a site to item i while everything else stays where it is. The site need not be one of its
// class. The item must not be placed.
func (s *State) Refuse(i, site int32) (r Refusals) {
	p := s.p
	if !s.hasRoom(i, site) {
		r |= NoRoom
	}
	for k := p.arcStart[i]; k < p.arcStart[i+1]; k++ {
		a := &p.arcs[k]
		other := s.Site[a.other]
		if other < 0 || other == site {
			continue
		}
		if l, _ := p.between(a, site, other); l == Unknown && p.Pairs[a.pairs].Restricted {
			r |= NoWay
		} else if l > a.bound {
			r |= TooFar
		}
	}
	for _, m := range p.members[p.memberStart[i]:p.memberStart[i+1]] {
		if g := &p.Groups[m.group]; s.refusedBy(m, g, site) {
			r |= [...]Refusals{Spread: BySpread, Conflict: ByConflict, Together: ByAffinity, Attend: ByAffinity, Gang: ByGang}[g.Kind]
		}
	}
	return r
}

func (s *State) refusedBy(m membership, g *Group, site int32) bool {
	w := s.p.part(g, site)
	switch g.Kind {
	case Spread:
		return s.spreadChange(m.group, g, -1, w) > 0
	case Conflict:
		return s.on(int(2*m.group), g, w) >= g.Limit
	case Together:
		return s.placed[m.group] > 0 && s.on(int(2*m.group), g, w) == 0
	case Attend:
		return s.attendChange(m, g, -1, w) > 0
	}
	return s.placed[m.group]+1 < int32(len(g.Members))
}
