package estimate_test

import (
	"fmt"
	"math"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/latency/estimate"
	"github.com/domicile-eu/domicile/topology"
)

func rtt(a, b topology.NodeID, ms float64) latency.Observation {
	us := topology.Micros(ms * 1000)
	return latency.Observation{A: a, B: b, RTT: topology.RTT{P50: us, P95: us * 5 / 4, P99: us * 3 / 2}}
}

// cities are places on a grid, each of which has measured some others.
func cities() (places []estimate.Place, seen []latency.Observation) {
	const side = 6
	for i := range side * side {
		at := topology.Location{Lat: 40 + 2*float64(i/side), Lon: 3 * float64(i%side)}
		places = append(places, estimate.Place{ID: topology.NodeID(fmt.Sprintf("city%02d", i)), Location: &at})
	}
	for i, p := range places {
		for j, q := range places[:i] {
			if (i+j)%3 == 0 || (i+j)%7 == 0 {
				seen = append(seen, rtt(q.ID, p.ID, 1+0.016*estimate.Distance(*p.Location, *q.Location)))
			}
		}
	}
	return places, seen
}

func ExampleFit() {
	places, seen := cities()
	e, err := estimate.Fit(estimate.Problem{Places: places, Observations: seen}, &estimate.Options{Seed: 1})
	if err != nil {
		panic(err)
	}
	// The truth is 1 ms and 0.016 ms a kilometre.
	truth := 1 + 0.016*estimate.Distance(*places[0].Location, *places[35].Location)
	guess, ok := e.Estimate("city00", "city35")
	fmt.Println(ok, "by", guess.Basis)
	fmt.Println("within 2 %:", math.Abs(float64(guess.Likely.P50)/1000-truth) < 0.02*truth)
	fmt.Println("upper end above:", guess.Upper.P50 > guess.Likely.P50)
	// Output:
	// true by measured pairs
	// within 2 %: true
	// upper end above: true
}

func ExampleEstimator_Observe() {
	places, seen := cities()
	places = append(places, estimate.Place{ID: "tower"}) // nobody knows where it stands
	e, err := estimate.Fit(estimate.Problem{Places: places, Observations: seen}, nil)
	if err != nil {
		panic(err)
	}
	_, ok := e.Estimate("tower", "city20")
	fmt.Println("known:", ok)
	e, err = e.Observe([]latency.Observation{
		rtt("tower", "city00", 12), rtt("tower", "city05", 27), rtt("tower", "city14", 13), rtt("tower", "city30", 25),
	})
	if err != nil {
		panic(err)
	}
	guess, ok := e.Estimate("tower", "city20")
	fmt.Println("known:", ok, "by", guess.Basis)
	// Output:
	// known: false
	// known: true by measured pairs
}

func ExamplePrior() {
	logrono, frankfurt := topology.Location{Lat: 42.4627, Lon: -2.4450}, topology.Location{Lat: 50.1109, Lon: 8.6821}
	fmt.Printf("%.0f km, light %v, likely %v\n", estimate.Distance(logrono, frankfurt),
		estimate.Floor(logrono, frankfurt), estimate.Prior(logrono, frankfurt))
	// Output:
	// 1204 km, light 11.8 ms, likely 25.8 ms
}

func ExampleMisplaced() {
	at := func(lat, lon float64) *topology.Location { return &topology.Location{Lat: lat, Lon: lon} }
	places := []estimate.Place{
		{ID: "halifax", Location: at(53.72, -1.86)}, // measured in Nova Scotia, located in Yorkshire
		{ID: "boston", Location: at(42.36, -71.06)},
		{ID: "montreal", Location: at(45.50, -73.57)},
		{ID: "paris", Location: at(48.86, 2.35)},
	}
	fmt.Println(estimate.Misplaced(places, []latency.Observation{
		rtt("halifax", "boston", 15), rtt("halifax", "montreal", 20), rtt("halifax", "paris", 75), rtt("boston", "paris", 80),
	}))
	// Output:
	// [halifax]
}

func ExampleFindTriangles() {
	// As measured in 2018: over Vienna it is half as far as directly.
	t := estimate.FindTriangles([]latency.Observation{
		rtt("ljubljana", "zagreb", 30.2), rtt("ljubljana", "vienna", 5.9), rtt("vienna", "zagreb", 9),
	}, 1)
	w := t.Worst[0]
	fmt.Printf("%d of %d; %s--%s %v, via %s %v\n", t.Violated, t.Pairs, w.A, w.B, w.Direct, w.Via, w.Detour)
	// Output:
	// 1 of 3; ljubljana--zagreb 30.2 ms, via vienna 14.9 ms
}

// A graph answers with what was measured, else by a route, else with an estimate, which it marks.
func Example_graph() {
	places, seen := cities()
	var spec topology.Spec
	for _, p := range places {
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: p.ID, Location: *p.Location})
	}
	c, err := topology.New(spec)
	if err != nil {
		panic(err)
	}
	e, err := estimate.Fit(estimate.Problem{Places: estimate.Places(c), Observations: seen}, nil)
	if err != nil {
		panic(err)
	}
	g, err := latency.New(c, &latency.Options{Observations: seen, Estimator: e})
	if err != nil {
		panic(err)
	}
	row := g.Row("city00", latency.Transit{})
	for _, to := range []topology.NodeID{"city33", "city32"} {
		leg, ok := row.Leg(to)
		fmt.Println(to, ok, "observed:", leg.Observed, "estimated:", leg.Estimated)
	}
	p95, _ := row.Latency("city32", latency.P95)
	guess, _ := row.Estimate("city32")
	fmt.Println("bounds are held to the upper end:", p95 == guess.Upper.P95)
	_, ok := g.Row("city00", latency.NewTransit(latency.Permit{AnyOperator: true})).Leg("city32")
	fmt.Println("restricted traffic gets an estimate:", ok)
	// Output:
	// city33 true observed: true estimated: false
	// city32 true observed: false estimated: true
	// bounds are held to the upper end: true
	// restricted traffic gets an estimate: false
}
