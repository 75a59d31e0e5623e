package migrate

import (
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// Calendar says when moves may run. A move that several calendars are about has to please each of them: it runs wholly
// inside one window of every calendar that has any, and touches no blackout. Move.Safe (where it is known, else the
// predicted duration) has to fit.
type Calendar struct {
	Name string // in messages; unique
	// Zone is the IANA name of the time zone in which weekdays, dates and times of day are meant; empty: UTC. Programs that
	// run on machines without zone files import time/tzdata.
	Zone string
	Of   Which // which moves it is about; zero: all
	// Windows are the only times at which moves may run; none: always, but for Blackouts.
	Windows   []Slot
	Blackouts []Slot
	// Holidays is the country whose public holidays, those of the whole country, are no working days; empty: none. The days
	// are in data/holidays.yaml with their sources.
	Holidays topology.Jurisdiction
	// Extra are more days that are no working days: regional and company holidays. Year, month and day count.
	Extra []time.Time
}

// Slot is a set of instants: those that all fields given apply to. A clock is read as it stands on the wall in the
// calendar's zone. Where it is put forward in spring, what it skips does not exist, and where it is put back in autumn,
// what it shows twice is in the slot twice: a window from 22:00 to 04:00 is an hour shorter in the first of these nights
// and an hour longer in the other.
type Slot struct {
	// From and Until are instants, to the microsecond: From is in, Until is not. Zero: open.
	From, Until time.Time
	Weekdays    []time.Weekday // none: any
	// FirstDay and LastDay bound a part of every year, both included; 12-20 to 01-06 goes over the new year.
	FirstDay, LastDay MonthDay
	Days              Days
	// Start and End are times of day in minutes since midnight, 0 to 1440: Start is in, End is not. An End that is not
	// after Start is on the next day, and the slot then counts as one of the day on which it starts. Both zero: all day.
	Start, End int
}

// MonthDay is a day of every year.
type MonthDay struct {
	Month time.Month
	Day   int
}

// Days is a kind of days.
type Days string

// The kinds of days. Working days are Mondays to Fridays that are no holidays of the calendar, free days all others.
const (
	AnyDays     Days = ""
	WorkingDays Days = "working"
	FreeDays    Days = "free"
)

// horizon is how far from the start of a plan calendars are looked at: every day of a year comes twice. What does not
// open within it never opens.
const horizon = topology.Micros(731 * 24 * 3600 * 1e6)
