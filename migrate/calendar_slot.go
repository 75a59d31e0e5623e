package migrate

import (
	"slices"
	"time"
)

// recurs says whether a slot depends on the clock on the wall.
func (s *Slot) recurs() bool {
	return len(s.Weekdays) > 0 || s.FirstDay != (MonthDay{}) || s.LastDay != (MonthDay{}) || s.Days != AnyDays || s.Start != 0 || s.End != 0
}

// spans tells of all stretches of a slot between two instants, in any order, overlapping or not. Within a stretch of a
// zone in which its clock is not changed, wall time is UTC and a constant, so each day is laid out by adding.
func (s *Slot) spans(c *calendar, from, until time.Time, yield func(from, until time.Time)) {
	if !s.From.IsZero() && s.From.After(from) {
		from = s.From
	}
	if !s.Until.IsZero() && s.Until.Before(until) {
		until = s.Until
	}
	if !s.recurs() {
		if from.Before(until) {
			yield(from, until)
		}
		return
	}
	for from.Before(until) {
		local := from.In(c.zone)
		_, seconds := local.Zone()
		offset := time.Duration(seconds) * time.Second
		end := until
		if _, change := local.ZoneBounds(); !change.IsZero() && change.Before(until) {
			end = change
		}
		s.days(c, from, end, offset, yield)
		from = end
	}
}

// days lays out the days between two instants for which the clock on the wall is UTC and an offset.
func (s *Slot) days(c *calendar, from, until time.Time, offset time.Duration, yield func(from, until time.Time)) {
	start, end := s.minutes()
	y, m, d := from.UTC().Add(offset).Date()
	for day := time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC); ; day = day.AddDate(0, 0, 1) {
		midnight := day.Add(-offset)
		if !midnight.Before(until) {
			return
		}
		if !s.on(c, day) {
			continue
		}
		a, b := midnight.Add(start), midnight.Add(end)
		if a.Before(from) {
			a = from
		}
		if b.After(until) {
			b = until
		}
		if a.Before(b) {
			yield(a, b)
		}
	}
}

// minutes returns start and end of a slot as times since midnight; the end may be on the next day.
func (s *Slot) minutes() (start, end time.Duration) {
	start, end = time.Duration(s.Start)*time.Minute, time.Duration(s.End)*time.Minute
	if end <= start {
		end += 24 * time.Hour
	}
	return start, end
}

// on says whether a slot is one of a day, which is given as its midnight in UTC.
func (s *Slot) on(c *calendar, day time.Time) bool {
	if len(s.Weekdays) > 0 && !slices.Contains(s.Weekdays, day.Weekday()) {
		return false
	}
	if s.FirstDay != (MonthDay{}) {
		first, last, at := s.FirstDay.number(), s.LastDay.number(), MonthDay{day.Month(), day.Day()}.number()
		inside := first <= at && at <= last
		if first > last {
			inside = first <= at || at <= last
		}
		if !inside {
			return false
		}
	}
	switch s.Days {
	case WorkingDays:
		return c.works(day)
	case FreeDays:
		return !c.works(day)
	}
	return true
}

// number orders the days of a year.
func (d MonthDay) number() int { return int(d.Month)*100 + d.Day }
