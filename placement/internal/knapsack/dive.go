package knapsack

import "context"

// dive places items one after the other where the fillings of late have them most, climbing again in between, until all
// are placed or none of the rest fits.
func (t *tree) dive(ctx context.Context, u []int64, looks, first int, ahead float64) {
	v := t.v
	n := first
	for range v.m.items {
		c := newClimb(v, u)
		c.target = t.goal
		c.share = t.share
		c.each = t.notice
		c.run(ctx, n, ahead, 12)
		n = looks
		ahead = 1 << Bits
		u = c.best
		done := 0
		for {
			i, s, x := t.surest()
			if i < 0 {
				if done == 0 {
					return
				}
				break
			}
			if done > 0 && x < 0.98 {
				break
			}
			v.place(i, s)
			done++
			if done > 1+v.m.items/20 {
				break
			}
		}
	}
}

func (t *tree) surest() (item, site int32, best float32) {
	v := t.v
	item, best = int32(-1), float32(-1)
	for s := range v.m.room {
		base := s * v.m.items
		for i := range v.at {
			k := base + i
			if v.at[i] >= 0 || v.off[k] || v.m.weight[k] > v.room[s] {
				continue
			}
			if t.share[k] > best {
				item, site, best = int32(i), int32(s), t.share[k]
			}
		}
	}
	return item, site, best
}
