package placement_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
)

// Samples of round trips move the scheduler on: each new version of the graph, and of the continuum that holds what was
// measured of links, makes an Update.
func ExampleScheduler_Update_observer() {
	ctx := context.Background()
	problem := exampleProblem()
	observer, err := latency.NewObserver(problem.Continuum, &latency.ObserverOptions{MinSamples: 20, Every: 10 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	scheduler, err := placement.NewScheduler(ctx, placement.Answer{Problem: problem}, nil)
	if err != nil {
		log.Fatal(err)
	}
	best := func() {
		found, err := scheduler.Candidates(ctx, "records/api", 1)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("best:", found[0].Site)
	}
	best()
	start := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for second := range 60 { // the link to Hamburg takes 40 ms this morning
		at := start.Add(time.Duration(second) * time.Second)
		observer.Advance(at)
		observer.Observe(latency.Sample{Link: "clinic--hamburg", RTT: 40_000, At: at})
		graph, due, err := observer.Next()
		if err != nil {
			log.Fatal(err)
		}
		if !due {
			continue
		}
		next := *problem
		next.Continuum, next.Latency = graph.Continuum(), graph
		if _, err := scheduler.Update(ctx, &next, nil); err != nil {
			log.Fatal(err)
		}
		fmt.Println("a new version after", second+1, "samples")
		best()
	}
	fmt.Println(observer.Stats().Taken, "samples,", observer.Stats().Versions, "version")
	// Output:
	// best: hamburg
	// a new version after 20 samples
	// best: kiel
	// 60 samples, 1 version
}
