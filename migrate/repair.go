package migrate

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// repairer shortens a timetable to a limit by moving single hops. Those that end too late are taken out; each is put back
// where it drives out the others that are easiest to place, which are then put back in the same way (guided ejection
// search: Nagata and Bräysy, "A powerful route minimization heuristic for the vehicle routing problem with time windows",
// Operations Research Letters 2009). A step looks only at hops with which one shares something scarce, not at all of them.
type repairer struct {
	*scheduler
	rng          *rand.Rand
	heads, tails []topology.Micros
	limit        topology.Micros
	scarce       *scarcity
	start, end   []topology.Micros
	placed       []bool
	fixed        []bool  // runs at the start of the plan, and so stays
	out          []int32 // not placed
	weight       []int64 // how often a hop could only be placed by driving others out
	ousted       []bool  // scratch: in the ousting that is being tried
}

// mostStarts is how many starts are tried for one hop; more are drawn from.
const mostStarts = 24

func (s *scheduler) repairer(rng *rand.Rand, ends [2][]topology.Micros) *repairer {
	n := len(s.hops)
	r := &repairer{
		scheduler: s, rng: rng, heads: ends[0], tails: ends[1], scarce: s.scarcity(),
		start: make([]topology.Micros, n), end: make([]topology.Micros, n), placed: make([]bool, n), fixed: make([]bool, n),
		weight: make([]int64, n), ousted: make([]bool, n),
	}
	s.steps += 16 * n
	return r
}

// repair returns a timing that ends within a limit, or nil where none is found in so many steps.
func (r *repairer) repair(from *timing, limit topology.Micros, steps int) *timing {
	r.load(from, limit)
	stuck := 0 // tries in a row that would have driven out too many
	for most := r.steps + steps; len(r.out) > 0; {
		if r.steps > most {
			return nil
		}
		last := len(r.out) - 1
		if stuck > 0 { // another one then
			i := r.rng.IntN(last + 1)
			r.out[i], r.out[last] = r.out[last], r.out[i]
		}
		hop := r.out[last]
		at, oust, ok := r.bestStart(hop)
		if !ok {
			return nil
		}
		if len(oust) > 1+stuck/4 {
			stuck++
			r.weight[hop]++
			continue
		}
		stuck = 0
		r.out = r.out[:last]
		for _, other := range oust {
			r.remove(other)
			r.out = append(r.out, other)
		}
		r.put(hop, at)
		if len(oust) > 0 {
			r.weight[hop]++
			r.shuffle()
		}
	}
	return r.timing()
}

// load takes a timing over, but for what ends too late.
func (r *repairer) load(t *timing, limit topology.Micros) {
	r.limit = limit
	r.out = r.out[:0]
	r.scarce.clear()
	r.steps += 8 * len(r.hops)
	for i := range r.hops {
		hop := int32(i)
		r.weight[i] = 1
		r.fixed[i] = r.hops[i].left > 0
		r.placed[i] = false
		if !r.fixed[i] && t.end[i]+r.tails[i] > limit {
			r.out = append(r.out, hop)
			continue
		}
		r.start[i], r.end[i] = t.start[i], t.end[i]
		r.placed[i] = true
		r.scarce.add(hop)
	}
	// What the taking out of others has left without room goes too.
	for changed := true; changed; {
		changed = false
		for i := range r.hops {
			hop := int32(i)
			if r.placed[i] && !r.fixed[i] && r.lacksRoom(hop) {
				r.remove(hop)
				r.out = append(r.out, hop)
				changed = true
			}
		}
	}
	slices.SortFunc(r.out, func(a, b int32) int {
		return cmp.Or(cmp.Compare(r.hops[a].rest(), r.hops[b].rest()), cmp.Compare(a, b))
	})
}

// lacksRoom says whether a stock that a placed hop takes is overdrawn.
func (r *repairer) lacksRoom(hop int32) bool {
	for _, u := range r.scarce.takes[hop] {
		if _, short := r.overdrawn(u.stock, -1, 0); short {
			return true
		}
	}
	return false
}

func (r *repairer) put(hop int32, at topology.Micros) {
	r.start[hop], r.end[hop] = at, at+r.hops[hop].rest()
	r.placed[hop] = true
	r.scarce.add(hop)
}

func (r *repairer) remove(hop int32) {
	r.placed[hop] = false
	r.scarce.remove(hop)
}

// bestStart returns when a hop is to start and whom that drives out: those with the least sum of weights.
func (r *repairer) bestStart(hop int32) (topology.Micros, []int32, bool) {
	var bestAt topology.Micros
	var best []int32
	least, ties := int64(-1), 0
	for _, at := range r.starts(hop) {
		oust, cost, ok := r.ousting(hop, at, least)
		if !ok {
			continue
		}
		switch {
		case least < 0 || cost < least:
			ties = 1
		case cost == least:
			if ties++; r.rng.IntN(ties) > 0 {
				continue
			}
		}
		bestAt, best, least = at, oust, cost
		if cost == 0 {
			break
		}
	}
	return bestAt, best, least >= 0
}

// starts returns starts that are worth a try, in random order: one of the ends of its window, or where a hop with which it
// shares something scarce ends or begins.
func (r *repairer) starts(hop int32) []topology.Micros {
	time := r.hops[hop].rest()
	first, last := r.heads[hop], r.limit-r.tails[hop]-time
	out := []topology.Micros{first, last}
	for _, u := range r.scarce.needs[hop] {
		for _, other := range r.scarce.onLane[u.stock] {
			out = append(out, r.end[other], r.start[other]-time)
		}
	}
	for _, u := range r.scarce.takes[hop] {
		for _, t := range r.scarce.onStock[u.stock] {
			if t.amount > 0 {
				out = append(out, r.end[t.hop])
			}
		}
	}
	for _, u := range r.scarce.gives[hop] {
		for _, t := range r.scarce.onStock[u.stock] {
			if t.amount < 0 {
				out = append(out, r.start[t.hop]-time)
			}
		}
	}
	for _, other := range r.before[hop] {
		out = append(out, r.end[other])
	}
	r.steps += len(out)
	out = slices.DeleteFunc(out, func(at topology.Micros) bool { return at < first || at > last })
	if r.open != nil {
		for i, at := range out {
			out[i] = r.open(hop, at)
		}
		out = slices.DeleteFunc(out, func(at topology.Micros) bool { return at > last })
	}
	slices.Sort(out)
	out = slices.Compact(out)
	r.rng.Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	return out[:min(len(out), mostStarts)]
}

// shuffle moves some hops to where they drive nobody out, so that the search does not repeat itself.
func (r *repairer) shuffle() {
	for range 4 {
		hop := int32(r.rng.IntN(len(r.hops)))
		if !r.placed[hop] || r.fixed[hop] {
			continue
		}
		was := r.start[hop]
		r.remove(hop)
		moved := was
		// While it is away, those who need the room that it gives must still have it: so only starts that drive nobody out.
		for _, at := range r.starts(hop) {
			if _, cost, ok := r.ousting(hop, at, 0); ok && cost == 0 {
				moved = at
				break
			}
		}
		r.put(hop, moved)
	}
}

// timing returns what has been found.
func (r *repairer) timing() *timing {
	t := &timing{start: slices.Clone(r.start), end: slices.Clone(r.end), order: make([]int32, len(r.hops))}
	for i := range t.order {
		t.order[i] = int32(i)
		t.makespan = max(t.makespan, t.end[i])
	}
	slices.SortStableFunc(t.order, func(a, b int32) int { return cmp.Compare(t.start[a], t.start[b]) })
	return t
}
