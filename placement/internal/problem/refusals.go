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
	ByBudget                        // quotas, limits of moves and of costs
	TooLong                         // a path's latency
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
	rules := p.rulesOf(i)
	for k := range rules {
		if rule := &rules[k]; s.refusedBy(rule, site) {
			r |= [...]Refusals{Spread: BySpread, Conflict: ByConflict, Together: ByAffinity, Attend: ByAffinity, Gang: ByGang}[rule.kind]
		}
	}
	if !s.inTime(i, site) {
		r |= TooLong
	}
	if !s.withinBudgets(i, site) {
		r |= ByBudget
	}
	return r
}

func (s *State) refusedBy(r *rule, site int32) bool {
	w := int32(0)
	if r.of >= 0 {
		w = s.p.parts[r.of+site]
	}
	switch r.kind {
	case Spread:
		return s.spreadChange(r, -1, w) > 0
	case Conflict:
		return s.on(r.own, w) >= r.limit
	case Together:
		return s.placed[r.own] > 0 && s.on(r.own, w) == 0
	case Attend:
		return s.attendChange(r, -1, w) > 0
	}
	return s.placed[r.own]+1 < r.limit
}
