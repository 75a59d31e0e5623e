package migrate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// timetable says when hops may run. Calendars are laid out as far ahead as somebody asks, once for all hops that the same
// calendars are about. It is not safe for concurrent use.
type timetable struct {
	world     *world
	start     time.Time // the plan's time 0
	calendars []*calendar
	openings  map[string]*openings // by the calendars in question
}

// openings are the times at which moves may run that some calendars are about.
type openings struct {
	start     time.Time
	calendars []*calendar
	set       *intervals
	until     topology.Micros // as far as the calendars are laid out
}

// newTimetable compiles the calendars of the options and names all their defects; nil where there are none.
func newTimetable(w *world) (*timetable, error) {
	if len(w.opts.Calendars) == 0 {
		return nil, nil
	}
	t := &timetable{world: w, start: w.begins(), openings: make(map[string]*openings)}
	var errs []error
	names := make(map[string]bool)
	for i := range w.opts.Calendars {
		c := &w.opts.Calendars[i]
		defect := func(field, format string, args ...any) {
			at := fmt.Sprintf("calendars[%d]", i)
			if field != "" {
				at += "." + field
			}
			errs = append(errs, fmt.Errorf("%w: options: %s: %s", ErrInvalid, at, fmt.Sprintf(format, args...)))
		}
		c.judge(t.start, defect)
		c.Of.judge(w, true, func(format string, args ...any) { defect("of", format, args...) })
		if names[c.Name] && c.Name != "" {
			defect("name", "%q is used twice", c.Name)
		}
		names[c.Name] = true
		if zone, err := c.location(); err == nil {
			t.calendars = append(t.calendars, &calendar{c, zone})
		}
	}
	return t, errors.Join(errs...)
}

// begins returns the instant of the plan's time 0.
func (w *world) begins() time.Time {
	start := w.opts.Start
	if start.IsZero() {
		start = w.scope.AsOf
	}
	return start.UTC().Truncate(time.Microsecond)
}

// of returns when a hop may run, nil where no calendar is about it.
func (t *timetable) of(h *hop) *openings {
	if t == nil {
		return nil
	}
	var key strings.Builder
	var about []*calendar
	for i, c := range t.calendars {
		if c.Of.hop(t.world, h) {
			fmt.Fprintf(&key, "%d ", i)
			about = append(about, c)
		}
	}
	if len(about) == 0 {
		return nil
	}
	o := t.openings[key.String()]
	if o == nil {
		o = &openings{start: t.start, calendars: about, set: newIntervals()}
		t.openings[key.String()] = o
	}
	return o
}

// fit returns the first instant from at on from which a time fits into the openings, never where there is none.
func (o *openings) fit(at, length topology.Micros) topology.Micros {
	if o == nil {
		return at
	}
	for {
		if start, ok := o.set.first(at, length); ok {
			return start
		}
		if o.until >= horizon {
			return never
		}
		o.extend()
	}
}

// latest returns the last instant from which a time fits in and is over by an instant; before 0 where there is none.
func (o *openings) latest(by, length topology.Micros) topology.Micros {
	if o == nil {
		return by - length
	}
	for o.until < min(by, horizon) {
		o.extend()
	}
	if start, ok := o.set.last(by, length); ok {
		return start
	}
	return -1
}

// begin returns since when it has been open at an instant.
func (o *openings) begin(at topology.Micros) topology.Micros {
	if o == nil {
		return 0
	}
	return o.set.begin(at)
}

// extend lays the calendars out twice as far as before.
func (o *openings) extend() {
	const fortnight = topology.Micros(14 * 24 * 3600 * 1e6)
	from, until := o.until, min(horizon, max(fortnight, 2*o.until))
	o.until = until
	o.set.add(from, until)
	a, b := o.instant(from), o.instant(until)
	for _, c := range o.calendars {
		if len(c.Windows) > 0 {
			windows := newIntervals()
			for i := range c.Windows {
				c.Windows[i].spans(c, a, b, func(x, y time.Time) { windows.add(o.micros(x), o.micros(y)) })
			}
			o.set.keep(windows, from, until)
		}
		for i := range c.Blackouts {
			c.Blackouts[i].spans(c, a, b, func(x, y time.Time) { o.set.remove(o.micros(x), o.micros(y)) })
		}
	}
}

func (o *openings) instant(at topology.Micros) time.Time {
	return o.start.Add(time.Duration(at) * time.Microsecond)
}

func (o *openings) micros(t time.Time) topology.Micros {
	return topology.Micros(t.Sub(o.start).Microseconds())
}

// shut says in words that a time never fits in from an instant on.
func (o *openings) shut(at, length topology.Micros) string {
	var names []string
	for _, c := range o.calendars {
		names = append(names, c.Name)
	}
	return fmt.Sprintf("the calendars %s never open for %s between %s and %s", strings.Join(names, ", "), length,
		o.instant(at).Format(time.RFC3339), o.instant(horizon).Format(time.RFC3339))
}

// span is the time that has to fit into a window: the safe one where it is known.
func (h *hop) span() topology.Micros { return max(h.estimate.Safe, h.estimate.Duration) }

// NextStart returns the first instant from at on at which an executor may start a move as far as calendars and sites'
// boot times are concerned, and false where that is never within two years of the plan's start: such a move has to be
// planned again. A move that is late waits for this; whatever waits for it waits along, and nothing is overdrawn. It reads
// the whole problem: whoever asks for many moves of a plan asks what [NextStarts] returns.
func NextStart(p *placement.Problem, m *Move, at topology.Micros, opts *Options) (topology.Micros, bool, error) {
	next, err := NextStarts(p, opts)
	if err != nil {
		return 0, false, err
	}
	return next(m, at)
}

// NextStarts returns a function that answers as [NextStart] does for a problem and options, which are read once and must
// not change meanwhile. It is not safe for concurrent use.
func NextStarts(p *placement.Problem, opts *Options) (func(m *Move, at topology.Micros) (topology.Micros, bool, error), error) {
	w, err := newWorld(p, nil, nil, opts.still())
	if err != nil {
		return nil, err
	}
	return func(m *Move, at topology.Micros) (topology.Micros, bool, error) {
		if m == nil {
			return 0, false, fmt.Errorf("%w: no move", ErrInvalid)
		}
		h, err := w.hopOf(m)
		if err != nil {
			return 0, false, err
		}
		start := w.times.of(h).fit(max(at, w.ready[h.to], 0), h.span())
		return start, start != never, nil
	}, nil
}

// still returns the options without the moves under way.
func (o *Options) still() *Options {
	if o == nil {
		return nil
	}
	c := *o
	c.Running = nil
	return &c
}

// hopOf reads a move.
func (w *world) hopOf(m *Move) (*hop, error) {
	work, known := w.workIndex[m.Workload]
	from, okFrom := w.siteIndex[m.From]
	to, okTo := w.siteIndex[m.To]
	if !known || !okFrom || !okTo {
		return nil, fmt.Errorf("%w: move %d takes %q from %q to %q, which is unknown", ErrInvalid, m.ID, m.Workload, m.From, m.To)
	}
	return &hop{work: work, from: from, to: to, route: m.Route, estimate: Estimate{Duration: max(m.Safe, m.End-m.Start)}}, nil
}

// again says in words that calendars do not open again.
func (o *openings) again(length topology.Micros) string {
	var names []string
	for _, c := range o.calendars {
		names = append(names, c.Name)
	}
	return fmt.Sprintf("the calendars %s do not open for %s any more", strings.Join(names, ", "), length)
}
