package migrate

import (
	"fmt"
	"time"
)

// calendar is a Calendar that was found sound, with its zone.
type calendar struct {
	*Calendar
	zone *time.Location
}

// location returns the zone of a calendar.
func (c *Calendar) location() (*time.Location, error) {
	if c.Zone == "Local" { // whatever the machine is set to: not the same everywhere
		return nil, fmt.Errorf("%q is no IANA zone", c.Zone)
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("%q is no IANA zone, or none that is known here", c.Zone)
	}
	return zone, nil
}

// works says whether a day, given as its midnight in UTC, is a working day. That the holidays of all days in question are
// known was seen to before.
func (c *calendar) works(day time.Time) bool {
	works, err := c.IsWorkingDay(day)
	return works && err == nil
}

// judge names what is wrong with a calendar for plans that start at an instant.
func (c *Calendar) judge(start time.Time, defect func(field, format string, args ...any)) {
	if c.Name == "" {
		defect("name", "is empty")
	}
	if _, err := c.location(); err != nil {
		defect("zone", "%v", err)
	}
	if c.Holidays != "" {
		end := start.Add(time.Duration(horizon) * time.Microsecond)
		days := []time.Time{start.AddDate(0, 0, -2), end.AddDate(0, 0, 2)}
		if table, err := holidays(); start.IsZero() && err == nil { // when it starts is not known yet
			days = []time.Time{time.Date(table.first, 1, 1, 0, 0, 0, 0, time.UTC)}
		}
		for _, day := range days {
			if _, err := holidaysOf(c.Holidays, day.Year()); err != nil {
				defect("holidays", "%v", err)
				break
			}
		}
	}
	if len(c.Windows)+len(c.Blackouts) == 0 {
		defect("", "has neither windows nor blackouts")
	}
	for i := range c.Windows {
		c.Windows[i].judge(func(field, format string, args ...any) {
			defect(fmt.Sprintf("windows[%d]%s", i, field), format, args...)
		})
	}
	for i := range c.Blackouts {
		c.Blackouts[i].judge(func(field, format string, args ...any) {
			defect(fmt.Sprintf("blackouts[%d]%s", i, field), format, args...)
		})
	}
}

// judge names what is wrong with a slot.
func (s *Slot) judge(defect func(field, format string, args ...any)) {
	if !s.recurs() && s.From.IsZero() && s.Until.IsZero() {
		defect("", "says nothing")
	}
	if !s.From.IsZero() && !s.Until.IsZero() && !s.From.Before(s.Until) {
		defect(".until", "is not after from")
	}
	for _, d := range s.Weekdays {
		if d < time.Sunday || d > time.Saturday {
			defect(".weekdays", "%d is no weekday", int(d))
		}
	}
	if (s.FirstDay == MonthDay{}) != (s.LastDay == MonthDay{}) {
		defect(".firstDay", "goes with lastDay")
	}
	if d := s.FirstDay; d != (MonthDay{}) && !d.exists() {
		defect(".firstDay", "%02d-%02d is no day of a year", int(d.Month), d.Day)
	}
	if d := s.LastDay; d != (MonthDay{}) && !d.exists() {
		defect(".lastDay", "%02d-%02d is no day of a year", int(d.Month), d.Day)
	}
	if s.Days != AnyDays && s.Days != WorkingDays && s.Days != FreeDays {
		defect(".days", "%q is neither working nor free", s.Days)
	}
	const day = 24 * 60
	if s.Start < 0 || s.Start >= day {
		defect(".start", "%d is no minute of a day", s.Start)
	}
	if s.End < 0 || s.End > day {
		defect(".end", "%d is no minute of a day", s.End)
	}
}

// exists says whether a leap year has the day.
func (d MonthDay) exists() bool {
	t := time.Date(2024, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return t.Month() == d.Month && t.Day() == d.Day && t.Year() == 2024
}
