package problem

// Heal takes items out until Broken is 0: of each group that asks for more, the fewest members with which it asks for
// nothing, and of members that come to the same those by whose leaving the least breaks, the later of equals. leave takes
// an item out. What leaves one group may break another, so that it goes round until all are whole: O(members of all
// groups) a round, and a round only where the one before broke something.
func (s *State) Heal(leave func(i int32)) {
	h := healer{s: s, leave: leave, on: make(map[int32]int32)}
	for s.Broken != 0 {
		for k := range s.p.Groups {
			h.heal(&s.p.Groups[k])
		}
	}
}

type healer struct {
	s     *State
	leave func(i int32)
	on    map[int32]int32 // scratch: by part, who may stay there
}

func (h *healer) heal(g *Group) {
	switch g.Kind {
	case Spread:
		h.spread(g)
	case Attend:
		h.attend(g)
	case Gang:
		h.gang(g)
	}
}

// spread leaves one member on each part where there are fewer parts than are asked for: of two on one part, one alone
// would have to stand on another.
func (h *healer) spread(g *Group) {
	clear(h.on)
	placed, of := int32(0), h.s.p.Domains[g.Domain].Of
	for _, i := range g.Members {
		site := h.s.Site[i]
		if site < 0 {
			continue
		}
		placed++
		if stays, taken := h.on[of[site]]; !taken || h.s.loose(i, site, -1) > h.s.loose(stays, h.s.Site[stays], -1) {
			h.on[of[site]] = i
		}
	}
	if min(g.Limit, placed) <= int32(len(h.on)) {
		return
	}
	for _, i := range g.Members {
		if site := h.s.Site[i]; site >= 0 && h.on[of[site]] != i {
			h.leave(i)
		}
	}
}

// attend takes out the members that nobody they need is with.
func (h *healer) attend(g *Group) {
	clear(h.on)
	of := h.s.p.Domains[g.Domain].Of
	for _, i := range g.With {
		if site := h.s.Site[i]; site >= 0 {
			h.on[of[site]] = i
		}
	}
	for _, i := range g.Members {
		if site := h.s.Site[i]; site >= 0 {
			if _, met := h.on[of[site]]; !met {
				h.leave(i)
			}
		}
	}
}

// gang takes out all members where one is out.
func (h *healer) gang(g *Group) {
	for _, i := range g.Members {
		if h.s.Site[i] >= 0 {
			continue
		}
		for _, j := range g.Members {
			if h.s.Site[j] >= 0 {
				h.leave(j)
			}
		}
		return
	}
}
