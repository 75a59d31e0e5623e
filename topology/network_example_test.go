package topology_test

import (
	"fmt"
	"os"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

func ExampleReadNetwork() {
	file, err := os.Open("../docs/networks/alps.graphml")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	network, err := topology.ReadNetwork("alps.graphml", file, &topology.NetworkOptions{
		AsOf: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		Site: topology.Site{
			Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 64_000, topology.Memory: 256 << 30},
		},
		Crossing: true, // links run straight from end to end
	})
	if err != nil {
		panic(err)
	}
	for s := range network.Continuum.Sites() {
		fmt.Println(s.ID, s.Country, s.Tier, s.Assumed)
	}
	link, _ := network.Continuum.Link("ljubljana--munchen")
	fmt.Println(link.RTT.P50, link.Jurisdictions, link.Assumed)
	fmt.Println(len(network.Notes), "notes")
	// Output:
	// ljubljana SI regional [tier]
	// milano IT regional [location tier]
	// munchen DE regional [country tier]
	// munchen-2 DE edge [country tier]
	// zurich CH regional [country tier]
	// 4.81 ms [AT DE SI] [jurisdictions operator rtt]
	// 7 notes
}

func ExampleWriteGeoJSON() {
	c, err := topology.New(topology.Spec{
		Name: "one exchange",
		Exchanges: []topology.Exchange{
			{ID: "vix", Name: "Vienna Internet eXchange", Country: "AT", Location: topology.Location{Lat: 48.21, Lon: 16.37}},
		},
	})
	if err != nil {
		panic(err)
	}
	if err := topology.WriteGeoJSON(os.Stdout, c); err != nil {
		panic(err)
	}
	// Output:
	// {"type": "FeatureCollection", "name": "one exchange", "features": [
	// {"type":"Feature","id":"vix","geometry":{"type":"Point","coordinates":[16.37,48.21]},"properties":{"kind":"exchange","name":"Vienna Internet eXchange","country":"AT"}}
	// ]}
}

func ExampleWriteDOT() {
	c, err := topology.New(topology.Spec{
		Name: "two exchanges",
		Exchanges: []topology.Exchange{
			{ID: "vix", Location: topology.Location{Lat: 48.21, Lon: 16.37}},
			{ID: "six", Location: topology.Location{Lat: 46.05, Lon: 14.51}},
		},
		Links: []topology.Link{{A: "vix", B: "six", RTT: topology.RTT{P50: 5_900, P95: 6_500, P99: 7_400}}},
	})
	if err != nil {
		panic(err)
	}
	if err := topology.WriteDOT(os.Stdout, c); err != nil {
		panic(err)
	}
	// Output:
	// graph "two exchanges" {
	//   node [fontsize=10, fontname="sans-serif"];
	//   edge [fontsize=8, fontname="sans-serif"];
	//   "six" [label="six", shape=ellipse, pos="9.431,46.050!"];
	//   "vix" [label="vix", shape=ellipse, pos="10.641,48.210!"];
	//   "vix" -- "six" [label="5.9 ms", tooltip="vix--six"];
	// }
}
