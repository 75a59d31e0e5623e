package latency_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// network is a phone in Munich, an edge site, and two ways to Milan: over Zurich and over Vienna.
func network() *topology.Continuum {
	c, err := topology.New(topology.Spec{
		AsOf:         time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		AccessPoints: []topology.AccessPoint{{ID: "phone", Country: "DE"}},
		Exchanges: []topology.Exchange{
			{ID: "munich", Country: "DE"}, {ID: "zurich", Country: "CH"}, {ID: "vienna", Country: "AT"}, {ID: "milan", Country: "IT"},
		},
		Links: []topology.Link{
			{A: "phone", B: "munich", RTT: rtt(14_000, 30_000, 41_000), Operator: "radio", Jurisdictions: list("DE"), Bandwidth: 1e8},
			{A: "munich", B: "zurich", RTT: rtt(4000, 4600, 5500), Operator: "fibre", Jurisdictions: list("CH", "DE"), Bandwidth: 1e10},
			{A: "zurich", B: "milan", RTT: rtt(4000, 4600, 5500), Operator: "fibre", Jurisdictions: list("CH", "IT"), Bandwidth: 1e10},
			{A: "munich", B: "vienna", RTT: rtt(6000, 6900, 8000), Operator: "fibre", Jurisdictions: list("AT", "DE"), Bandwidth: 1e10},
			{A: "vienna", B: "milan", RTT: rtt(8000, 9100, 11_000), Operator: "fibre", Jurisdictions: list("AT", "IT"), Bandwidth: 1e10},
		},
	})
	if err != nil {
		panic(err)
	}
	return c
}

func rtt(p50, p95, p99 topology.Micros) topology.RTT {
	return topology.RTT{P50: p50, P95: p95, P99: p99}
}

func list(j ...topology.Jurisdiction) []topology.Jurisdiction { return j }

func Example() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	eu := latency.NewTransit(latency.Permit{Jurisdictions: list("AT", "DE", "IT"), AnyOperator: true})
	for _, t := range []latency.Transit{{}, eu} {
		p95, _ := g.Row("phone", t).Latency("milan", latency.P95)
		route, _ := g.Route("phone", "milan", t)
		fmt.Println(p95, "at", latency.P95, "through", route.Jurisdictions)
	}
	// Output:
	// 38.2 ms at p95 through [CH DE IT]
	// 44.4 ms at p95 through [AT DE IT]
}

func ExampleGraph_Budget() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	route, _ := g.Route("phone", "milan", latency.Transit{})
	for i, part := range g.Budget(route, latency.P95) {
		fmt.Println(route.Hops[i].Link, part)
	}
	// Output:
	// phone--munich 30 ms
	// munich--zurich 4.14 ms
	// zurich--milan 4.14 ms
}

func ExampleGraph_Detour() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	eu := latency.NewTransit(latency.Permit{Jurisdictions: list("AT", "DE", "IT"), AnyOperator: true})
	detour, _ := g.Detour("munich", "milan", eu)
	fmt.Println(detour.Direct.Mean, "direct,", detour.Permitted.Mean, "inside the EU")
	for _, x := range detour.Crossings {
		fmt.Println(x.Hop.Link, "crosses", x.Jurisdictions)
	}
	// Output:
	// 8.21 ms direct, 14.3 ms inside the EU
	// munich--zurich crosses [CH]
	// zurich--milan crosses [CH]
}

func ExampleGraph_Routes() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range g.Routes("phone", "milan", latency.Transit{}, 3, nil) {
		fmt.Println(r.Mean, "on average,", g.Percentile(r, latency.P99), "at p99 through", r.Jurisdictions)
	}
	wide := g.Routes("munich", "milan", latency.Transit{}, 3, &latency.RouteOptions{Bandwidth: 2e10})
	fmt.Println(len(wide), "with 20 Gbit/s")
	pair, ok := g.Disjoint("munich", "milan", latency.Transit{})
	fmt.Println(ok, pair[0].Mean, pair[1].Mean)
	// Output:
	// 23.8 ms on average, 49.2 ms at p99 through [CH DE IT]
	// 29.9 ms on average, 55.5 ms at p99 through [AT DE IT]
	// 0 with 20 Gbit/s
	// true 8.21 ms 14.3 ms
}

func ExampleObserver() {
	o, err := latency.NewObserver(network(), &latency.ObserverOptions{MinSamples: 10, Every: time.Minute})
	if err != nil {
		fmt.Println(err)
		return
	}
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for i := range 120 {
		at := start.Add(time.Duration(i) * time.Second)
		o.Observe(latency.Sample{A: "munich", B: "milan", RTT: topology.Micros(11_000 + i*10), At: at})
		o.Observe(latency.Sample{A: "munich", B: "oslo", RTT: 20_000, At: at})
		if g, due, err := o.Next(); err != nil || due {
			p95, _ := g.Row("munich", latency.Transit{}).Latency("milan", latency.P95)
			fmt.Println(i+1, "samples:", p95, "at p95", err)
		}
	}
	fmt.Println(o.Stats().Taken, "taken,", o.Stats().Unknown, "of unknown nodes")
	// Output:
	// 10 samples: 11.1 ms at p95 <nil>
	// 70 samples: 11.8 ms at p95 <nil>
	// 120 taken, 120 of unknown nodes
}

func ExampleRow_Leg() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	row := g.Row("munich", latency.Transit{})
	for _, to := range []topology.NodeID{"munich", "milan", "oslo"} {
		leg, ok := row.Leg(to)
		fmt.Println(to, leg.Mean, ok)
	}
	// Output:
	// munich 0 µs true
	// milan 8.21 ms true
	// oslo 0 µs false
}

func ExampleTransit_Crosses() {
	g, err := latency.New(network(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	route, _ := g.Route("phone", "milan", latency.Transit{})
	eu := latency.NewTransit(latency.Permit{Jurisdictions: list("AT", "DE", "IT"), AnyOperator: true})
	if hop, crosses := eu.Crosses(route); crosses {
		fmt.Println(hop.Link, "crosses", hop.Jurisdictions)
	}
	// Output: munich--zurich crosses [CH DE]
}

func ExampleReadObservations() {
	observations, err := latency.ReadObservations("observations.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: Observations
observations:
- {a: munich, b: milan, rtt: {p50: 11ms, p95: 12.5ms, p99: 15ms}, at: 2026-11-20, source: ping}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := latency.New(network(), &latency.Options{Observations: observations, MaxAge: 30 * 24 * time.Hour})
	if err != nil {
		fmt.Println(err)
		return
	}
	p95, _ := g.Row("munich", latency.Transit{}).Latency("milan", latency.P95)
	fmt.Println(p95)
	// Output: 12.5 ms
}

func ExampleParsePercentile() {
	p, err := latency.ParsePercentile("p99.9")
	fmt.Println(int(p), p, err)
	// Output: 999 p99.9 <nil>
}
