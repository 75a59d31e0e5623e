package migrate

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/internal/document"
	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

//go:embed options.schema.json
var optionsSchema []byte

// Schema returns the JSON Schema (draft 2020-12) of files of kind MigrationOptions. It says what a file may look like; that
// what it says makes sense, only [ReadOptions] knows.
func Schema() []byte { return bytes.Clone(optionsSchema) }

// mostSlots is how many windows, blackouts and extra days one file may have: one a day for more than a century.
const mostSlots = 50_000

// ReadOptions reads a YAML or JSON document of kind MigrationOptions; file is only the name used in errors. What the
// options name in a problem (sites, links, workloads) is not known here and is judged by whatever takes the problem, too.
// The error lists all defects, each as FILE:LINE: path: message, and wraps [ErrInvalid].
func ReadOptions(file string, r io.Reader) (*Options, error) {
	o, err := document.Parse(file, "MigrationOptions", r, ErrInvalid)
	if err != nil {
		return nil, err
	}
	o.Known("start", "siteMoves", "moves", "providerMoves", "linkMoves", "setup", "ready", "passes", "seed",
		"calendars", "deadlines", "disruptions", "before")
	opts := &Options{
		Start: o.Time("start"), SiteMoves: readCount(o, "siteMoves"), Moves: readCount(o, "moves"),
		ProviderMoves: readCount(o, "providerMoves"), LinkMoves: readCount(o, "linkMoves"),
		Setup: topology.Micros(o.Quantity("setup", quantity.Duration)), Passes: readCount(o, "passes"), Seed: uint64(readCount(o, "seed")),
	}
	if o.Has("setup") && opts.Setup == 0 {
		opts.Setup = -1 // none at all
	}
	if opts.Setup > longest {
		o.Defect("setup", "is longer than a year")
	}
	readReadyTimes(o, opts)
	slots := 0
	for i, entry := range o.Objects("calendars") {
		opts.Calendars = append(opts.Calendars, readCalendar(entry, opts, &slots))
		for k := range i {
			if name := opts.Calendars[i].Name; name != "" && opts.Calendars[k].Name == name {
				entry.Defect("name", "%s is also the name of calendars[%d]", name, k)
				break
			}
		}
		if slots > mostSlots {
			entry.Defect("", "more than %d windows, blackouts and extra days", mostSlots)
			break
		}
	}
	for _, entry := range o.Objects("deadlines") {
		entry.Known("of", "by")
		entry.Required("by")
		opts.Deadlines = append(opts.Deadlines, Deadline{Of: readWhich(entry, "of", false), By: entry.Time("by")})
	}
	for _, entry := range o.Objects("disruptions") {
		opts.Disruptions = append(opts.Disruptions, readDisruption(entry))
	}
	for _, entry := range o.Objects("before") {
		entry.Known("first", "then")
		entry.Required("first", "then")
		opts.Before = append(opts.Before, Precedence{First: readWhich(entry, "first", false), Then: readWhich(entry, "then", false)})
	}
	if err := o.Err(); err != nil {
		return nil, err
	}
	return opts, nil
}

// readCount reads a number that is not negative.
func readCount(o *document.Object, key string) int {
	n := o.Int(key)
	if n < 0 || n > 1<<31-1 {
		o.Defect(key, "%d is not between 0 and %d", n, 1<<31-1)
		return 0
	}
	return int(n)
}

// readReadyTimes reads from when on sites can be entered.
func readReadyTimes(o *document.Object, opts *Options) {
	for _, p := range o.Pairs("ready") {
		at, err := quantity.Parse(p.Value, quantity.Duration)
		if err != nil || topology.Micros(at) > longest {
			o.Defect("ready", "%s: %q is no duration such as 120s up to a year", p.Key, p.Value)
			continue
		}
		if opts.Ready == nil {
			opts.Ready = make(map[topology.SiteID]topology.Micros)
		}
		opts.Ready[topology.SiteID(p.Key)] = topology.Micros(at)
	}
}

func readCalendar(o *document.Object, opts *Options, slots *int) Calendar {
	o.Known("name", "zone", "of", "windows", "blackouts", "holidays", "extra")
	o.Required("name")
	c := Calendar{
		Name: o.String("name"), Zone: o.String("zone"), Of: readWhich(o, "of", true), Holidays: topology.Jurisdiction(o.String("holidays")),
	}
	if unfit := document.Unfit(c.Name, ""); unfit != "" {
		o.Defect("name", "%s", unfit)
	}
	zone, err := c.location()
	if err != nil {
		zone = time.UTC // what is wrong is told below
	}
	for _, entry := range o.Objects("windows") {
		c.Windows = append(c.Windows, readSlot(entry, zone))
	}
	for _, entry := range o.Objects("blackouts") {
		c.Blackouts = append(c.Blackouts, readSlot(entry, zone))
	}
	for _, text := range o.Strings("extra") {
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			o.Defect("extra", "%q is no day such as 2026-08-15", text)
		}
		c.Extra = append(c.Extra, day)
	}
	*slots += len(c.Windows) + len(c.Blackouts) + len(c.Extra)
	c.judge(opts.Start, func(field, format string, args ...any) {
		switch field {
		case "name": // noted when it was read
		case "":
			o.Defect("", format, args...)
		default:
			o.DefectAt(field, format, args...)
		}
	})
	return c
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

func readSlot(o *document.Object, zone *time.Location) Slot {
	o.Known("from", "until", "weekdays", "firstDay", "lastDay", "days", "start", "end")
	s := Slot{From: readInstant(o, "from", zone), Until: readInstant(o, "until", zone), Days: Days(o.String("days"))}
	for _, text := range o.Strings("weekdays") {
		day, ok := weekdays[text]
		if !ok {
			o.Defect("weekdays", "%q is none of mon, tue, wed, thu, fri, sat, sun", text)
		}
		s.Weekdays = append(s.Weekdays, day)
	}
	for key, day := range map[string]*MonthDay{"firstDay": &s.FirstDay, "lastDay": &s.LastDay} {
		if text := o.String(key); text != "" {
			*day = readMonthDay(o, key, text)
		}
	}
	s.Start, s.End = readClock(o, "start"), readClock(o, "end")
	return s
}

// readInstant reads an instant as RFC 3339 or a day, which begins at its midnight in the zone.
func readInstant(o *document.Object, key string, zone *time.Location) time.Time {
	text := o.String(key)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.ParseInLocation(time.DateOnly, text, zone)
	}
	if err != nil || t.Before(time.Unix(0, 0)) {
		o.Defect(key, "must be a day such as 2026-12-24, from midnight in the zone of the calendar on, or an instant such as 2026-12-24T20:00:00+01:00, not %q", text)
		return time.Time{}
	}
	return t.UTC()
}

// readClock reads HH:MM as minutes since midnight.
func readClock(o *document.Object, key string) int {
	text := o.String(key)
	if text == "" {
		return 0
	}
	if key == "end" && text == "24:00" {
		return 24 * 60
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		o.Defect(key, "%q is no time of day such as 22:00", text)
		return 0
	}
	return t.Hour()*60 + t.Minute()
}

// readWhich reads a selector of moves.
func readWhich(parent *document.Object, key string, links bool) Which {
	o := parent.Object(key)
	o.Known("sites", "providers", "countries", "links", "applications", "components", "workloads", "attributes")
	w := Which{
		Sites: texts[topology.SiteID](o, "sites"), Providers: texts[topology.ProviderID](o, "providers"),
		Countries: texts[topology.Jurisdiction](o, "countries"), Links: texts[topology.LinkID](o, "links"),
		Applications: texts[string](o, "applications"), Components: texts[string](o, "components"),
		Workloads: texts[placement.WorkloadID](o, "workloads"),
	}
	if len(w.Links) > 0 && !links {
		o.Defect("links", "are for calendars: a workload has none before its route is chosen")
	}
	for _, p := range o.Pairs("attributes") {
		if w.Attributes == nil {
			w.Attributes = make(map[string]string)
		}
		w.Attributes[p.Key] = p.Value
	}
	return w
}

// texts reads a list of names. One that is there and empty would match nothing or everything, depending on who reads it.
func texts[T ~string](o *document.Object, key string) []T {
	if o.Has(key) {
		o.Required(key)
	}
	var out []T
	for _, text := range o.Strings(key) {
		out = append(out, T(text))
	}
	return out
}

func readDisruption(o *document.Object) Disruption {
	o.Known("name", "of", "maxUnavailable", "minAvailable")
	d := Disruption{Name: o.String("name"), Of: readWhich(o, "of", false)}
	if unfit := document.Unfit(d.Name, ""); unfit != "" {
		o.Defect("name", "%s", unfit)
	}
	given := 0
	for key, field := range map[string]*string{"maxUnavailable": &d.MaxUnavailable, "minAvailable": &d.MinAvailable} {
		if !o.Has(key) {
			continue
		}
		given++
		value := o.Any(key)
		if value == nil {
			continue // its defect is noted
		}
		*field = strings.TrimSpace(fmt.Sprint(value))
		if _, err := shareOf(*field, 1); err != nil {
			o.Defect(key, "%v", err)
		}
	}
	if given != 1 {
		o.Defect("", "exactly one of maxUnavailable and minAvailable is to be given")
	}
	return d
}
