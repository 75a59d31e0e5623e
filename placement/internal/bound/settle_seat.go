package bound

import (
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// mostLooks is how many sites are looked at for those that come next when a unit is seated, and mostBans how often it is
// begun anew without the sites from where there was no way on.
const (
	mostLooks = 100_000
	mostBans  = 6
)

// seat places a unit anew of which something is left out, if more finds a place so: those that are left out first and then
// along flows, and each where those that it has flows with find places as well. Otherwise the first may go where nothing
// can follow it, as on a site to which no flow of restricted data leads. Where push is set, others make room.
func (t *settler) seat(u *unit, push bool) {
	order := t.fromOut(u)
	if order == nil {
		return
	}
	before, broken, tolls, outer := t.s.Value, t.s.Broken, t.tolls(u), slices.Clone(t.was) // again needs its own
	t.takeOut(u)
	was := slices.Clone(t.was)
	t.pushed, t.banned, t.looks = t.pushed[:0], t.banned[:0], mostLooks
	for n := 0; !t.line(order, push, n == mostBans); n++ {
		t.takeOut(u)
	}
	for _, i := range order {
		t.place(i)
	}
	if !t.better(&before, tolls, broken, t.tolls(u)) {
		t.unseat(u, was)
	}
	t.was = append(t.was[:0], outer...)
}

// line places items one after the other. Where one finds no place, it bans the sites of those that it has flows with and
// returns false, unless it is to go on.
func (t *settler) line(order []int32, push, on bool) bool {
	for _, i := range order {
		if t.placeAhead(i); push && t.s.Pos(i) < 0 {
			t.makeRoom(i)
		}
		if t.s.Pos(i) >= 0 || on || !t.confined(i) {
			continue
		}
		bans := len(t.banned)
		for _, j := range t.p.Partners(i) {
			if site := t.s.Site[j]; site >= 0 && !slices.Contains(t.banned, site) {
				t.banned = append(t.banned, site)
			}
		}
		if len(t.banned) > bans {
			return false
		}
	}
	return true
}

// confined says whether there is room for an item that is out, though not where it may go as things stand.
func (t *settler) confined(i int32) bool {
	return slices.ContainsFunc(t.p.Classes[t.p.Class[i]].Sites, func(site int32) bool {
		return t.s.Refuse(i, site)&problem.NoRoom == 0
	})
}

// unseat puts a unit, and those who made room for it, back where they were.
func (t *settler) unseat(u *unit, was []int32) {
	for _, o := range t.pushed {
		t.s.Put(o.item, -1)
	}
	t.takeOut(u)
	t.was = append(t.was[:0], was...)
	t.putBack(u)
	for _, o := range t.pushed {
		if t.s.Pos(o.item) < 0 && !slices.Contains(u.items, o.item) { // it was pushed for the first time
			t.s.Put(o.item, o.from)
		}
	}
}

// fromOut lists the items of a unit: those that are left out though they have sites, then those that flows join to them, and
// so on, then the rest; nil where none is left out.
func (t *settler) fromOut(u *unit) (order []int32) {
	for _, i := range u.items {
		if t.s.Pos(i) < 0 && len(t.p.Classes[t.p.Class[i]].Sites) > 0 {
			order = append(order, i)
		}
	}
	if order == nil {
		return nil
	}
	waits := make(map[int32]bool, len(u.items))
	for _, i := range u.items {
		waits[i] = true
	}
	for _, i := range order {
		delete(waits, i)
	}
	for k := 0; k < len(order); k++ {
		for _, j := range t.p.Partners(order[k]) {
			if waits[j] {
				order = append(order, j)
				delete(waits, j)
			}
		}
	}
	for _, i := range u.items {
		if waits[i] {
			order = append(order, i)
		}
	}
	return order
}

// placeAhead is place with an eye on those that come next.
func (t *settler) placeAhead(i int32) {
	t.ahead = true
	t.place(i)
	t.ahead = false
	if t.s.Pos(i) < 0 {
		t.place(i)
	}
}

// leadsNowhere says whether those that an item has flows with would find no place, as far as is known.
func (t *settler) leadsNowhere(i, pos int32) bool {
	return slices.Contains(t.banned, t.p.Classes[t.p.Class[i]].Sites[pos]) || t.s.Strands(i, pos, &t.looks)
}
