package problem

import "slices"

// Patch makes c the list that another one becomes where some sites (gone, ascending) are taken out and some of these (add,
// ascending, with their costs as in Cost) put back. What comes back to a list that is not complete is listed where it was
// before or where it is cheaper than half of the list.
func (c *Class) Patch(old *Class, unary []int, gone, add []int32, cost []int64) {
	w := len(unary)
	*c = Class{Complete: old.Complete, Rest: old.Rest, Demand: old.Demand}
	c.Sites, c.Cost = make([]int32, 0, len(old.Sites)+len(add)), make([]int64, 0, len(old.Cost)+len(cost))
	moved := make([]int32, len(old.Sites)) // by old position: the new one, -1 where the site is gone
	next, skip, listed := 0, 0, 0
	put := func(until int32) { // what comes back from before a site
		for ; next < len(add) && add[next] < until; next++ {
			row := cost[next*w : next*w+w]
			if old.lists(add[next], row, w) {
				c.Sites, c.Cost = append(c.Sites, add[next]), append(c.Cost, row...)
				listed++
				continue
			}
			for j, t := range unary {
				c.Rest[t] = min(c.Rest[t], row[j])
			}
		}
	}
	for k, s := range old.Sites {
		put(s)
		for skip < len(gone) && gone[skip] < s {
			skip++
		}
		if moved[k] = -1; skip < len(gone) && gone[skip] == s {
			continue
		}
		moved[k] = int32(len(c.Sites))
		c.Sites, c.Cost = append(c.Sites, s), append(c.Cost, old.Cost[k*w:k*w+w]...)
	}
	put(int32(1<<31 - 1))
	if listed > 0 || old.order == nil {
		c.Sort(unary)
		return
	}
	c.least = old.least // which may be less than the least that is left
	for _, k := range old.order {
		if moved[k] >= 0 {
			c.order = append(c.order, moved[k])
		}
	}
}

// lists says whether a site that costs so much is listed.
func (c *Class) lists(site int32, row []int64, w int) bool {
	if _, found := slices.BinarySearch(c.Sites, site); c.Complete || found || len(c.order) == 0 {
		return true
	}
	return row[0] < c.Cost[int(c.order[len(c.order)/2])*w]
}
