package knapsack

// dive places items where the fillings of late have them most, climbing again in between, until all are placed or none of
// the rest fits. The first climb may take so many looks, those that follow fewer. Complete assignments on the way are
// noticed.
func (t *tree) dive(u []int64, first, looks int, ahead float64) {
	const agreed = 0.98 // where nearly all fillings have an item, waiting brings nothing
	v := t.v
	for !v.m.over() {
		c := newClimb(v, u)
		c.target, c.share, c.each = t.goal, t.share, t.notice
		c.run(first, ahead, 12)
		first, ahead, u = looks, unit, c.best
		i, s, _ := t.surest()
		if i < 0 {
			return
		}
		for n := v.m.items / 20; ; n-- {
			v.place(i, s)
			t.squeeze(s)
			var share float32
			if i, s, share = t.surest(); n <= 0 || i < 0 || share < agreed {
				break
			}
		}
	}
}

// surest returns the pair that the fillings of late have most; item -1 where no item that is left fits anywhere.
func (t *tree) surest() (item, site int32, share float32) {
	v := t.v
	item, share = -1, -1
	for s := range v.m.room {
		base := s * v.m.items
		for i, at := range v.at {
			if k := base + i; at < 0 && !v.off[k] && t.share[k] > share {
				item, site, share = int32(i), int32(s), t.share[k]
			}
		}
	}
	return item, site, share
}
