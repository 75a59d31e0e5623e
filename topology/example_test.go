package topology_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/domicile-eu/domicile/topology"
)

func ExampleNew() {
	c, err := topology.New(topology.Spec{
		Name:      "two towers",
		Providers: []topology.Provider{{ID: "telco", Country: "SI"}},
		Sites: []topology.Site{
			{ID: "north", Provider: "telco", Country: "SI", Tier: topology.FarEdge, Capacity: topology.Resources{topology.CPU: 8_000}},
			{ID: "south", Provider: "telco", Country: "SI", Tier: topology.FarEdge, Capacity: topology.Resources{topology.CPU: 4_000}},
		},
		Links: []topology.Link{{A: "north", B: "south", RTT: topology.RTT{P50: 900, P95: 1_200, P99: 2_000}}},
	})
	if err != nil {
		panic(err)
	}
	for s := range c.Sites() {
		fmt.Println(s.ID, s.Tier, s.Capacity[topology.CPU], "milli-cores")
	}
	l, _ := c.Link("north--south")
	fmt.Println("round trip", l.RTT.P50)
	// Output:
	// north far-edge 8000 milli-cores
	// south far-edge 4000 milli-cores
	// round trip 900 µs
}

// Every defect is told at once.
func ExampleNew_defects() {
	_, err := topology.New(topology.Spec{
		Providers: []topology.Provider{{ID: "telco", Country: "UK"}},
		Sites: []topology.Site{{ID: "north", Provider: "telcom", Country: "SI", Tier: topology.FarEdge,
			Capacity: topology.Resources{topology.CPU: -1}}},
	})
	fmt.Println(err)
	// Output:
	// invalid topology: providers[0].country: "UK" is no country of ISO 3166-1 alpha-2; did you mean GB?
	// invalid topology: sites[0].capacity.cpu: -1 is negative
	// invalid topology: sites[0].provider: there is no provider telcom
}

func ExampleRead() {
	c, err := topology.Read("continuum.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23
providers:
- {id: ionos, name: IONOS SE, country: DE}
sites:
- id: ionos-berlin
  provider: ionos
  country: DE
  location: {lat: 52.52, lon: 13.405}
  tier: regional
  runtimes: [vm]
  capacity: {cpu: 256, memory: 1Ti}
  prices: {cpu: 0.012, memory: 0.004}
`))
	if err != nil {
		panic(err)
	}
	s, _ := c.Site("ionos-berlin")
	price, err := s.HourlyPrice(topology.Resources{topology.CPU: 500, topology.Memory: 2 << 30})
	fmt.Println(price, err)

	_, err = topology.Read("broken.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23
providers:
- id: ionos
  contry: DE
`))
	fmt.Println(err)
	// Output:
	// 0.014 EUR <nil>
	// broken.yaml:6: providers[0].country: is missing
	// broken.yaml:7: providers[0].contry: is unknown; did you mean country?
}

func ExampleContinuum_Update() {
	before, err := topology.New(topology.Spec{
		Providers: []topology.Provider{{ID: "telco", Country: "SI"}},
		Sites:     []topology.Site{{ID: "north", Provider: "telco", Country: "SI", Tier: topology.FarEdge}},
	})
	if err != nil {
		panic(err)
	}
	// What if the site went down?
	north, _ := before.Site("north")
	down := *north
	down.State = topology.Down
	after, err := before.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{down}}})
	if err != nil {
		panic(err)
	}
	now, _ := before.Site("north")
	then, _ := after.Site("north")
	fmt.Println(now.State, then.State)
	// Output: up down
}

func ExampleContinuum_Control() {
	c, err := topology.New(topology.Spec{Providers: []topology.Provider{
		{ID: "host", Country: "DE", Owners: []topology.Stake{{Owner: "holding", Share: 10_000}}},
		{ID: "holding", Country: "LU", Owners: []topology.Stake{{Owner: "fund", Share: 5_100}, {Owner: "family", Share: 3_000}}},
		{ID: "fund", Country: "US"},
		{ID: "family", Country: "DE"},
	}})
	if err != nil {
		panic(err)
	}
	for _, h := range c.Control("host") {
		fmt.Println(h.Owner, h.Country, h.Share, h.Controls, h.Chain)
	}
	// Output:
	// holding LU 10000 true [holding host]
	// fund US 5100 true [fund holding host]
	// family DE 3000 false [family holding host]
}

func ExampleSite_HourlyEmissions() {
	s := &topology.Site{Energy: topology.Energy{
		Intensity: 344, PUE: 1300, Power: map[topology.Dimension]int64{topology.CPU: 6000},
	}}
	mg, err := s.HourlyEmissions(topology.Resources{topology.CPU: 4000})
	fmt.Println(mg, "mg of CO2 equivalent", err)
	// Output: 10733 mg of CO2 equivalent <nil>
}

func ExampleWrite() {
	c, err := topology.Read("continuum.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23T00:00:00Z
exchanges:
- {location: {lon: 8.68, lat: 50.110}, id: de-cix, country: DE, name: "DE-CIX"}
`))
	if err != nil {
		panic(err)
	}
	if err := topology.Write(os.Stdout, c); err != nil {
		panic(err)
	}
	// Output:
	// apiVersion: domicile.eu/v1alpha1
	// kind: Continuum
	// asOf: 2026-11-23
	// exchanges:
	// - id: de-cix
	//   name: DE-CIX
	//   country: DE
	//   location: {lat: 50.11, lon: 8.68}
}
