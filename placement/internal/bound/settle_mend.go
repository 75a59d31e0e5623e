package bound

import (
	"context"
	"math"
)

// mend places items that found no room, and those of groups that are not as they should be, by having one other make room.
func (t *settler) mend(ctx context.Context) {
	for k := range t.units {
		if ctx.Err() != nil {
			return
		}
		u := &t.units[k]
		broken := t.s.Broken > 0 && t.breaks(u)
		for _, i := range u.items {
			if broken && t.s.Broken > 0 || t.s.Pos(i) < 0 {
				t.makeRoom(i)
			}
		}
		t.seat(u, true)
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

// heal leaves out the fewest members of groups that are not as they should be, and puts those elsewhere for whom there is a
// place that groups allow.
func (t *settler) heal() {
	var left []int32
	t.s.Heal(func(i int32) {
		t.s.Put(i, -1)
		left = append(left, i)
	})
	for _, i := range left {
		if t.place(i); t.s.Broken > 0 {
			t.s.Put(i, -1)
		}
	}
}

// push is an item that made room for another, and where it stood.
type push struct{ item, from int32 }

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
	t.pushed = append(t.pushed, push{best[1], s.Pos(best[1])})
	s.Put(best[1], -1)
	s.Put(i, best[0])
	s.Put(best[1], best[2])
}
