package bound

import "math"

// mend places items that found no room, and those of groups that are not as they should be, by having one other make room.
func (t *settler) mend() {
	for k := range t.units {
		u := &t.units[k]
		broken := t.s.Broken > 0 && t.breaks(u)
		for _, i := range u.items {
			if broken && t.s.Broken > 0 || t.s.Pos(i) < 0 {
				t.makeRoom(i)
			}
		}
	}
}

// breaks says whether groups of a unit are not as they should be.
func (t *settler) breaks(u *unit) bool {
	broken := t.s.Broken
	t.takeOut(u)
	less := t.s.Broken < broken
	t.putBack(u)
	return less
}

// heal leaves out what no place was found for that groups allow. It says whether nothing is broken then.
func (t *settler) heal() bool {
	for before := int64(-1); t.s.Broken > 0 && t.s.Broken != before; {
		before = t.s.Broken
		for k := range t.units {
			if u := &t.units[k]; t.s.Broken > 0 && t.breaks(u) {
				t.takeOut(u)
				t.putWhole(u)
			}
		}
	}
	return t.s.Broken == 0
}

// putWhole puts back those items of a unit that break nothing.
func (t *settler) putWhole(u *unit) {
	for j, i := range u.items {
		if pos := t.was[j]; pos >= 0 && t.s.Fits(i, pos) && t.s.Loose(i, pos) <= 0 {
			t.s.Put(i, pos)
		}
	}
}

// mostTries is how many items are asked to make room for one.
const mostTries = 1000

// makeRoom puts an item where another one makes room for it: where that costs least, if there is such a place.
func (t *settler) makeRoom(i int32) {
	s, class := t.s, &t.p.Classes[t.p.Class[i]]
	was, broken, value := s.Pos(i), s.Broken, s.Value
	s.Put(i, -1)
	var best [3]int32 // position, other item, its position
	least, tries := math.Inf(1), mostTries
	for pos := int32(0); int(pos) < len(class.Sites) && tries > 0; pos++ {
		if s.Loose(i, pos) > 0 {
			continue
		}
		t.there = t.there[:0]
		for j := s.First(class.Sites[pos]); j >= 0; j = s.Next(j) {
			t.there = append(t.there, j)
		}
		for _, j := range t.there {
			tries--
			from := s.Pos(j)
			s.Put(j, -1)
			if s.Fits(i, pos) && s.Loose(i, pos) <= 0 {
				s.Put(i, pos)
				t.place(j)
				x := float64(s.Value[t.tier])
				if s.Pos(j) >= 0 && x < least && (s.Broken < broken || was < 0 && s.Broken == broken && s.Value[0] < value[0]) {
					least, best = x, [3]int32{pos, j, s.Pos(j)}
				}
				s.Put(j, -1)
				s.Put(i, -1)
			}
			s.Put(j, from)
		}
	}
	if math.IsInf(least, 1) {
		s.Put(i, was)
		return
	}
	s.Put(best[1], -1)
	s.Put(i, best[0])
	s.Put(best[1], best[2])
}
