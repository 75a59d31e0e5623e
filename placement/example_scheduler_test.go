package placement_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/domicile-eu/domicile/placement"
)

func ExampleScheduler() {
	ctx := context.Background()
	s, err := placement.NewScheduler(ctx, placement.Answer{Problem: exampleProblem()}, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range []placement.WorkloadID{"records/db-1", "records/db-2"} {
		best, err := s.Candidates(ctx, w, 2)
		if err != nil {
			log.Fatal(err)
		}
		for _, c := range best {
			fmt.Println(w, c.Site, c.Cost, c.Shadow)
		}
		if err := s.Reserve(ctx, placement.Assignment{w: best[0].Site}); err != nil {
			log.Fatal(err)
		}
	}
	err = s.Reserve(ctx, placement.Assignment{"records/api": "kiel"})
	fmt.Println(errors.Is(err, placement.ErrRefused), err)

	e, err := s.Explain(ctx)
	if err != nil {
		log.Fatal(err)
	}
	why, err := e.Why(ctx, "records/api")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(why.Admissible, why.Refused)
	if err := s.Release("records/db-2"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Answer().Assignment)
	// Output:
	// records/db-1 hamburg 180000 0
	// records/db-1 kiel 240000 0
	// records/db-2 kiel 240000 0
	// true records/api on kiel: refused: capacity
	// 1 map[admission:1 capacity:1 latency:1]
	// map[records/db-1:hamburg]
}

func ExampleRecommend() {
	ans := placement.Answer{Problem: exampleProblem(), Assignment: placement.Assignment{"records/db-1": "hamburg"}}
	best, err := placement.Recommend(context.Background(), ans, "records/db-2", 3)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range best {
		fmt.Println(c.Site, c.Cost+c.Shadow)
	}
	// Output:
	// kiel 240000
}

func ExampleExplain() {
	ctx := context.Background()
	ans := placement.Answer{Problem: exampleProblem(), Assignment: placement.Assignment{"records/api": "hamburg", "records/db-1": "kiel"}}
	e, err := placement.Explain(ctx, ans)
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range []placement.WorkloadID{"records/api", "records/db-2"} {
		answer, err := e.WhyNot(ctx, w, "mega-west")
		if err != nil {
			log.Fatal(err)
		}
		for _, v := range answer.Violations {
			fmt.Println(w, v.Kind, v.Message)
		}
	}
	// Output:
	// records/api admission denied by OWN-001: health data stays with European owners
	// records/api latency p95 from clinic is 31.2 ms, bound 25 ms
	// records/db-2 admission denied by OWN-001: health data stays with European owners
}
