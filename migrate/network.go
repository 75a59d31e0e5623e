package migrate

import (
	"fmt"

	"github.com/domicile-eu/domicile/topology"
)

// network is all that hops use only while they run: the two directions of each link, and the moves that a site takes in
// and lets out at once.
type network struct {
	index    map[lane]int32
	lanes    []lane
	capacity []int64
	needs    [][]use // per hop, of lanes
}

// lane is one of these resources. A link is entered at its end "at"; for a cap, link is empty and at is the site.
type lane struct {
	link topology.LinkID
	at   topology.NodeID
	in   bool
}

// newNetwork collects what the hops use. The capacity of a link is what the continuum says, or what a route says where
// the latency graph knows a link that the continuum does not.
func newNetwork(w *world, hops []*hop) *network {
	n := &network{index: make(map[lane]int32), needs: make([][]use, len(hops))}
	for i, h := range hops {
		n.need(i, lane{at: w.sites[h.from].ID.Node()}, int64(w.opts.SiteMoves), 1)
		n.need(i, lane{at: w.sites[h.to].ID.Node(), in: true}, int64(w.opts.SiteMoves), 1)
		if h.rate == 0 {
			continue
		}
		for _, step := range h.route.Hops {
			bandwidth := h.route.Bandwidth
			if l, ok := w.problem.Continuum.Link(step.Link); ok {
				bandwidth = l.Bandwidth
			}
			n.need(i, lane{link: step.Link, at: step.From}, bandwidth, h.rate)
		}
	}
	return n
}

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
	switch l := n.lanes[lane]; {
	case l.link != "":
		return fmt.Sprintf("link %s from %s", l.link, l.at)
	case l.in:
		return fmt.Sprintf("the %d moves that %s takes in at once", n.capacity[lane], l.at)
	default:
		return fmt.Sprintf("the %d moves that %s lets out at once", n.capacity[lane], l.at)
	}
}
