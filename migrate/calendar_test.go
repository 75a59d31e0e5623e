package migrate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

var zones = []string{"Europe/Berlin", "Europe/Madrid", "Europe/Warsaw", "Europe/Lisbon", "Europe/Zagreb"}

// open lays calendars out from an instant on.
func open(t testing.TB, start time.Time, list ...Calendar) *openings {
	t.Helper()
	o := &openings{start: start, set: newIntervals()}
	for i := range list {
		c := &list[i]
		c.judge(start, func(field, format string, args ...any) { t.Fatalf(field+": "+format, args...) })
		zone, err := c.location()
		require.NoError(t, err)
		o.calendars = append(o.calendars, &calendar{c, zone})
	}
	o.extend()
	return o
}

// holdsClock asks the clock on the wall: the definition of a slot.
func holdsClock(c *Calendar, s *Slot, zone *time.Location, at time.Time) bool {
	if !s.From.IsZero() && at.Before(s.From) || !s.Until.IsZero() && !at.Before(s.Until) {
		return false
	}
	local := at.In(zone)
	minute := local.Hour()*60 + local.Minute()
	start, end := s.Start, s.End
	if end <= start {
		end += 1440
	}
	for back := range 2 {
		day := time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, time.UTC)
		if m := minute + back*1440; m < start || m >= end {
			continue
		}
		ok := len(s.Weekdays) == 0
		for _, w := range s.Weekdays {
			ok = ok || w == day.Weekday()
		}
		if s.FirstDay != (MonthDay{}) {
			a, x, b := s.FirstDay.number(), int(day.Month())*100+day.Day(), s.LastDay.number()
			if a <= b {
				ok = ok && a <= x && x <= b
			} else {
				ok = ok && (x >= a || x <= b)
			}
		}
		if s.Days != AnyDays {
			works, err := c.IsWorkingDay(day)
			ok = ok && err == nil && works == (s.Days == WorkingDays)
		}
		if ok {
			return true
		}
	}
	return false
}

// TestClockChanges goes through the fortnights around the clock changes of 2026 and 2027, minute by minute, in five zones, with
// random slots: what is laid out is what the clock on the wall says, and so is what the replay's walk finds.
func TestClockChanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		require.NoError(t, err)
		for _, start := range []time.Time{
			time.Date(2026, 3, 26, 11, 0, 0, 0, time.UTC), time.Date(2026, 10, 22, 11, 0, 0, 0, time.UTC), time.Date(2027, 3, 25, 0, 0, 0, 0, time.UTC),
		} {
			for range 6 {
				c := randomCalendar(rng, name, start)
				o := open(t, start, c)
				times := &replayTimes{start: start, cals: []*Calendar{&c}, zones: []*time.Location{zone}, about: map[int][]int{0: {0}}}
				for minute := range 6 * 1440 {
					at := start.Add(time.Duration(minute) * time.Minute)
					want := len(c.Windows) == 0
					for i := range c.Windows {
						want = want || holdsClock(&c, &c.Windows[i], zone, at)
					}
					for i := range c.Blackouts {
						want = want && !holdsClock(&c, &c.Blackouts[i], zone, at)
					}
					x, ok := o.set.first(o.micros(at), 1)
					require.Equal(t, want, ok && x == o.micros(at), "%s %s %+v", name, at.In(zone), c)
				}
				for range 10 {
					at, length := topology.Micros(rng.Int64N(6*86400e6)), topology.Micros(1+rng.Int64N(6*3600e6))
					first, ok := o.set.first(at, length)
					if walked := times.opening(0, at, length); ok {
						require.Equal(t, first, walked, "%s %s %+v", name, start, c)
					} else {
						require.True(t, walked == replayHeld || walked+length > o.until)
					}
				}
			}
		}
	}
}

func randomCalendar(rng *rand.Rand, zone string, start time.Time) Calendar {
	slot := func() Slot {
		s := Slot{Start: 15 * rng.IntN(96), End: 15 * rng.IntN(97)}
		if rng.IntN(3) == 0 {
			s.Start, s.End = 60+15*rng.IntN(10), 60+15*rng.IntN(12) // the hours in which clocks are changed
		}
		for d := range time.Weekday(7) {
			if rng.IntN(3) == 0 {
				s.Weekdays = append(s.Weekdays, d)
			}
		}
		switch rng.IntN(5) {
		case 0:
			s.Days = WorkingDays
		case 1:
			s.Days = FreeDays
		case 2:
			s.From = start.Add(time.Duration(rng.IntN(7*1440)) * time.Minute)
		case 3:
			s.FirstDay, s.LastDay = MonthDay{3, 27}, MonthDay{10, 24}
			if rng.IntN(2) == 0 {
				s.FirstDay, s.LastDay = s.LastDay, s.FirstDay
			}
		}
		if !s.recurs() && s.From.IsZero() {
			s.From = start
		}
		return s
	}
	c := Calendar{Name: "c", Zone: zone, Holidays: "DE"}
	for range 1 + rng.IntN(3) {
		c.Windows = append(c.Windows, slot())
	}
	if rng.IntN(2) == 0 {
		c.Blackouts = append(c.Blackouts, slot())
	}
	return c
}

// TestNightsOfClockChanges: a window from 22:00 to 04:00 has five hours in spring and seven in autumn, half past two does
// not exist in spring and comes twice in autumn (in Lisbon an hour earlier).
func TestNightsOfClockChanges(t *testing.T) {
	for _, name := range zones {
		hour := 2
		if name == "Europe/Lisbon" {
			hour = 1
		}
		night := Calendar{Name: "night", Zone: name, Windows: []Slot{{Start: 22 * 60, End: 4 * 60}}}
		half := Calendar{Name: "half", Zone: name, Windows: []Slot{{Start: hour*60 + 30, End: hour*60 + 45}}}
		for _, c := range []struct {
			day         time.Time
			hours, half int
		}{
			{time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), 5, 0},
			{time.Date(2026, 6, 20, 12, 0, 0, 0, time.UTC), 6, 1},
			{time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), 7, 2},
		} {
			total := func(calendar Calendar) (sum topology.Micros) {
				open(t, c.day, calendar).set.tree.AscendLessThan(interval{from: 24 * 3600e6}, func(x interval) bool {
					sum += x.until - x.from
					return true
				})
				return sum
			}
			assert.Equal(t, topology.Micros(c.hours)*3600e6, total(night), "%s %s", name, c.day)
			assert.Equal(t, topology.Micros(c.half)*15*60e6, total(half), "%s %s", name, c.day)
		}
	}
}

// TestHolidays checks dates that anybody can look up.
func TestHolidays(t *testing.T) {
	for _, c := range []struct {
		country topology.Jurisdiction
		day     string
		works   bool
	}{
		{"DE", "2026-04-03", false}, {"DE", "2026-04-06", false}, {"DE", "2026-05-14", false}, {"DE", "2026-05-25", false},
		{"DE", "2026-12-24", true}, {"DE", "2026-12-25", false}, {"ES", "2026-04-06", true}, {"ES", "2026-10-12", false},
		{"PL", "2024-12-24", true}, {"PL", "2026-12-24", false}, {"PL", "2026-06-04", false}, {"PT", "2026-06-10", false},
		{"HR", "2026-06-22", false}, {"FR", "2026-07-14", false}, {"", "2026-12-25", true}, {"DE", "2026-11-28", false},
		{"IT", "2027-10-04", false},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		require.NoError(t, err)
		works, err := (&Calendar{Holidays: c.country}).IsWorkingDay(day)
		require.NoError(t, err)
		assert.Equal(t, c.works, works, "%s in %s", c.day, c.country)
	}
	_, err := (&Calendar{Holidays: "DE"}).IsWorkingDay(time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC))
	assert.ErrorIs(t, err, ErrInvalid)
	_, err = (&Calendar{Holidays: "XX"}).AddWorkingDays(asOf, 1)
	assert.ErrorIs(t, err, ErrInvalid)
	christmas := time.Date(2026, 12, 23, 0, 0, 0, 0, time.UTC)
	day, err := (&Calendar{Holidays: "DE"}).AddWorkingDays(christmas, 3)
	require.NoError(t, err)
	assert.Equal(t, "2026-12-29", day.Format(time.DateOnly), "24, 28, 29: Christmas is on Friday and Saturday")
	day, err = (&Calendar{}).AddWorkingDays(christmas, 3)
	require.NoError(t, err)
	assert.Equal(t, addWeekdays(christmas, 3), day)
	day, err = (&Calendar{Extra: []time.Time{christmas.AddDate(0, 0, 1)}}).AddWorkingDays(christmas, 1)
	require.NoError(t, err)
	assert.Equal(t, "2026-12-25", day.Format(time.DateOnly))
	_, err = parseHolidays("h.yaml", []byte("apiVersion: domicile.eu/v1alpha1\nkind: Holidays\nname: x\nfirstYear: 2030\nlastYear: 2020\ncountries:\n- {country: DE, days: [\"13-01\"], basis: b, source: s, hand: third, read: 2026-01-01}\n"))
	assert.ErrorContains(t, err, "13-01")
	assert.ErrorContains(t, err, "third")
	assert.ErrorContains(t, err, "2030 to 2020")
}

// TestNightWindow: moves wait for the night in Madrid; what does not fit any night is stuck with the reason, and what needs
// no window goes at once.
func TestNightWindow(t *testing.T) {
	b := newBuild()
	b.site("a", cpu(64))
	b.site("b", cpu(64))
	b.star(8e9)
	b.workload("app/x", cpu(1), "a", "b", memory(1e12))   // 17 minutes
	b.workload("app/y", cpu(1), "a", "b", memory(1e12))   //
	b.workload("app/big", cpu(1), "a", "b", memory(3e13)) // over 8 hours
	b.workload("other/z", cpu(1), "b", "a", memory(1e9))
	b.opts = &Options{Start: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), Calendars: []Calendar{{
		Name: "nights", Zone: "Europe/Madrid", Of: Which{Applications: []string{"app"}}, Windows: []Slot{{Start: 22 * 60, End: 4 * 60}},
	}}}
	p, plan := b.plan(t)
	require.Len(t, plan.Stuck, 1)
	assert.Equal(t, placement.WorkloadID("app/big"), plan.Stuck[0].Workload)
	assert.Contains(t, plan.Stuck[0].Message, "the calendars nights never open for")
	x, z := find(t, plan, "app/x", false), find(t, plan, "other/z", false)
	assert.Zero(t, z.Start)
	assert.Zero(t, z.NotBefore)
	assert.Equal(t, topology.Micros(9*3600e6), min(x.Start, find(t, plan, "app/y", false).Start), "22:00 in Madrid is 21:00 UTC")
	assert.Equal(t, topology.Micros(9*3600e6), x.NotBefore)
	start, ok, err := NextStart(p, x, topology.Micros(14*3600e6+50*60e6), b.opts)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Equal(t, topology.Micros(33*3600e6), start, "ten minutes before four is too late: the next night")
}

// TestClosedForGood: a window that ends before the turn of a move comes leaves it stuck, and what waits for it.
func TestClosedForGood(t *testing.T) {
	b := newBuild()
	b.site("a", cpu(4))
	b.site("b", cpu(4))
	b.site("c", cpu(4))
	b.star(8e9)
	b.workload("app/x", cpu(4), "a", "b", memory(1e12))
	b.workload("app/y", cpu(4), "b", "c", memory(1e12))
	b.opts = &Options{Start: asOf, Calendars: []Calendar{{
		Name: "today", Of: Which{Workloads: []placement.WorkloadID{"app/x"}}, Windows: []Slot{{From: asOf, Until: asOf.Add(20 * time.Minute)}},
	}}}
	_, plan := b.plan(t)
	require.Len(t, plan.Stuck, 1)
	assert.Contains(t, plan.Stuck[0].Message, "its turn comes too late: after what it has to wait for, the calendars today do not open for")
	assert.Len(t, plan.Moves, 1)
}

// TestBadCalendars: every defect is named.
func TestBadCalendars(t *testing.T) {
	b := newBuild()
	b.site("a", cpu(4))
	b.site("b", cpu(4))
	b.star(8e9)
	b.workload("app/x", cpu(1), "a", "b")
	b.opts = &Options{
		Calendars: []Calendar{
			{Zone: "Mars/Olympus", Of: Which{Sites: []topology.SiteID{"nowhere"}, Links: []topology.LinkID{"l"}, Countries: []topology.Jurisdiction{"XX"}}},
			{Name: "n", Zone: "Local", Holidays: "QQ", Windows: []Slot{{}, {Start: 1440, End: -1}, {From: asOf, Until: asOf}, {FirstDay: MonthDay{2, 30}}, {Days: "lazy"}}},
			{Name: "n", Blackouts: []Slot{{Weekdays: []time.Weekday{9}}}},
		},
		Deadlines:   []Deadline{{Of: Which{Links: []topology.LinkID{"a--ix"}}}, {Of: Which{Providers: []topology.ProviderID{"who"}}, By: asOf}},
		Disruptions: []Disruption{{MaxUnavailable: "1", MinAvailable: "1"}, {MaxUnavailable: "many"}, {MinAvailable: "120%", Of: Which{Attributes: map[string]string{"k": "v"}}}},
		Before:      []Precedence{{First: Which{Workloads: []placement.WorkloadID{"app/none"}}, Then: Which{Applications: []string{"none"}, Components: []string{"none"}}}},
	}
	_, err := Order(context.Background(), b.problem(t), b.from, b.to, b.opts)
	require.ErrorIs(t, err, ErrInvalid)
	for _, want := range []string{
		`calendars[0].name: is empty`, `calendars[0].zone: "Mars/Olympus" is no IANA zone`, `no site "nowhere"`, `no link "l"`, `no site in "XX"`,
		`calendars[0]: has neither`, `calendars[1].zone: "Local"`, `holidays: the holidays of "QQ"`, `windows[0]: says nothing`,
		`windows[1].start`, `windows[1].end`, `windows[2].until: is not after from`, `windows[3].firstDay: 02-30`, `windows[3].firstDay: goes with`,
		`windows[4].days`, `calendars[2].name: "n" is used twice`, `blackouts[0].weekdays: 9`, `deadlines[0].of: links are`, `deadlines[0].by: is missing`,
		`no site of provider "who"`, `disruptions[0]: exactly one`, `disruptions[1]: "many"`, `disruptions[2]: "120%"`, `no workload has the attribute "k"`,
		`before[0].first: there is no workload "app/none"`, `no application "none"`, `no component "none"`,
	} {
		assert.ErrorContains(t, err, want)
	}
}

// TestRandomCompany plans random problems under random calendars, deadlines, budgets and precedences; every plan and every
// way back has to replay clean, and whoever does not move has a reason.
func TestRandomCompany(t *testing.T) {
	late, stuck, moved := 0, 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 3))
		b := newBuild()
		sites := 3 + rng.IntN(4)
		for i := range sites {
			b.site(fmt.Sprintf("s%d", i), cpu(int64(6+rng.IntN(6))))
		}
		b.star(1e9)
		used := make([]int, sites)
		for i := range 6 + rng.IntN(12) {
			from, to := rng.IntN(sites), rng.IntN(sites)
			if used[from] >= 5 {
				continue
			}
			used[from]++
			b.workload(fmt.Sprintf("app%d/c%d-%d", i%3, i%2, i), cpu(1), fmt.Sprintf("s%d", from), fmt.Sprintf("s%d", to), memory(1e11+rng.Int64N(4e11)))
		}
		if len(b.apps) < 3 {
			continue
		}
		start := time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC)
		b.opts = &Options{Start: start, Calendars: []Calendar{
			{Name: "n", Zone: zones[rng.IntN(5)], Of: Which{Sites: []topology.SiteID{"s0"}}, Windows: []Slot{{Start: 60 * rng.IntN(24), End: 60 * rng.IntN(24)}}},
			{Name: "m", Zone: zones[rng.IntN(5)], Of: Which{Applications: []string{"app1"}}, Blackouts: []Slot{{From: start.Add(time.Hour), Until: start.Add(30 * time.Hour)}}},
		}}
		if rng.IntN(2) == 0 {
			b.opts.Calendars[1].Windows = []Slot{{From: start, Until: start.Add(time.Duration(rng.IntN(50)+1) * time.Hour)}}
		}
		b.opts.Deadlines = []Deadline{{Of: Which{Applications: []string{"app2"}}, By: start.Add(time.Duration(rng.IntN(20)) * time.Hour)}}
		b.opts.Disruptions = []Disruption{{Of: Which{Applications: []string{"app0"}}, MaxUnavailable: []string{"1", "30%", "0"}[rng.IntN(3)]}}
		if rng.IntN(2) == 0 {
			b.opts.Before = []Precedence{{First: Which{Applications: []string{"app0"}}, Then: Which{Applications: []string{"app2"}}}}
		}
		if seed%6 > 0 {
			b.opts.Passes = 8 // all of them take most of the time and find the same faults
		}
		p, plan := b.plan(t)
		back, err := Reverse(context.Background(), p, b.from, plan, b.opts)
		require.NoError(t, err)
		clean(t, p, after(b.from, plan), b.from, back, b.opts.Back())
		late, stuck, moved = late+len(plan.Late), stuck+len(plan.Stuck), moved+len(plan.Moves)
	}
	assert.Greater(t, late, 20)
	assert.Greater(t, stuck, 20)
	assert.Greater(t, moved, 200)
}
