package placement_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

const exampleContinuum = `apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23
providers:
- {id: nord, name: Nord, country: DE}
- {id: mega, name: Mega, country: US}
sites:
- {id: hamburg, provider: nord, country: DE, location: {lat: 53.6, lon: 10.0}, tier: regional, runtimes: [vm], capacity: {cpu: 16}, prices: {cpu: 0.03}}
- {id: kiel, provider: nord, country: DE, location: {lat: 54.3, lon: 10.1}, tier: edge, runtimes: [vm], capacity: {cpu: 8}, prices: {cpu: 0.04}}
- {id: mega-west, provider: mega, country: DE, location: {lat: 50.9, lon: 6.9}, tier: cloud, runtimes: [vm], capacity: {cpu: 999}, prices: {cpu: 0.01}}
accessPoints:
- {id: clinic, country: DE, location: {lat: 54.3, lon: 10.1}}
links:
- {a: clinic, b: kiel, jurisdictions: [DE], rtt: {p50: 1ms, p95: 2ms, p99: 3ms}, bandwidth: 1Gbit/s}
- {a: clinic, b: hamburg, jurisdictions: [DE], rtt: {p50: 4ms, p95: 6ms, p99: 9ms}, bandwidth: 1Gbit/s}
- {a: clinic, b: mega-west, jurisdictions: [DE], rtt: {p50: 12ms, p95: 31.2ms, p99: 50ms}, bandwidth: 1Gbit/s}
`

const exampleApplications = `apiVersion: domicile.eu/v1alpha1
kind: Applications
applications:
- name: records
  data: health
  components:
  - {name: api, kind: vm, demand: {cpu: 4}}
  - {name: db, kind: vm, replicas: 2, demand: {cpu: 6}}
  flows:
  - {fromAccess: clinic, to: api, rate: 20Mbit/s, bound: 25ms}
  constraints:
  - spread: {components: [db], over: site, atLeast: 2}
`

// ownership admits health data to nobody whose seat is outside the EU. Real programs use package policy.
type ownership struct{}

func (ownership) Admit(_ context.Context, in placement.Scope, w *placement.Workload, sites []*topology.Site) ([]placement.Verdict, error) {
	verdicts := make([]placement.Verdict, len(sites))
	for i, s := range sites {
		provider, known := in.Continuum.Provider(s.Provider)
		verdicts[i].Denied = !known || w.Data == "health" && provider.Country == "US"
	}
	return verdicts, nil
}

func (ownership) Reasons(context.Context, placement.Scope, *placement.Workload, *topology.Site) ([]placement.Reason, error) {
	return []placement.Reason{{Code: "OWN-001", Title: "health data stays with European owners", Location: "own.rego:12"}}, nil
}

func exampleProblem() *placement.Problem {
	c, err := topology.Read("continuum.yaml", strings.NewReader(exampleContinuum))
	if err != nil {
		log.Fatal(err)
	}
	g, err := latency.New(c, nil)
	if err != nil {
		log.Fatal(err)
	}
	apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(exampleApplications))
	if err != nil {
		log.Fatal(err)
	}
	return &placement.Problem{Continuum: c, Latency: g, Applications: apps, Admission: ownership{}}
}

func ExampleReadApplications() {
	apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(exampleApplications))
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range apps[0].Workloads {
		fmt.Println(w.ID, w.Kind, w.Data, w.Demand)
	}
	_, err = placement.ReadApplications("apps.yaml", strings.NewReader(strings.ReplaceAll(exampleApplications, "cpu: 4", "cpu: -4")))
	fmt.Println(err)
	// Output:
	// records/api vm health map[cpu:4000]
	// records/db-1 vm health map[cpu:6000]
	// records/db-2 vm health map[cpu:6000]
	// apps.yaml:7: applications[0].components[0].demand.cpu: "-4" is negative
}

func ExampleCheck() {
	found, err := placement.Check(context.Background(), exampleProblem(), placement.Assignment{
		"records/api": "mega-west", "records/db-1": "kiel", "records/db-2": "kiel",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range found {
		fmt.Println(v.Kind, v.Site, v.Workloads, v.Message)
	}
	// Output:
	// admission mega-west [records/api] denied by OWN-001: health data stays with European owners
	// capacity kiel [records/db-1 records/db-2] uses 12 cores, capacity 8 cores
	// latency mega-west [records/api] p95 from clinic is 31.2 ms, bound 25 ms
	// spread  [records/db-1 records/db-2] db: on 1 site (kiel), at least 2 wanted
}

func ExampleEvaluate() {
	e, err := placement.Evaluate(context.Background(), exampleProblem(), placement.Assignment{"records/api": "hamburg", "records/db-1": "kiel"})
	if err != nil {
		log.Fatal(err)
	}
	for _, tier := range e.Tiers {
		fmt.Println(tier.Name, tier.Value)
	}
	for _, line := range e.Lines {
		fmt.Println(line.Workload, line.Site, line.Price)
	}
	// Output:
	// unplaced 1
	// cost 360000
	// latency 120
	// records/api hamburg 0.12 EUR
	// records/db-1 kiel 0.24 EUR
}

func exampleAnswer() placement.Answer {
	return placement.Answer{Problem: exampleProblem(), Assignment: placement.Assignment{
		"records/api": "hamburg", "records/db-1": "hamburg", "records/db-2": "kiel",
	}}
}

func ExampleWhy() {
	why, err := placement.Why(context.Background(), exampleAnswer(), "records/db-1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(why.Line.Workload, "is at", why.Line.Site, "for", why.Line.Price, "an hour")
	fmt.Println("sites that could take it:", why.Admissible)
	fmt.Println("sites that refuse it:", why.Refused)
	fmt.Println("runner-up:", why.RunnerUp)
	// Output:
	// records/db-1 is at hamburg for 0.18 EUR an hour
	// sites that could take it: 1
	// sites that refuse it: map[admission:1 capacity:1 spread:1]
	// runner-up: <nil>
}

func ExampleWhyNot() {
	not, err := placement.WhyNot(context.Background(), exampleAnswer(), "records/api", "mega-west")
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range not.Violations {
		fmt.Println(v.Message)
		for _, r := range v.Reasons {
			fmt.Println("   ", r.Code, r.Title, r.Location)
		}
	}
	for _, tier := range not.Tiers {
		fmt.Printf("%s %+d\n", tier.Name, tier.Delta)
	}
	// Output:
	// denied by OWN-001: health data stays with European owners
	//     OWN-001 health data stays with European owners own.rego:12
	// p95 from clinic is 31.2 ms, bound 25 ms
	// unplaced +0
	// cost -80000
	// latency +504
}

func ExampleRefusals() {
	refused, err := placement.Refusals(context.Background(), exampleAnswer(), 1)
	if err != nil {
		log.Fatal(err)
	}
	for _, not := range refused {
		saved := topology.MicroEUR(-not.Tiers[1].Delta)
		fmt.Println(not.Workload, "at", not.Site, "would save", saved, "an hour:", not.Violations[0].Message)
	}
	// Output:
	// records/db-2 at mega-west would save 0.18 EUR an hour: denied by OWN-001: health data stays with European owners
}

func ExampleDiff() {
	before, after := exampleAnswer(), exampleAnswer()
	after.Assignment["records/api"] = "kiel"
	delete(after.Assignment, "records/db-2")
	d, err := placement.Diff(context.Background(), before, after)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range d.Moved {
		fmt.Println(m.Workload, m.From, "->", m.To, m.Price, m.Latency)
	}
	fmt.Println("not placed any more:", d.Broken)
	fmt.Println("price:", d.Price)
	// Output:
	// records/api hamburg -> kiel 0.04 EUR -4 ms
	// not placed any more: [records/db-2]
	// price: -0.20 EUR
}
