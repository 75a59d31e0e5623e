package domicile_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing/fstest"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
	"github.com/domicile-eu/domicile/topology"
)

const continuum = `
apiVersion: domicile.eu/v1alpha1
kind: Continuum
asOf: 2026-11-23
providers:
- {id: gamma-inc, country: US}
- {id: gamma, country: IE, owners: [{owner: gamma-inc, share: 100%}]}
- {id: alpha, country: DE}
sites:
- {id: berlin, provider: alpha, country: DE, tier: regional, runtimes: [vm], location: {lat: 52.5, lon: 13.4},
   capacity: {cpu: 32}, prices: {cpu: 0.020}}
- {id: dublin, provider: gamma, country: IE, tier: cloud, runtimes: [vm], location: {lat: 53.3, lon: -6.3},
   capacity: {cpu: 512}, prices: {cpu: 0.012}}
`

const apps = `
apiVersion: domicile.eu/v1alpha1
kind: Applications
applications:
- name: clinic
  data: health
  components: [{name: records, kind: vm, demand: {cpu: 8}}]
`

const rule = `
package domicile.continuum.control

# METADATA
# title: Health data stays with providers controlled from the EU
# custom: {code: OWN-1, basis: "GDPR Art. 48", as_of: "2026-11"}
deny contains {"owner": h.owner, "country": h.country} if {
	input.workload.data == "health"
	some h in input.provider.control
	h.controls
	not h.country in {"DE", "FR", "IE"}
}
`

// The whole way: read, place, check, ask. The first block of Go in README.md is the body of this function.
func Example() {
	ctx := context.Background()
	c, err := topology.Read("continuum.yaml", strings.NewReader(continuum))
	if err != nil {
		log.Fatal(err) // every defect, with file, line and field
	}
	a, err := placement.ReadApplications("apps.yaml", strings.NewReader(apps))
	if err != nil {
		log.Fatal(err)
	}
	rules, err := policy.Load([]policy.Source{{FS: fstest.MapFS{"control.rego": {Data: []byte(rule)}}}}, nil)
	if err != nil {
		log.Fatal(err)
	}

	p := &placement.Problem{Continuum: c, Applications: a, Admission: rules, Transit: rules}
	res, err := placement.Solve(ctx, p, nil)
	if err != nil {
		log.Fatal(err)
	}
	broken, err := placement.Check(ctx, p, res.Assignment) // shares no code with Solve
	fmt.Println(res.Status, res.Assignment, broken, err)

	why, err := placement.WhyNot(ctx, placement.Answer{Problem: p, Assignment: res.Assignment}, "clinic/records", "dublin")
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range why.Violations[0].Reasons {
		fmt.Println(r.Code, r.Title, "|", r.Basis, "|", r.Location, "|", r.Detail)
	}
	fmt.Println(why.Tiers[1].Name, why.Tiers[1].Delta, "micro-euro an hour")
	// Output:
	// optimal map[clinic/records:berlin] [] <nil>
	// OWN-1 Health data stays with providers controlled from the EU | GDPR Art. 48 | control.rego:7 | map[country:US owner:gamma-inc]
	// cost -64000 micro-euro an hour
}
