package migrate_test

import (
	"context"
	"fmt"
	"time"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// A host gets cheaper. The database earns its move within the month; a second look finds nothing more to do.
func ExampleRebalance() {
	p, _ := hosts()
	price := map[topology.SiteID]topology.MicroEUR{"a": 10_000, "b": 10_000, "c": 6_000}
	var put topology.Spec
	for s := range p.Continuum.Sites() {
		priced := *s
		priced.Prices = map[topology.Dimension]topology.MicroEUR{topology.CPU: price[s.ID]}
		put.Sites = append(put.Sites, priced)
	}
	var err error
	if p.Continuum, err = p.Continuum.Update(topology.Changes{Put: put}); err != nil {
		panic(err)
	}
	for range 2 {
		r, err := migrate.Rebalance(context.Background(), p, nil, nil, nil)
		if err != nil {
			panic(err)
		}
		for _, m := range r.Moves {
			fmt.Println(m.Workload, m.From, "->", m.To, "saves", m.Benefit, "an hour, costs", m.Cost, "once, paid after", m.Payback, "h")
		}
		fmt.Println(len(r.Plan.Moves), "moves in", r.Plan.Makespan)
		p.Current = r.To
	}
	// Output:
	// shop/db a -> c saves 0.032 EUR an hour, costs 0.80 EUR once, paid after 26 h
	// 1 moves in 21 s
	// 0 moves in 0 µs
}

// A host is to be empty within ten seconds, which is too soon.
func ExampleDrain_deadline() {
	p, _ := hosts()
	p.Applications[0].Workloads[0].Migration.Memory = 64e9
	d, err := migrate.Drain(context.Background(), p, migrate.Scope{
		Sites: []topology.SiteID{"a"}, By: p.Continuum.AsOf().Add(10 * time.Second),
	}, &placement.Options{MaxSteps: 10_000}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("empty at", d.Over.Format(time.RFC3339))
	for _, l := range d.Late {
		fmt.Println(l.Workload, "is late by", l.Over, "proven:", l.Proven, l.Message)
	}
	// Output:
	// empty at 2026-11-23T00:01:09Z
	// shop/db is late by 59 s proven: true it cannot end before 1.15 min, 59 s after its deadline, even if nothing but what has to be before it moves
}
