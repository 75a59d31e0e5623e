package migrate

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/topology"
)

//go:embed data/holidays.yaml
var dataHolidays []byte

// holidayTable is what holidays rest on: which days of the year, and which days from Easter Sunday on, are holidays in a
// whole country.
type holidayTable struct {
	first, last int // years that it is for
	countries   map[topology.Jurisdiction][]holidayRule
}

// holidayRule is a holiday: a day of the year, or days after Easter Sunday where that is empty.
type holidayRule struct {
	day    MonthDay
	easter int
	since  int // year; 0: all
	until  int
}

// holidays reads the embedded data once; it is never changed.
var holidays = sync.OnceValues(func() (*holidayTable, error) {
	return parseHolidays("migrate/data/holidays.yaml", dataHolidays)
})

// parseHolidays reads a file of kind Holidays and names all its defects.
func parseHolidays(file string, text []byte) (*holidayTable, error) {
	doc, err := document.Parse(file, "Holidays", bytes.NewReader(text), ErrInvalid)
	if err != nil {
		return nil, err
	}
	doc.Known("name", "firstYear", "lastYear", "countries")
	doc.Required("name", "firstYear", "lastYear", "countries")
	t := &holidayTable{first: int(doc.Int("firstYear")), last: int(doc.Int("lastYear")), countries: make(map[topology.Jurisdiction][]holidayRule)}
	if t.first < 1900 || t.last < t.first || t.last > 2099 {
		doc.Defect("firstYear", "the years from %d to %d are not between 1900 and 2099", t.first, t.last)
	}
	for _, o := range doc.Objects("countries") {
		o.Known("country", "days", "easter", "changes", "basis", "source", "hand", "read")
		o.Required("country", "days")
		readProvenance(o)
		country := topology.Jurisdiction(o.String("country"))
		if _, twice := t.countries[country]; twice {
			o.Defect("country", "%q is there twice", country)
		}
		t.countries[country] = readHolidayRules(o)
	}
	return t, doc.Err()
}

func readHolidayRules(o *document.Object) []holidayRule {
	rules := []holidayRule{}
	for _, text := range o.Strings("days") {
		rules = append(rules, holidayRule{day: readMonthDay(o, "days", text)})
	}
	easter := o.Object("easter")
	easter.Known("after")
	for _, text := range easter.Strings("after") {
		var n int
		if _, err := fmt.Sscanf(text, "%d", &n); err != nil || n < -100 || n > 100 || n == 0 {
			easter.Defect("after", "%q is no number of days from Easter Sunday", text)
		}
		rules = append(rules, holidayRule{easter: n})
	}
	for _, c := range o.Objects("changes") {
		c.Known("day", "since", "until")
		c.Required("day")
		rules = append(rules, holidayRule{day: readMonthDay(c, "day", c.String("day")), since: int(c.Int("since")), until: int(c.Int("until"))})
	}
	return rules
}

// readMonthDay reads MM-DD.
func readMonthDay(o *document.Object, key, text string) MonthDay {
	t, err := time.Parse("2006-01-02", "2024-"+text)
	if err != nil {
		o.Defect(key, "%q is no day of the year such as 12-24", text)
		return MonthDay{}
	}
	return MonthDay{t.Month(), t.Day()}
}

// holidaysOf returns the holidays of a country in a year, in any order.
func holidaysOf(country topology.Jurisdiction, year int) ([]MonthDay, error) {
	t, err := holidays()
	if err != nil {
		return nil, err
	}
	rules, known := t.countries[country]
	if !known {
		return nil, fmt.Errorf("the holidays of %q are not known; those of %v are", country, sortedKeys(t.countries))
	}
	if year < t.first || year > t.last {
		return nil, fmt.Errorf("the holidays of %s are known for the years %d to %d, not for %d", country, t.first, t.last, year)
	}
	sunday := easterSunday(year)
	var out []MonthDay
	for _, r := range rules {
		switch {
		case r.since > year || r.until > 0 && r.until < year:
		case r.day != (MonthDay{}):
			out = append(out, r.day)
		default:
			day := sunday.AddDate(0, 0, r.easter)
			out = append(out, MonthDay{day.Month(), day.Day()})
		}
	}
	return out, nil
}

// easterSunday returns the day of Easter in the Gregorian calendar by the algorithm of Meeus, Jones and Butcher (Meeus,
// Astronomical Algorithms, 1991, ch. 8).
func easterSunday(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

// IsWorkingDay says whether a day, of which year, month and day count, is a working day of a calendar: a Monday to Friday
// that is neither one of its Extra days nor a holiday of its country. The error wraps [ErrInvalid] where the holidays are
// not known.
func (c *Calendar) IsWorkingDay(day time.Time) (bool, error) {
	if c.Holidays != "" {
		list, err := holidaysOf(c.Holidays, day.Year())
		if err != nil {
			return false, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		if slices.Contains(list, MonthDay{day.Month(), day.Day()}) {
			return false, nil
		}
	}
	for _, x := range c.Extra {
		if x.Year() == day.Year() && x.YearDay() == day.YearDay() {
			return false, nil
		}
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday, nil
}

// AddWorkingDays returns the last of so many working days of a calendar after a day, at the same time of day. The error
// wraps [ErrInvalid] where the holidays are not known.
func (c *Calendar) AddWorkingDays(t time.Time, days int) (time.Time, error) {
	for idle := 0; days > 0; {
		t = t.AddDate(0, 0, 1)
		works, err := c.IsWorkingDay(t)
		if err != nil {
			return time.Time{}, err
		}
		if idle++; works {
			days, idle = days-1, 0
		}
		if idle > 366 {
			return time.Time{}, fmt.Errorf("%w: calendar %q: has no working day in a year", ErrInvalid, c.Name)
		}
	}
	return t, nil
}
