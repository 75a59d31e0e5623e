package placement

import (
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// checkKin is workloads that are interchangeable: equal but for their ID, and running in the same place. Swapping two of
// them in an assignment changes nothing, so that it may be assumed of any assignment which of them are left out.
type checkKin struct {
	class   *checkClass
	current *topology.Site
}

func kinOf(it *checkItem) checkKin { return checkKin{it.class, it.current} }

// checkReach is what a bound may take for granted about each workload: the sites that it can be on in any assignment
// that breaks nothing. Unary constraints say most of it; the rest follows from constraints over several workloads.
type checkReach struct {
	sites map[checkKin][]*topology.Site
	// out are workloads that are left out: all of a kin that no site is left for, and if of n interchangeable ones at most
	// q can be placed, the last n - q.
	out map[*checkItem]bool
}

// reach works out the sites of all workloads, until nothing more follows.
func (c *checker) reach(sites []*topology.Site) (*checkReach, error) {
	r := &checkReach{sites: make(map[checkKin][]*topology.Site), out: make(map[*checkItem]bool)}
	for _, it := range c.items {
		if _, known := r.sites[kinOf(it)]; known {
			continue
		}
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		able, err := c.able(it, sites)
		if err != nil {
			return nil, err
		}
		r.sites[kinOf(it)] = able
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
func (r *checkReach) follow(set *checkSet) (news bool) {
	switch k := set.constraint.(type) {
	case Affinity:
		if len(set.with) == 0 {
			return false
		}
		homes := r.values(set.with, k.Over)
		for kin := range kinsOf(set.items) {
			near := slices.DeleteFunc(slices.Clone(r.sites[kin]), func(s *topology.Site) bool { return !homes[k.Over.valueOf(s)] })
			news = news || len(near) < len(r.sites[kin])
			r.sites[kin] = near
		}
	case Spread:
		// With fewer values in reach than are wanted, each of them can hold one at most.
		if room := len(r.values(set.items, k.Over)); room < k.AtLeast {
			return r.leave(set.items, room)
		}
	case Conflict:
		return r.leave(set.items, min(k.AtMost, len(set.items))*len(r.values(set.items, k.Over)))
	case Gang:
		if slices.ContainsFunc(set.items, func(it *checkItem) bool { return !r.live(it) }) {
			return r.leave(set.items, 0)
		}
	}
	return news
}

// live says whether a workload may be placed, for all that is known.
func (r *checkReach) live(it *checkItem) bool { return !r.out[it] && len(r.sites[kinOf(it)]) > 0 }

// values returns the values of a domain that any of the workloads can be on.
func (r *checkReach) values(items []*checkItem, over Domain) map[checkValue]bool {
	values := make(map[checkValue]bool)
	done := make(map[checkKin]bool)
	for _, it := range items {
		if !r.live(it) || done[kinOf(it)] {
			continue
		}
		done[kinOf(it)] = true
		for _, s := range r.sites[kinOf(it)] {
			values[over.valueOf(s)] = true
		}
	}
	return values
}

// leave keeps only so many workloads, if those that may be placed are interchangeable or none may stay.
func (r *checkReach) leave(items []*checkItem, room int) (news bool) {
	var live []*checkItem // in order of the application, like the replicas
	for _, it := range items {
		if r.live(it) {
			live = append(live, it)
		}
	}
	if room >= len(live) || room > 0 && len(kinsOf(live)) > 1 {
		return false
	}
	for _, it := range live[room:] {
		r.out[it] = true
	}
	return true
}

func kinsOf(items []*checkItem) map[checkKin]bool {
	kins := make(map[checkKin]bool)
	for _, it := range items {
		kins[kinOf(it)] = true
	}
	return kins
}
