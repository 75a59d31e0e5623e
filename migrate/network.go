package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// network is all that hops use only while they run: the two directions of each link, and places in the caps on how many
// moves run at once.
type network struct {
	index    map[lane]int32
	lanes    []lane
	capacity []int64
	needs    [][]use // per hop, of lanes; the caps first
}

// lane is one of these resources.
type lane struct {
	kind laneKind
	name string
	at   topology.NodeID // the end at which a direction of a link is entered
}

// laneKind says what a lane limits.
type laneKind int8

const (
	linkRate laneKind = iota // bit/s in one direction of a link
	linkMoves
	siteOut
	siteIn
	providerOut
	providerIn
	allMoves
	groupMoves // of a disruption budget
)

// newNetwork collects what the hops use. The capacity of a link is what the continuum says, or what a route says where
// the latency graph knows a link that the continuum does not.
func newNetwork(w *world, hops []*hop) *network {
	n := &network{index: make(map[lane]int32), needs: make([][]use, len(hops))}
	for i, h := range hops {
		n.hop(w, i, h)
	}
	return n
}

// hop collects what one hop uses.
func (n *network) hop(w *world, i int, h *hop) {
	n.caps(w, i, h)
	if h.rate == 0 {
		return
	}
	for _, step := range h.route.Hops {
		bandwidth := h.route.Bandwidth
		if l, ok := w.problem.Continuum.Link(step.Link); ok {
			bandwidth = l.Bandwidth
		}
		n.need(i, lane{linkRate, string(step.Link), step.From}, bandwidth, h.rate)
	}
}

// caps collects the places that a hop takes in the limits of moves at once.
func (n *network) caps(w *world, i int, h *hop) {
	from, to := w.sites[h.from], w.sites[h.to]
	place := func(kind laneKind, name string, most int) {
		if most > 0 {
			n.need(i, lane{kind: kind, name: name}, int64(most), 1)
		}
	}
	place(allMoves, "", w.opts.Moves)
	for _, g := range w.disrupted(h.work) {
		place(groupMoves, w.budgets[g].name, int(w.budgets[g].most))
	}
	place(providerOut, string(from.Provider), w.opts.ProviderMoves)
	place(providerIn, string(to.Provider), w.opts.ProviderMoves)
	place(siteOut, string(from.ID), w.opts.SiteMoves)
	place(siteIn, string(to.ID), w.opts.SiteMoves)
	if w.opts.LinkMoves > 0 && h.rate > 0 {
		for _, step := range h.route.Hops {
			place(linkMoves, string(step.Link), w.opts.LinkMoves)
		}
	}
}

// need books that a hop uses an amount of a lane while it runs.
func (n *network) need(hop int, l lane, capacity, amount int64) {
	id, ok := n.index[l]
	if !ok {
		id = int32(len(n.lanes))
		n.index[l] = id
		n.lanes = append(n.lanes, l)
		n.capacity = append(n.capacity, capacity)
	}
	n.needs[hop] = append(n.needs[hop], use{id, amount})
}

// name describes a lane for people.
func (n *network) name(lane int32) string {
	l, most := n.lanes[lane], n.capacity[lane]
	switch l.kind {
	case linkRate:
		return fmt.Sprintf("link %s from %s", l.name, l.at)
	case linkMoves:
		return fmt.Sprintf("the %d moves over %s at once", most, l.name)
	case siteIn, providerIn:
		return fmt.Sprintf("the %d moves that %s takes in at once", most, l.name)
	case siteOut, providerOut:
		return fmt.Sprintf("the %d moves that %s lets out at once", most, l.name)
	case groupMoves:
		return fmt.Sprintf("the %d moves at once of the disruption budget %s", most, l.name)
	default:
		return fmt.Sprintf("the %d moves at once", most)
	}
}
