package placement

import (
	"cmp"
	"slices"
	"sync"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// pricesOf makes the table of prices alone. It keeps no rows of the graph, which take many times more.
func (c *compiled) pricesOf(t latency.Transit) *problem.Pairs {
	sites, graph := c.sites, c.graph // not all of c
	nodes, provider := make([]topology.NodeID, len(sites)), make([]int32, len(sites))
	numbers := make(map[topology.ProviderID]int32)
	for k, s := range sites {
		if _, ok := numbers[s.Provider]; !ok {
			numbers[s.Provider] = int32(len(numbers))
		}
		nodes[k], provider[k] = s.ID.Node(), numbers[s.Provider]
	}
	targets := graph.Targets(nodes)
	var scratch sync.Pool // of *[]topology.MicroEUR
	return problem.NewPrices(len(sites), c.mostEgress(), func(from int32, egress []int64) {
		own, leaving := provider[from], int64(sites[from].Egress)
		all, _ := scratch.Get().(*[]topology.MicroEUR)
		if all == nil {
			all = new([]topology.MicroEUR)
		}
		*all = graph.Row(nodes[from], t).Egress(targets, (*all)[:0])
		for to, x := range *all {
			if egress[to] = int64(x); x >= 0 && provider[to] != own {
				egress[to] = addUp(egress[to], leaving)
			}
		}
		scratch.Put(all)
	})
}

// fillPrices fills in, side by side, the tables that so many flows look at that most sites will be asked for sooner or
// later. Which are filled in and when shows in no value.
func (c *compiled) fillPrices() error {
	flows := make([]int, len(c.out.Pairs))
	for k := range c.out.Flows {
		flows[c.out.Flows[k].Pairs]++
	}
	var order []int32
	for k, table := range c.out.Pairs {
		if flows[k] < len(c.sites) {
			continue
		}
		if order == nil {
			order = c.byNeighbour()
		}
		err := parallel.Each(len(order), func(_, n int) error {
			table.Prepare(order[n])
			return c.ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// byNeighbour lists the sites so that those that hang on the rest by a link to the same node follow each other: in the
// graph they share one row, which need not be remembered for long then.
func (c *compiled) byNeighbour() []int32 {
	neighbour := make(map[topology.NodeID]topology.NodeID) // of nodes with one link; of others themselves
	note := func(a, b topology.NodeID) {
		if _, more := neighbour[a]; more {
			b = a
		}
		neighbour[a] = b
	}
	for l := range c.p.Continuum.Links() {
		note(l.A, l.B)
		note(l.B, l.A)
	}
	rank := make([]string, len(c.sites))
	order := make([]int32, len(c.sites))
	for k, s := range c.sites {
		rank[k], order[k] = string(neighbour[s.ID.Node()]), int32(k)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(rank[a], rank[b]) })
	return order
}
