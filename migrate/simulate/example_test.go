package simulate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/migrate/execute"
	"github.com/domicile-eu/domicile/migrate/simulate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Two workloads swap their full hosts, on an executor that fails now and then. After each failure the rest is planned anew.
func Example() {
	ctx := context.Background()
	p, from := hosts()
	to := placement.Assignment{"shop/db": "b", "shop/web": "a"}
	e, err := execute.New(ctx, p, from, to, nil)
	if err != nil {
		panic(err)
	}
	s, err := simulate.New(p, from, &simulate.Options{Seed: 6, Fail: 300, Silent: 50})
	if err != nil {
		panic(err)
	}
	if err := execute.Run(ctx, e, s); err != nil {
		panic(err)
	}
	o := e.Outcome()
	for _, m := range o.Made {
		fmt.Println(m.Workload, m.From, "->", m.To)
	}
	for _, n := range o.Notes {
		fmt.Println(n.Workload, n.Message)
	}
	fmt.Println(o.At, len(o.Doubts), "in doubt,", o.Plans, "plans, faults:", s.Faults())
	// Output:
	// shop/web b -> c
	// shop/db a -> b
	// shop/web c -> a
	// shop/web it failed: the copy broke off
	// shop/web it failed: the copy broke off
	// map[shop/db:b shop/web:a] 0 in doubt, 3 plans, faults: []
}

// hosts returns three hosts in one rack, two of them full.
func hosts() (*placement.Problem, placement.Assignment) {
	spec := topology.Spec{
		Name: "rack", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Providers: []topology.Provider{{ID: "p", Name: "P", Country: "DE"}},
		Exchanges: []topology.Exchange{{ID: "switch", Name: "switch", Country: "DE"}},
	}
	for _, id := range []topology.SiteID{"a", "b", "c"} {
		spec.Sites = append(spec.Sites, topology.Site{
			ID: id, Name: string(id), Provider: "p", Country: "DE", City: "Berlin", Tier: topology.Regional,
			Location: topology.Location{Lat: 52.5, Lon: 13.4}, Runtimes: []topology.Runtime{topology.VM}, Capacity: topology.Resources{topology.CPU: 8000},
		})
		spec.Links = append(spec.Links, topology.Link{
			ID: topology.LinkID(id + "--switch"), A: id.Node(), B: "switch", Operator: "berlin-net", Jurisdictions: []topology.Jurisdiction{"DE"},
			RTT: topology.RTT{P50: 300, P95: 400, P99: 500}, Bandwidth: 8e9,
		})
	}
	c, err := topology.New(spec)
	if err != nil {
		panic(err)
	}
	vm := func(name string, cpu, memory int64) placement.Workload {
		return placement.Workload{
			ID: placement.WorkloadID("shop/" + name), Application: "shop", Component: name, Kind: placement.VM, Priority: 1,
			Demand: topology.Resources{topology.CPU: cpu}, Migration: placement.Migration{Memory: memory},
		}
	}
	return &placement.Problem{
		Continuum:    c,
		Applications: []placement.Application{{Name: "shop", Workloads: []placement.Workload{vm("db", 8000, 16e9), vm("web", 6000, 4e9)}}},
	}, placement.Assignment{"shop/db": "a", "shop/web": "b"}
}
