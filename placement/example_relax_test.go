package placement_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// smallEdge is a box at a tower and a data centre behind it; twoCameras want to be at the tower, where one fits.
const smallEdge = `
apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23
providers: [{id: tower, country: DE}, {id: cloud, country: DE}]
sites:
- {id: mast, provider: tower, country: DE, tier: far-edge, runtimes: [kubernetes], location: {lat: 52.5, lon: 13.4},
   capacity: {cpu: 12}, prices: {cpu: 0.05}}
- {id: hall, provider: cloud, country: DE, tier: cloud, runtimes: [kubernetes], location: {lat: 50.1, lon: 8.7},
   capacity: {cpu: 256}, prices: {cpu: 0.02}}
accessPoints: [{id: cell, country: DE, location: {lat: 52.5, lon: 13.4}}]
links:
- {a: cell, b: mast, operator: net, jurisdictions: [DE], rtt: {p50: 9ms, p95: 12ms, p99: 15ms}}
- {a: mast, b: hall, operator: net, jurisdictions: [DE], rtt: {p50: 8ms, p95: 8ms, p99: 8ms}}
`

const twoCameras = `
apiVersion: domicile.eu/v1alpha1
kind: Applications
applications:
- name: cameras
  components: [{name: detect, kind: container, replicas: 2, demand: {cpu: 8}}]
  flows: [{fromAccess: cell, to: detect, rate: 20Mbit/s, bound: 15ms}]
`

func cameras() *placement.Problem {
	c, err := topology.Read("continuum.yaml", strings.NewReader(smallEdge))
	if err != nil {
		log.Fatal(err)
	}
	apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(twoCameras))
	if err != nil {
		log.Fatal(err)
	}
	return &placement.Problem{Continuum: c, Applications: apps}
}

func ExampleRelax() {
	ctx, p := context.Background(), cameras()
	res, err := placement.Solve(ctx, p, nil)
	if err != nil {
		log.Fatal(err)
	}
	reliefs, err := placement.Relax(ctx, p, res, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, requirement := range reliefs[0].Conflict {
		fmt.Println("cannot hold:", requirement.Message)
	}
	for _, way := range reliefs[0].Ways {
		fmt.Println("at", way.Site, "for", way.Cost, "an hour more:", way.Fixes[0].Message)
	}
	// Output:
	// cannot hold: cameras/detect-2 needs room for 8 cores beside what runs there
	// cannot hold: p95 from cell to cameras/detect within 15 ms
	// at hall for 0.16 EUR an hour more: raise the p95 bound from cell to cameras/detect from 15 ms to 20 ms
	// at mast for 0.40 EUR an hour more: 4 cores more at mast (worth 0.20 EUR/h)
}
