package migrate_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// hosts returns three hosts in one rack, two of them full.
func hosts() (*placement.Problem, placement.Assignment) {
	site := func(id topology.SiteID, provider topology.ProviderID) topology.Site {
		return topology.Site{
			ID: id, Name: string(id), Provider: provider, Country: "DE", City: "Berlin", Tier: topology.Regional,
			Location: topology.Location{Lat: 52.5, Lon: 13.4}, Runtimes: []topology.Runtime{topology.VM},
			Capacity: topology.Resources{topology.CPU: 8000}, Egress: 50_000,
		}
	}
	link := func(id topology.SiteID) topology.Link {
		return topology.Link{
			ID: topology.LinkID(id + "--switch"), A: id.Node(), B: "switch", Operator: "berlin-net",
			Jurisdictions: []topology.Jurisdiction{"DE"}, RTT: topology.RTT{P50: 300, P95: 400, P99: 500}, Bandwidth: 8e9,
		}
	}
	c, err := topology.New(topology.Spec{
		Name: "rack", AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Providers: []topology.Provider{{ID: "old", Name: "Old", Country: "DE"}, {ID: "new", Name: "New", Country: "DE"}},
		Sites:     []topology.Site{site("a", "old"), site("b", "old"), site("c", "new")},
		Exchanges: []topology.Exchange{{ID: "switch", Name: "switch", Country: "DE"}},
		Links:     []topology.Link{link("a"), link("b"), link("c")},
	})
	if err != nil {
		panic(err)
	}
	vm := func(name string, cpu, memory int64) placement.Workload {
		return placement.Workload{
			ID: placement.WorkloadID("shop/" + name), Application: "shop", Component: name, Kind: placement.VM, Priority: 1,
			Demand: topology.Resources{topology.CPU: cpu}, Migration: placement.Migration{Memory: memory},
		}
	}
	current := placement.Assignment{"shop/db": "a", "shop/web": "b"}
	return &placement.Problem{
		Continuum:    c,
		Applications: []placement.Application{{Name: "shop", Workloads: []placement.Workload{vm("db", 8000, 16e9), vm("web", 6000, 4e9)}}},
		Current:      current,
	}, current
}

// Two workloads swap their hosts. Neither can start, so the one with less to copy waits on the third host meanwhile.
func ExampleOrder() {
	p, from := hosts()
	to := placement.Assignment{"shop/db": "b", "shop/web": "a"}
	plan, err := migrate.Order(context.Background(), p, from, to, nil)
	if err != nil {
		panic(err)
	}
	for _, m := range plan.Moves {
		fmt.Println(m.ID, m.Workload, m.From, "->", m.To, m.Method, "from", m.Start, "to", m.End, "after", m.After)
	}
	fmt.Println("makespan", plan.Makespan, "stuck", len(plan.Stuck))
	// Output:
	// 0 shop/web b -> c pre-copy from 0 µs to 9 s after []
	// 1 shop/db a -> b pre-copy from 9 s to 30 s after [0]
	// 2 shop/web c -> a pre-copy from 30 s to 39 s after [0 1]
	// makespan 39 s stuck 0
}

// A replay takes nothing from the planner's word: without its edges the same plan would overfill hosts as soon as a copy
// takes longer than predicted.
func ExampleReplay() {
	p, from := hosts()
	to := placement.Assignment{"shop/db": "b", "shop/web": "a"}
	ctx := context.Background()
	plan, err := migrate.Order(ctx, p, from, to, nil)
	if err != nil {
		panic(err)
	}
	faults, err := migrate.Replay(ctx, p, from, to, plan, nil)
	fmt.Println("as planned:", len(faults), err)
	plan.Moves[1].After = nil
	faults, err = migrate.Replay(ctx, p, from, to, plan, nil)
	fmt.Println("without an edge:", faults[0].Message, err)
	// Output:
	// as planned: 0 <nil>
	// without an edge: with other durations: overfills b in cpu <nil>
}

func ExampleReverse() {
	p, from := hosts()
	ctx := context.Background()
	plan, err := migrate.Order(ctx, p, from, placement.Assignment{"shop/db": "a", "shop/web": "c"}, nil)
	if err != nil {
		panic(err)
	}
	back, err := migrate.Reverse(ctx, p, from, plan, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(back.Moves[0].Workload, back.Moves[0].From, "->", back.Moves[0].To, "for", back.Transfer)
	// Output:
	// shop/web c -> b for 0.20 EUR
}

func ExampleDrain() {
	p, _ := hosts()
	d, err := migrate.Drain(context.Background(), p, migrate.Scope{Sites: []topology.SiteID{"b"}}, nil, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(d.Plan.Moves[0].Workload, d.Plan.Moves[0].From, "->", d.Plan.Moves[0].To)
	fmt.Println("moved", len(d.Difference.Moved), "staying", len(d.Staying))
	// Output:
	// shop/web b -> c
	// moved 1 staying 0
}

// One of two workloads finds a place outside the provider. The bill has both tariffs of the law; with this notice the
// transition begins after the change.
func ExampleExit() {
	p, _ := hosts()
	notice := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	r, err := migrate.Exit(context.Background(), p, "old", notice, nil, nil)
	if err != nil {
		panic(err)
	}
	for _, phase := range r.Clock[:3] {
		fmt.Println(phase.From, phase.Until, phase.Name)
	}
	for _, charge := range r.Bill[:2] {
		fmt.Println(charge.Applies, charge.Cost, charge.Name)
	}
	fmt.Println("begin by", r.LatestStart, "staying:", r.Staying[0].Workload)
	// Output:
	// 2026-11-23 2027-01-23 notice
	// 2026-11-23 2026-12-11 the provider may say that the transition is technically unfeasible
	// 2027-01-23 2027-02-22 transition
	// false 0.20 EUR egress of the switch, tariff until 12 January 2027
	// true 0.00 EUR egress of the switch, tariff from 12 January 2027
	// begin by 2027-02-21 staying: shop/db
}

func ExampleExitReport_Markdown() {
	p, _ := hosts()
	r, err := migrate.Exit(context.Background(), p, "old", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), nil, nil)
	if err != nil {
		panic(err)
	}
	var text strings.Builder
	if err := r.Markdown(&text); err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stdout, strings.SplitN(text.String(), "\n", 2)[0])
	// Output:
	// # Exit from old
}

func ExamplePredict() {
	w := &placement.Workload{Kind: placement.VM, Migration: placement.Migration{
		Memory: 16 << 30, DirtyRate: 20 << 20, HotSet: 512 << 20, HotPeriod: 2_000_000,
	}}
	for _, rate := range []int64{1e9, 10e9} {
		e, err := migrate.Predict(w, placement.PreCopy, rate, nil)
		fmt.Println(rate, e.Duration, e.Downtime, err)
	}
	// Output:
	// 1000000000 0 µs 0 µs method does not work: memory gets dirty at 268435456 bytes/s and is copied at 125000000: pre-copy never ends
	// 10000000000 19.5 s 350 ms <nil>
}
