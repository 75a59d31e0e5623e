package placement_test

import (
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Two sites, the cheaper one with room for two of the three workloads: the third goes where it costs more, and the bound
// proves that no assignment is cheaper.
func ExampleSolve() {
	site := func(id topology.SiteID, cores int64, price topology.MicroEUR) topology.Site {
		return topology.Site{
			ID: id, Provider: "acme", Country: "DE", Tier: topology.Edge, Runtimes: []topology.Runtime{topology.Kubernetes},
			Capacity: topology.Resources{topology.CPU: cores * 1000},
			Prices:   map[topology.Dimension]topology.MicroEUR{topology.CPU: price},
		}
	}
	c, err := topology.New(topology.Spec{
		Name:      "two",
		Providers: []topology.Provider{{ID: "acme", Country: "DE"}},
		Sites:     []topology.Site{site("cheap", 4, 10_000), site("roomy", 64, 12_000)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	app := placement.Application{Name: "shop"}
	for _, id := range []placement.WorkloadID{"shop/web-1", "shop/web-2", "shop/web-3"} {
		app.Workloads = append(app.Workloads, placement.Workload{
			ID: id, Application: "shop", Component: "web", Kind: placement.Container, Priority: 1,
			Demand: topology.Resources{topology.CPU: 2000},
		})
	}
	r, err := placement.Solve(context.Background(), &placement.Problem{Continuum: c, Applications: []placement.Application{app}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	sites := make(map[topology.SiteID]int)
	for _, s := range r.Assignment {
		sites[s]++
	}
	fmt.Println(r.Status, "cheap:", sites["cheap"], "roomy:", sites["roomy"])
	for _, t := range r.Tiers[:2] {
		fmt.Printf("%s: value %d, proven lower bound %d\n", t.Name, t.Value, t.Bound)
	}
	// Output:
	// optimal cheap: 2 roomy: 1
	// unplaced: value 0, proven lower bound 0
	// cost: value 64000, proven lower bound 64000
}
