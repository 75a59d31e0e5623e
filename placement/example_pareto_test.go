package placement_test

import (
	"context"
	"fmt"
	"log"

	"github.com/domicile-eu/domicile/placement"
)

func ExamplePareto() {
	p := exampleProblem()
	app := &p.Applications[0]
	app.Workloads, app.Constraints = app.Workloads[:1], nil // the api alone, near its users or cheap
	f, err := placement.Pareto(context.Background(), p, &placement.ParetoOptions{
		Axes: placement.DefaultAxes[:2], Solves: 8, Solve: &placement.Options{MaxSteps: 10_000},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Axes, "at least", f.Ideal)
	for _, p := range f.Points {
		fmt.Println(p.Values, p.Assignment["records/api"])
	}
	// Output:
	// [cost latency] at least [120000 40]
	// [120000 120] hamburg
	// [160000 40] kiel
}
