package policy_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/policy"
)

// A decision is recorded and signed, and come to again a year later by somebody who has the same input.
func ExampleRecord_Verify() {
	set, err := policy.Load([]policy.Source{{Name: "policies", FS: folder}}, nil)
	if err != nil {
		panic(err)
	}
	apps, err := placement.ReadApplications("apps.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: Applications
applications:
- name: clinic
  tenant: charite
  data: personal
  components:
  - {name: db, kind: vm, demand: {}}
`))
	if err != nil {
		panic(err)
	}
	problem := &placement.Problem{Continuum: world(), Applications: apps, Admission: set, Transit: set}
	options := &placement.Options{Seed: 1, MaxSteps: 10_000}
	result, err := placement.Solve(context.Background(), problem, options)
	if err != nil {
		panic(err)
	}

	record, err := policy.NewRecord(problem, options, result)
	if err != nil {
		panic(err)
	}
	public, private, _ := ed25519.GenerateKey(strings.NewReader(strings.Repeat("not for production ", 9)))
	if err := record.Sign(private); err != nil {
		panic(err)
	}
	again, err := record.Verify(context.Background(), problem, public)
	fmt.Println(again.Assignment, err)

	record.Seed = 2
	_, err = record.Verify(context.Background(), problem, public)
	fmt.Println(err)
	// Output:
	// map[clinic/db:geneva] <nil>
	// decision record: the signature is not of this key, or the record was changed
}
