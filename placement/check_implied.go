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
	*checkGrid
	domains map[Domain]*checkParts
	// out are workloads that are left out: all of a kin that no site is left for, and if of n interchangeable ones at most
	// q can be placed, the last n - q.
	out map[*checkItem]bool
}

// checkParts is the values of a domain by number.
type checkParts struct {
	of    []int32 // by site
	sites []checkBits
}

// reach works out the sites of all workloads, until nothing more follows.
func (c *checker) reach() (*checkReach, error) {
	g, err := c.newGrid()
	if err != nil {
		return nil, err
	}
	r := &checkReach{checkGrid: g, domains: make(map[Domain]*checkParts), out: make(map[*checkItem]bool)}
	for again := true; again; {
		again = false
		for _, set := range c.sets {
			again = r.follow(set) || again
		}
		if err := c.ctx.Err(); err != nil {
			return nil, err
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
		homes := newCheckBits(len(r.sites))
		for v := range r.values(set.with, k.Over, len(r.sites)) {
			homes.join(r.parts(k.Over).sites[v])
		}
		for kin := range kinsOf(set.items) {
			able := r.able[r.of[kin]]
			before := able.count()
			able.keep(homes)
			news = news || able.count() < before
		}
	case Spread:
		// With fewer values in reach than are wanted, each of them can hold one at most.
		if room := len(r.values(set.items, k.Over, k.AtLeast)); room < k.AtLeast {
			return r.leave(set.items, room)
		}
	case Conflict:
		most := min(k.AtMost, len(set.items))
		return r.leave(set.items, most*len(r.values(set.items, k.Over, len(set.items))))
	case Gang:
		if slices.ContainsFunc(set.items, func(it *checkItem) bool { return !r.live(it) }) {
			return r.leave(set.items, 0)
		}
	}
	return news
}

// live says whether a workload may be placed, for all that is known.
func (r *checkReach) live(it *checkItem) bool { return !r.out[it] && !r.able[r.of[kinOf(it)]].empty() }

// parts returns the values of a domain by number.
func (r *checkReach) parts(over Domain) *checkParts {
	if p, ok := r.domains[over]; ok {
		return p
	}
	p, numbers := &checkParts{}, make(map[checkValue]int32)
	for at, s := range r.sites {
		value := over.valueOf(s)
		n, ok := numbers[value]
		if !ok {
			n = int32(len(p.sites))
			numbers[value] = n
			p.sites = append(p.sites, newCheckBits(len(r.sites)))
		}
		p.of = append(p.of, n)
		p.sites[n].add(int32(at))
	}
	r.domains[over] = p
	return p
}

// values returns the values of a domain that any of the workloads can be on; no more than enough of them.
func (r *checkReach) values(items []*checkItem, over Domain, enough int) map[int32]bool {
	values, parts := make(map[int32]bool), r.parts(over)
	done := make(map[checkKin]bool)
	for _, it := range items {
		if !r.live(it) || done[kinOf(it)] {
			continue
		}
		done[kinOf(it)] = true
		last := int32(-1)
		for at := range r.able[r.of[kinOf(it)]].all {
			if v := parts.of[at]; v != last {
				values[v], last = true, v
			}
			if len(values) >= enough {
				return values
			}
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
