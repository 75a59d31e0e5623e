package policy_test

import (
	"context"
	"fmt"
	"strings"
	"testing/fstest"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
)

// What would a stricter limit on electricity do to what runs?
func ExampleImpact() {
	load := func(limit string) *policy.Set {
		rego := strings.ReplaceAll(string(folder["power.rego"].Data), "300", limit)
		set, err := policy.Load([]policy.Source{{Name: "policies", FS: fstest.MapFS{"power.rego": {Data: []byte(rego)}}}}, nil)
		if err != nil {
			panic(err)
		}
		return set
	}
	apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: Applications
applications:
- name: shop
  components:
  - {name: web, kind: vm, demand: {}}
  - {name: db, kind: vm, demand: {}, site: cologne}
`))
	if err != nil {
		panic(err)
	}
	problem := &placement.Problem{
		Continuum: world(), Applications: apps, Admission: load("400"),
		Current: placement.Assignment{"shop/web": "cologne", "shop/db": "cologne"},
	}

	impact, err := policy.Impact(context.Background(), problem, load("300"), nil)
	if err != nil {
		panic(err)
	}
	fmt.Printf("admitted pairs: %d of %d, now %d\n", impact.PairsAfter, impact.Pairs, impact.PairsBefore)
	for _, d := range impact.MustMove {
		fmt.Printf("%s must leave %s for %q: %s\n", d.Workload, d.From, d.To, d.Violations[0].Message)
	}
	fmt.Printf("%d has nowhere to go\n", len(impact.Stranded()))
	// Output:
	// admitted pairs: 4 of 6, now 6
	// shop/db must leave cologne for "": denied by POW-001: 340 g/kWh at the site
	// shop/web must leave cologne for "geneva": denied by POW-001: 340 g/kWh at the site
	// 1 has nowhere to go
}
