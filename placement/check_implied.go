package placement

import "github.com/domicile-eu/domicile/topology"

// checkReach is what a bound may take for granted about each workload: the sites that it can be on in any assignment
// that breaks nothing. Unary constraints say most of it; the rest follows from constraints over several workloads.
//
// Only where workloads are interchangeable (equal but for their ID, and running in the same place) is there a choice in
// it: if of n such at most q can be placed, the last n - q of them are taken for those left out.
type checkReach map[*checkItem]map[*topology.Site]bool

// reach works out the sites of all workloads that stand in constraints over several, until nothing more follows.
func (c *checker) reach(sites []*topology.Site) (checkReach, error) {
	r := make(checkReach)
	for _, set := range c.sets {
		for _, list := range [][]*checkItem{set.items, set.with} {
			for _, it := range list {
				if r[it] != nil {
					continue
				}
				able, err := c.able(it, sites)
				if err != nil {
					return nil, err
				}
				r[it] = make(map[*topology.Site]bool, len(able))
				for _, s := range able {
					r[it][s] = true
				}
			}
		}
	}
	for again := true; again; {
		again = false
		for _, set := range c.sets {
			again = r.follow(set) || again
		}
	}
	return r, nil
}

// follow draws the conclusions from one constraint and says whether there were new ones.
func (r checkReach) follow(set *checkSet) (news bool) {
	switch k := set.constraint.(type) {
	case Affinity:
		if len(k.With) == 0 {
			return false
		}
		homes := r.values(set.with, k.Over)
		for _, it := range set.items {
			for s := range r[it] {
				if !homes[k.Over.valueOf(s)] {
					delete(r[it], s)
					news = true
				}
			}
		}
	case Spread:
		// With fewer values in reach than are wanted, each of them can hold one at most.
		if room := len(r.values(set.items, k.Over)); room < k.AtLeast {
			return r.leave(set.items, room)
		}
	case Conflict:
		return r.leave(set.items, k.AtMost*len(r.values(set.items, k.Over)))
	case Gang:
		for _, it := range set.items {
			if len(r[it]) == 0 {
				return r.leave(set.items, 0)
			}
		}
	}
	return news
}

// values returns the values of a domain that any of the workloads can be on.
func (r checkReach) values(items []*checkItem, over Domain) map[checkValue]bool {
	values := make(map[checkValue]bool)
	for _, it := range items {
		for s := range r[it] {
			values[over.valueOf(s)] = true
		}
	}
	return values
}

// leave keeps the sites of only so many workloads, if those that have any are interchangeable or none may keep them.
func (r checkReach) leave(items []*checkItem, room int) (news bool) {
	var live []*checkItem // in order of the application, like the replicas
	for _, it := range items {
		if len(r[it]) > 0 {
			live = append(live, it)
		}
	}
	if room >= len(live) {
		return false
	}
	for _, it := range live {
		if room > 0 && (it.class != live[0].class || it.current != live[0].current) {
			return false
		}
	}
	for _, it := range live[room:] {
		clear(r[it])
	}
	return true
}
