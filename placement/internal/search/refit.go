package search

// refit takes out a few related items and puts them back in the best way.
func (x *Searcher) refit() {
	i := x.movable[x.r.IntN(len(x.movable))]
	items := x.withBundle(x.scratch[:0], i)
	if len(items) < mostOut {
		switch x.r.IntN(3) {
		case 0: // its neighbours
			items = x.addFrom(items, x.s.Site[i], mostOut)
		case 1: // those on a site that it would like
			items = x.addFrom(items, x.p.Classes[x.p.Class[i]].Sites[x.pick(i)], mostOut)
		default: // those that it talks to, and all of its paths
			items = x.p.Fellows(items, i, mostOut)
			for _, j := range x.s.Problem().Partners(i) {
				if len(items) < mostOut {
					items = x.withBundle(items, j)
				}
			}
			items = x.addFrom(items, x.p.Classes[x.p.Class[i]].Sites[x.pick(i)], mostOut-1)
		}
	}
	x.scratch = items
	x.insert.run(x, items, insertNodes+len(items), nil)
	x.note()
}

// admit tries to place an item that is left out: with its bundle and a few of those who run on a site that would take it.
func (x *Searcher) admit() {
	i := x.out.items[x.r.IntN(len(x.out.items))]
	class := x.p.Class[i]
	x.steps++
	if len(x.p.Classes[class].Sites) == 0 {
		return
	}
	items := x.p.Fellows(x.scratch[:0], i, mostOut)
	if len(items) > 0 && x.r.IntN(2) == 0 { // its path may have a place elsewhere
		for _, j := range items {
			items = x.withBundle(items, j)
		}
		x.scratch = items
		x.insertWhole(items)
		x.note()
		return
	}
	items = x.withBundle(items[:0], i)
	site := x.p.Classes[class].Sites[x.pick(i)]
	items = x.addFrom(items, site, len(items)+1+x.r.IntN(mostOut-1))
	x.scratch = items
	x.insert.run(x, items, insertNodes+len(items), nil)
	x.note()
}

// withBundle appends an item and all that only move with it.
func (x *Searcher) withBundle(items []int32, i int32) []int32 {
	for _, j := range x.bundles[x.bundle[i]] {
		items = appendNew(items, j)
	}
	return items
}

// addFrom appends items on a site with their bundles, up to so many items in all (a bundle is never cut).
func (x *Searcher) addFrom(items []int32, site int32, most int) []int32 {
	if site < 0 {
		return items
	}
	for range 2 * most {
		j := x.anyOn(site)
		if j < 0 || len(items) >= most {
			break
		}
		if len(items)+len(x.bundles[x.bundle[j]]) <= most {
			items = x.withBundle(items, j)
		}
	}
	return items
}

func appendNew(items []int32, i int32) []int32 {
	for _, j := range items {
		if i == j {
			return items
		}
	}
	return append(items, i)
}
