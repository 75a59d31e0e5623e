package migrate

import (
	"math"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// replayHeld is the start of a move that an executor never gets to: its calendars do not open again.
const replayHeld = topology.Micros(math.MaxInt64)

// replayYears is how far calendars are looked at.
const replayYears = 731 * 24 * time.Hour

// replayTimes reads clocks on walls: whether an instant is in a slot is asked of the instant, and what comes next is found
// by going from one instant at which something may change to the next.
type replayTimes struct {
	start time.Time
	cals  []*Calendar
	zones []*time.Location
	about map[int][]int // calendars of a move
}

func (r *replay) newTimes() *replayTimes {
	t := &replayTimes{start: r.opts.Start, about: make(map[int][]int)}
	if t.start.IsZero() {
		t.start = r.scope.AsOf
	}
	t.start = t.start.Truncate(time.Microsecond)
	for i := range r.opts.Calendars {
		c := &r.opts.Calendars[i]
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			r.note(0, "the zone %q of calendar %s is unknown", c.Zone, c.Name)
			continue
		}
		t.cals, t.zones = append(t.cals, c), append(t.zones, zone)
	}
	for i := range r.plan.Moves {
		for k, c := range t.cals {
			if r.left(i) == 0 && r.picksMove(&c.Of, i) {
				t.about[i] = append(t.about[i], k)
			}
		}
	}
	return t
}

// length is the time that a move has to itself in a window.
func (r *replay) length(i int) topology.Micros {
	m := &r.plan.Moves[i]
	return max(m.Safe, m.End-m.Start)
}

// judgeCalendars makes sure that moves run inside their windows, and that they do if they start as early as they may.
func (r *replay) judgeCalendars() {
	r.times = r.newTimes()
	for i := range r.plan.Moves {
		m := &r.plan.Moves[i]
		if r.left(i) > 0 {
			continue
		}
		if m.NotBefore < 0 || m.NotBefore > m.Start || m.NotBefore < r.opts.Ready[m.To] {
			r.blame(m.Start, i, "may not start before %d, which is after its start, before the plan's, or before %s is ready", m.NotBefore, m.To)
			continue
		}
		for _, start := range []topology.Micros{m.Start, m.NotBefore} {
			if at, k := r.times.closed(i, start, r.length(i)); k >= 0 {
				r.blame(start, i, "runs %d long from %d, but calendar %s is closed at %s", r.length(i), start, r.times.cals[k].Name, at.Format(time.RFC3339))
				break
			}
		}
	}
}

// closed returns the first instant in some time from a start at which a calendar of a move is closed; -1: none is.
func (t *replayTimes) closed(i int, start, length topology.Micros) (time.Time, int) {
	from := t.start.Add(time.Duration(start) * time.Microsecond)
	until := from.Add(time.Duration(length) * time.Microsecond)
	if !until.Before(t.start.Add(replayYears + 1)) {
		if len(t.about[i]) > 0 {
			return until, t.about[i][0]
		}
		return until, -1
	}
	for at := from; at.Before(until); at = t.change(i, at) {
		for _, k := range t.about[i] {
			if !t.open(k, at) {
				return at, k
			}
		}
	}
	return until, -1
}

// opening returns the first instant from one on at which a move may start; replayHeld where there is none.
func (t *replayTimes) opening(i int, start, length topology.Micros) topology.Micros {
	if len(t.about[i]) == 0 || start == replayHeld {
		return start
	}
	end := t.start.Add(replayYears)
	for {
		at, k := t.closed(i, start, length)
		if k < 0 {
			return start
		}
		for at.Before(end) && t.shut(i, at) {
			at = t.change(i, at)
		}
		if !at.Before(end) {
			return replayHeld
		}
		start = topology.Micros(at.Sub(t.start) / time.Microsecond)
	}
}

// shut says whether any calendar of a move is closed at an instant.
func (t *replayTimes) shut(i int, at time.Time) bool {
	for _, k := range t.about[i] {
		if !t.open(k, at) {
			return true
		}
	}
	return false
}

// open says whether a calendar is open at an instant.
func (t *replayTimes) open(k int, at time.Time) bool {
	c := t.cals[k]
	inside := len(c.Windows) == 0
	for i := range c.Windows {
		inside = inside || t.holds(k, &c.Windows[i], at)
	}
	for i := range c.Blackouts {
		inside = inside && !t.holds(k, &c.Blackouts[i], at)
	}
	return inside
}

// holds says whether a slot holds an instant.
func (t *replayTimes) holds(k int, s *Slot, at time.Time) bool {
	if !s.From.IsZero() && at.Before(s.From.Truncate(time.Microsecond)) || !s.Until.IsZero() && !at.Before(s.Until.Truncate(time.Microsecond)) {
		return false
	}
	local := at.In(t.zones[k])
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	opens, closes := time.Duration(s.Start)*time.Minute, time.Duration(s.End)*time.Minute
	if closes <= opens {
		closes += 24 * time.Hour
	}
	y, m, d := local.Date()
	for back := range 2 { // a slot of today, or one of yesterday that goes past midnight
		if reads := clock + time.Duration(back)*24*time.Hour; opens <= reads && reads < closes &&
			replayOn(t.cals[k], s, time.Date(y, m, d-back, 12, 0, 0, 0, time.UTC)) {
			return true
		}
	}
	return false
}

// replayOn says whether a slot is one of a day.
func replayOn(c *Calendar, s *Slot, day time.Time) bool {
	weekday := len(s.Weekdays) == 0
	for _, w := range s.Weekdays {
		weekday = weekday || w == day.Weekday()
	}
	season := s.FirstDay.Day == 0
	if !season {
		after := day.Month() > s.FirstDay.Month || day.Month() == s.FirstDay.Month && day.Day() >= s.FirstDay.Day
		before := day.Month() < s.LastDay.Month || day.Month() == s.LastDay.Month && day.Day() <= s.LastDay.Day
		over := s.LastDay.Month < s.FirstDay.Month || s.LastDay.Month == s.FirstDay.Month && s.LastDay.Day < s.FirstDay.Day
		season = after && before || over && (after || before)
	}
	if !weekday || !season || s.Days == "" {
		return weekday && season
	}
	works, err := c.IsWorkingDay(day)
	return err == nil && works == (s.Days == WorkingDays)
}

// change returns the next instant at which a calendar of a move may open or close.
func (t *replayTimes) change(i int, at time.Time) time.Time {
	next := at.Add(25 * time.Hour)
	sooner := func(x time.Time) {
		if x.After(at) && x.Before(next) {
			next = x
		}
	}
	for _, k := range t.about[i] {
		local := at.In(t.zones[k])
		_, shift := local.ZoneBounds()
		if !shift.IsZero() {
			sooner(shift)
		}
		// Up to the next shift the clock on the wall runs like any other.
		midnight := at.Add(-time.Duration(local.Hour())*time.Hour - time.Duration(local.Minute())*time.Minute -
			time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
		sooner(midnight.Add(24 * time.Hour))
		for _, slots := range [][]Slot{t.cals[k].Windows, t.cals[k].Blackouts} {
			for s := range slots {
				sooner(midnight.Add(time.Duration(slots[s].Start) * time.Minute))
				sooner(midnight.Add(time.Duration(slots[s].End) * time.Minute))
				sooner(slots[s].From.Truncate(time.Microsecond))
				sooner(slots[s].Until.Truncate(time.Microsecond))
			}
		}
	}
	return next
}
