package estimate

import (
	"cmp"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Misplaced returns places whose coordinates cannot be right, in order of ID: the fewest without whose coordinates no
// measured pair is faster than light in fibre along the great circle. Of equally small sets it prefers places in more such
// pairs, then those whose other pairs come nearer to that speed, then lesser IDs. Observations of unknown or unlocated places
// are passed over.
//
// The fewest are a vertex cover, which is found exactly where a search of 100,000 steps settles it, as it does for dozens of
// misplaced places; else the answer may hold a few more than needed. O(observations) besides.
func Misplaced(places []Place, observations []latency.Observation) []topology.NodeID {
	w := &world{n: len(places)}
	places = slices.Clone(places)
	slices.SortFunc(places, func(p, q Place) int { return cmp.Compare(p.ID, q.ID) })
	index := make(map[topology.NodeID]int32, len(places))
	for i, p := range places {
		index[p.ID] = int32(i)
		w.where = append(w.where, p.Location)
	}
	for _, o := range observations {
		a, okA := index[o.A]
		b, okB := index[o.B]
		if okA && okB && a != b {
			w.pairs = append(w.pairs, pair{a: min(a, b), b: max(a, b), rtt: float64(o.RTT.P50) / 1000})
		}
	}
	var out []topology.NodeID
	for _, i := range w.misplaced() {
		out = append(out, places[i].ID)
	}
	return out
}

// misplaced returns the places by index, ascending.
func (w *world) misplaced() []int32 {
	c := &cover{near: map[int32]map[int32]bool{}, ratio: make([]float64, w.n), steps: mostCoverSteps}
	ratios := make([][]float64, w.n)
	for _, p := range w.pairs {
		if !w.located(p.a, p.b) {
			continue
		}
		floor := w.distance(p.a, p.b) * microsPerKm / 1000
		ratio := p.rtt / max(floor, leastRTT)
		ratios[p.a], ratios[p.b] = append(ratios[p.a], ratio), append(ratios[p.b], ratio)
		if p.rtt < floor {
			c.link(p.a, p.b)
			c.link(p.b, p.a)
		}
	}
	for i, r := range ratios {
		c.ratio[i] = median(r)
	}
	c.search(nil)
	out := slices.Clone(c.best)
	slices.Sort(out)
	return out
}

// cover looks for the fewest nodes that touch all edges of what is left of a graph, by branch and bound.
type cover struct {
	near  map[int32]map[int32]bool
	ratio []float64 // the tie-break, by node
	best  []int32
	found bool
	steps int
}

const mostCoverSteps = 100_000

func (c *cover) link(a, b int32) {
	if c.near[a] == nil {
		c.near[a] = map[int32]bool{}
	}
	c.near[a][b] = true
}

// search extends a choice. The first way down is the greedy one, and only smaller sets replace what it finds.
func (c *cover) search(chosen []int32) {
	node, degree := c.busiest()
	if degree == 0 {
		if !c.found || len(chosen) < len(c.best) {
			c.best, c.found = slices.Clone(chosen), true
		}
		return
	}
	if c.steps--; c.found && (c.steps < 0 || len(chosen)+c.least() >= len(c.best)) {
		return
	}
	undo := c.take(node)
	c.search(append(slices.Clone(chosen), node))
	undo()
	if degree == 1 {
		return // the other end covers no more
	}
	others := sortedKeys(c.near[node])
	undos := make([]func(), 0, len(others))
	for _, o := range others {
		undos = append(undos, c.take(o))
	}
	c.search(append(slices.Clone(chosen), others...))
	for i := len(undos) - 1; i >= 0; i-- {
		undos[i]()
	}
}

// busiest returns the node in most edges.
func (c *cover) busiest() (node int32, degree int) {
	for i, others := range c.near {
		better := cmp.Or(cmp.Compare(len(others), degree), cmp.Compare(c.ratio[node], c.ratio[i]), cmp.Compare(node, i))
		if len(others) > 0 && better > 0 {
			node, degree = i, len(others)
		}
	}
	return node, degree
}

// take removes a node and its edges, and returns what puts them back.
func (c *cover) take(node int32) (undo func()) {
	others := c.near[node]
	c.near[node] = nil
	for o := range others {
		delete(c.near[o], node)
	}
	return func() {
		for o := range others {
			c.near[o][node] = true
		}
		c.near[node] = others
	}
}

// least bounds how many more nodes are needed from below: edges that share no node each need one.
func (c *cover) least() int {
	used := map[int32]bool{}
	count := 0
	for _, i := range sortedKeys(c.near) {
		if used[i] {
			continue
		}
		for _, o := range sortedKeys(c.near[i]) {
			if !used[o] {
				used[i], used[o] = true, true
				count++
				break
			}
		}
	}
	return count
}

func sortedKeys[V any](m map[int32]V) []int32 {
	out := make([]int32, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
