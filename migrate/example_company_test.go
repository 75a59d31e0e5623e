package migrate_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// The shop moves in nights of Berlin only, its database before its web servers, and has to be there by Wednesday.
func ExampleReadOptions() {
	opts, err := migrate.ReadOptions("options.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: MigrationOptions
start: 2026-11-23T12:00:00Z
calendars:
- name: nights
  zone: Europe/Berlin
  of: {applications: [shop]}
  windows:
  - {start: "22:00", end: "04:00"}
  blackouts:
  - {weekdays: [mon], start: "22:00", end: "04:00"}
before:
- {first: {components: [db]}, then: {components: [web]}}
deadlines:
- {of: {components: [web]}, by: 2026-11-25T00:00:00+01:00}
`))
	if err != nil {
		panic(err)
	}
	p, from := hosts()
	to := placement.Assignment{"shop/db": "c", "shop/web": "a"}
	plan, err := migrate.Order(context.Background(), p, from, to, opts)
	if err != nil {
		panic(err)
	}
	for _, m := range plan.Moves {
		fmt.Println(m.Workload, opts.Start.Add(time.Duration(m.Start)*time.Microsecond).Format(time.RFC3339), "after", m.After)
	}
	fmt.Println("late:", len(plan.Late))
	faults, err := migrate.Replay(context.Background(), p, from, to, plan, opts)
	fmt.Println("faults:", len(faults), err)

	_, err = migrate.ReadOptions("bad.yaml", strings.NewReader(`
apiVersion: domicile.eu/v1alpha1
kind: MigrationOptions
calendars:
- name: nights
  zone: Europe/Springfield
  windows: [{start: "22:60"}]
`))
	fmt.Println(err)
	// Output:
	// shop/db 2026-11-24T21:00:00Z after []
	// shop/web 2026-11-24T21:00:21Z after [0]
	// late: 0
	// faults: 0 <nil>
	// bad.yaml:6: calendars[0].zone: "Europe/Springfield" is no IANA zone, or none that is known here
	// bad.yaml:7: calendars[0].windows[0].start: "22:60" is no time of day such as 22:00
}

// A move that is late for its window waits for the next one.
func ExampleNextStart() {
	p, from := hosts()
	to := placement.Assignment{"shop/db": "c"}
	opts := &migrate.Options{
		Start: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		Calendars: []migrate.Calendar{{
			Name: "hour", Of: migrate.Which{Sites: []topology.SiteID{"a"}}, Windows: []migrate.Slot{{Start: 60, End: 120}},
		}},
	}
	plan, err := migrate.Order(context.Background(), p, from, to, opts)
	if err != nil {
		panic(err)
	}
	m := &plan.Moves[0]
	fmt.Println("planned at", m.Start, "of at most", m.Safe)
	for _, now := range []topology.Micros{90 * 60e6, 120*60e6 - 10e6} {
		start, ok, err := migrate.NextStart(p, m, now, opts)
		fmt.Println("free", 120*60e6-now, "before it closes, starts at", start, ok, err)
	}
	// Output:
	// planned at 1 h of at most 23.4 s
	// free 30 min before it closes, starts at 1.5 h true <nil>
	// free 10 s before it closes, starts at 25 h true <nil>
}

// Fourteen working days over Christmas, in Germany and without holidays.
func ExampleCalendar_AddWorkingDays() {
	from := time.Date(2026, 12, 18, 0, 0, 0, 0, time.UTC)
	for _, country := range []topology.Jurisdiction{"DE", "PL", ""} {
		day, err := (&migrate.Calendar{Holidays: country}).AddWorkingDays(from, 14)
		fmt.Printf("%q %s %v\n", country, day.Format(time.DateOnly), err)
	}
	// Output:
	// "DE" 2027-01-11 <nil>
	// "PL" 2027-01-13 <nil>
	// "" 2027-01-07 <nil>
}
