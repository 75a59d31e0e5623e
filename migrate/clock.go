package migrate

import (
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// dates are the periods of a law laid out from a notice on.
type dates struct {
	from, until               []time.Time // per period
	transition, transitionEnd time.Time
	working                   string // by which calendar working days were counted
}

// length is that of the transition period.
func (d dates) length() topology.Micros {
	return topology.Micros(d.transitionEnd.Sub(d.transition).Microseconds())
}

// dates lays the periods out. A period begins on the day on which the one before it is over; that day counts from its
// midnight in UTC. Working days are counted by the public holidays of the country where the provider has its seat.
func (l *law) dates(notice time.Time, seat topology.Jurisdiction) dates {
	y, m, d := notice.UTC().Date()
	over := map[string]time.Time{"": time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
	out := dates{working: "Mondays to Fridays but the public holidays of " + string(seat)}
	for _, p := range l.periods {
		from := over[p.after]
		until := addMonths(from, p.months).AddDate(0, 0, p.days)
		if p.workingDays > 0 {
			cal := &Calendar{Name: "exit", Holidays: seat}
			if end, err := cal.AddWorkingDays(until, p.workingDays); err == nil {
				until = end
			} else { // of a country or year without data
				until = addWeekdays(until, p.workingDays)
				out.working = "Mondays to Fridays; the holidays of " + string(seat) + " are not known, and each makes it a day more"
			}
		}
		over[p.id] = until
		out.from, out.until = append(out.from, from), append(out.until, until)
		if p.id == "transition" {
			out.transition, out.transitionEnd = from, until
		}
	}
	return out
}

// clock describes the periods.
func (l *law) clock(d dates) []Phase {
	out := make([]Phase, len(l.periods))
	for i, p := range l.periods {
		out[i] = Phase{
			Name: p.name, From: d.from[i].Format(time.DateOnly), Until: d.until[i].Format(time.DateOnly),
			Basis: p.basis, Source: p.provenance.String(),
		}
		if p.workingDays > 0 {
			out[i].Basis += "; " + d.working
		}
	}
	return out
}

// addMonths returns the same day of a later month, or that month's last day where it is shorter (Regulation (EEC, Euratom)
// No 1182/71, Art. 3(2)(c)).
func addMonths(t time.Time, months int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// addWeekdays counts Mondays to Fridays.
func addWeekdays(t time.Time, days int) time.Time {
	for days > 0 {
		t = t.AddDate(0, 0, 1)
		if t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			days--
		}
	}
	return t
}
