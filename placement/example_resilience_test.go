package placement_test

import (
	"context"
	"fmt"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// A shop in two places: each of its sites may fail, but everything hangs on one exchange, and the long way round is too
// long for its users.
func ExampleResilience() {
	rtt := func(p50 topology.Micros) topology.RTT {
		return topology.RTT{P50: p50, P95: p50 + 1000, P99: p50 + 2000}
	}
	site := func(id topology.SiteID, p topology.ProviderID) topology.Site {
		return topology.Site{ID: id, Provider: p, Country: "DE", Tier: topology.Regional, Runtimes: []topology.Runtime{topology.Kubernetes},
			Capacity: topology.Resources{topology.CPU: 8000}}
	}
	link := func(a, b topology.NodeID, p50 topology.Micros) topology.Link {
		return topology.Link{A: a, B: b, Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"}, RTT: rtt(p50), Bandwidth: 1e9}
	}
	c, err := topology.New(topology.Spec{
		Providers:    []topology.Provider{{ID: "alpha", Country: "DE"}, {ID: "beta", Country: "DE"}},
		Sites:        []topology.Site{site("bonn", "alpha"), site("kiel", "beta")},
		AccessPoints: []topology.AccessPoint{{ID: "users", Country: "DE"}},
		Exchanges:    []topology.Exchange{{ID: "hub", Country: "DE"}},
		Links:        []topology.Link{link("users", "hub", 1000), link("hub", "bonn", 2000), link("hub", "kiel", 3000), link("bonn", "kiel", 30_000)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	web := placement.Workload{Application: "shop", Component: "web", Kind: placement.Container, Priority: 1}
	one, two := web, web
	one.ID, two.ID = "shop/web-1", "shop/web-2"
	p := &placement.Problem{Continuum: c, Applications: []placement.Application{{
		Name: "shop", Workloads: []placement.Workload{one, two},
		Flows: []placement.Flow{{FromAccess: "users", To: "web", Rate: 2e6, Bound: 10_000}},
	}}}
	r, err := placement.Resilience(context.Background(), placement.Answer{Problem: p,
		Assignment: placement.Assignment{"shop/web-1": "bonn", "shop/web-2": "kiel"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range r.Losses {
		fmt.Println(l.Kind, l.ID, l.Workloads, l.Down, l.Rate)
		for _, b := range l.Promises {
			fmt.Println(" ", b.Promise, b.Missed, "of", b.Of, b.Have, b.Want)
		}
	}
	// Output:
	// jurisdiction DE [shop/web-1 shop/web-2] [shop/web] 2000000
	// link users--hub [] [] 2000000
	//   users > web (p95 within 10 ms) 2 of 2 -1 10000
	// exchange hub [] [] 2000000
	//   users > web (p95 within 10 ms) 2 of 2 -1 10000
	// operator net [] [] 2000000
	//   users > web (p95 within 10 ms) 2 of 2 -1 10000
	// link hub--bonn [] [] 1000000
	//   users > web (p95 within 10 ms) 1 of 2 35983 10000
	// link hub--kiel [] [] 1000000
	//   users > web (p95 within 10 ms) 1 of 2 34983 10000
	// site bonn [shop/web-1] [] 1000000
	// site kiel [shop/web-2] [] 1000000
	// provider alpha [shop/web-1] [] 1000000
	// provider beta [shop/web-2] [] 1000000
}
