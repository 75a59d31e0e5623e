package online

import (
	"fmt"
	"math/rand/v2"

	"github.com/domicile-eu/domicile/bench/synthetic"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// drawn are arrivals from the seed alone: sizes as virtual machines have them, in batches of one tenant, with lifetimes
// that mostly are short.
func drawn(n int, rng *rand.Rand) ([]flavour, []arrival) {
	flavours := []flavour{
		{1000, 2 << 30}, {1000, 4 << 30}, {2000, 4 << 30}, {2000, 8 << 30},
		{4000, 8 << 30}, {4000, 16 << 30}, {8000, 16 << 30}, {8000, 32 << 30},
	}
	out := make([]arrival, 0, n)
	at, batch := int64(0), 0
	for len(out) < n {
		at += 1 + rng.Int64N(30)
		batch++
		f, life := rng.IntN(len(flavours)), int64(60)<<rng.IntN(12)
		for range min(n-len(out), 1+rng.IntN(3)*rng.IntN(4)) {
			out = append(out, arrival{at, f, batch, at + life + rng.Int64N(life)})
		}
	}
	return flavours, out
}

// profiles is how many kinds of requests there are; each is an application with a component for each flavour.
const profiles = 8

// request is what machines of a profile ask for beside their size.
func request(k int, s *synthetic.Scaled, rng *rand.Rand) (placement.Application, placement.Workload) {
	app := placement.Application{Name: fmt.Sprintf("stream-%d", k), Tenant: fmt.Sprintf("stream-%d", k)}
	w := placement.Workload{Application: app.Name, Tenant: app.Tenant, Kind: placement.Container, Priority: 1}
	if k%4 == 3 {
		w.Kind = placement.VM
	}
	if k%2 == 1 {
		w.Data = "personal"
		var residency []any
		for range 6 {
			residency = append(residency, string(s.Spec.Sites[rng.IntN(len(s.Spec.Sites))].Country))
		}
		w.Attributes = map[string]any{"residency": residency}
	}
	return app, w
}

// applications makes the applications of a stream, all of whose workloads are known and none placed, and the name of
// each arrival's workload.
func applications(s *synthetic.Scaled, flavours []flavour, stream []arrival, rng *rand.Rand) ([]placement.Application, []placement.WorkloadID) {
	ids := make([]placement.WorkloadID, len(stream))
	var members [profiles][][]int
	for k := range members {
		members[k] = make([][]int, len(flavours))
	}
	for n, a := range stream {
		k := a.batch % profiles
		members[k][a.flavour] = append(members[k][a.flavour], n)
	}
	var apps []placement.Application
	for k := range members {
		app, w := request(k, s, rng)
		var names []string
		for f, list := range members[k] {
			w.Component = fmt.Sprintf("f%d", f)
			w.Demand = topology.Resources{topology.CPU: flavours[f].cpu, topology.Memory: flavours[f].memory}
			for r, n := range list {
				w.ID = placement.WorkloadID(fmt.Sprintf("%s/%s-%d", app.Name, w.Component, r+1))
				ids[n] = w.ID
				app.Workloads = append(app.Workloads, w)
			}
			if len(list) == 0 {
				continue
			}
			names = append(names, w.Component)
			if k%4 >= 2 {
				access := s.Spec.AccessPoints[rng.IntN(len(s.Spec.AccessPoints))].ID
				app.Flows = append(app.Flows, placement.Flow{FromAccess: access, To: w.Component, Rate: 1_000_000 * int64(len(list)), Bound: 80_000})
			}
		}
		if len(names) == 0 {
			continue
		}
		if k%2 == 0 { // kept by whatever leaves, which a spread is not
			app.Constraints = append(app.Constraints, placement.Conflict{Components: names, Over: "site", AtMost: 16})
		}
		apps = append(apps, app)
	}
	return apps, ids
}
