package placement

import (
	"container/heap"
	"math"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// nearby is how many nodes around a site setSending looks at: more are further away than most neighbours.
const nearby = 64

// setSending finds what one GB at least costs from each site to any other, and to one of another provider: the
// cheapest way there is over links, whatever the latencies say, and for the latter the site's own price. Sites between which
// there is no route may be joined by an observation, which costs nothing, and so all ways count as free then.
func (c *compiled) setSending() {
	n := len(c.sites)
	c.out.Leaving, c.out.Sending = make([]int64, n), make([]int64, n)
	net := c.network()
	for k, s := range c.sites {
		near, far := int64(0), int64(0)
		if net != nil {
			near, far = net.around(c, int32(k))
		}
		c.out.Sending[k] = int64(s.Egress)
		if far <= math.MaxInt64-int64(s.Egress) {
			c.out.Sending[k] += far
		}
		c.out.Leaving[k] = min(near, c.out.Sending[k])
	}
}

// network is the links as a graph of prices.
type network struct {
	number map[topology.NodeID]int32
	out    [][]priced // by node
	site   []int32    // by node; -1: not a site
	best   []int64    // scratch, by node; -1: not reached
	marked []int32
}

type priced struct {
	node  int32
	price int64
}

// network builds the graph; nil where some sites have no route between them.
func (c *compiled) network() *network {
	if len(c.sites) == 0 {
		return nil
	}
	first := c.sites[0].ID.Node()
	row := c.graph.Row(first, latency.Transit{})
	for _, s := range c.sites[1:] {
		leg, ok := row.Leg(s.ID.Node())
		if ok && (leg.Observed || leg.Estimated) {
			_, ok = c.graph.Route(first, s.ID.Node(), latency.Transit{})
		}
		if !ok {
			return nil
		}
	}
	net := &network{number: make(map[topology.NodeID]int32)}
	for l := range c.graph.Continuum().Links() {
		a, b := net.node(l.A), net.node(l.B)
		price := max(0, int64(l.Egress))
		net.out[a] = append(net.out[a], priced{b, price})
		net.out[b] = append(net.out[b], priced{a, price})
	}
	for k, s := range c.sites {
		net.site[net.node(s.ID.Node())] = int32(k)
	}
	return net
}

func (net *network) node(id topology.NodeID) int32 {
	k, ok := net.number[id]
	if !ok {
		k = int32(len(net.out))
		net.number[id] = k
		net.out, net.site, net.best = append(net.out, nil), append(net.site, -1), append(net.best, -1)
	}
	return k
}

// around searches from a site by price (Dijkstra) until it has met both kinds of sites or enough nodes.
func (net *network) around(c *compiled, site int32) (near, far int64) {
	const unmet = -1
	near, far = unmet, unmet
	start := net.number[c.sites[site].ID.Node()]
	h := &pricedHeap{{start, 0}}
	defer func() {
		for _, k := range net.marked {
			net.best[k] = -1
		}
		net.marked = net.marked[:0]
	}()
	last := int64(0)
	for h.Len() > 0 && len(net.marked) < nearby && (near == unmet || far == unmet) {
		top := heap.Pop(h).(priced)
		if net.best[top.node] >= 0 {
			continue
		}
		net.best[top.node], net.marked, last = top.price, append(net.marked, top.node), top.price
		if k := net.site[top.node]; k >= 0 && k != site {
			if same := c.out.Near[k] == c.out.Near[site]; same && near == unmet {
				near = last
			} else if !same && far == unmet {
				far = last
			}
		}
		for _, o := range net.out[top.node] {
			if net.best[o.node] < 0 && o.price <= math.MaxInt64-last {
				heap.Push(h, priced{o.node, last + o.price})
			}
		}
	}
	if len(net.marked) < nearby {
		last = 0 // there are no more
	}
	if near == unmet {
		near = last
	}
	if far == unmet {
		far = last
	}
	return near, far
}

type pricedHeap []priced

func (h pricedHeap) Len() int           { return len(h) }
func (h pricedHeap) Less(i, j int) bool { return h[i].price < h[j].price }
func (h pricedHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *pricedHeap) Push(x any)        { *h = append(*h, x.(priced)) }
func (h *pricedHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
