package migrate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// Deadline says by when workloads have to be where they are to end.
type Deadline struct {
	Of Which
	By time.Time
}

// Late is a workload that arrives after its deadline.
type Late struct {
	Workload placement.WorkloadID `json:"workload"`
	Move     int                  `json:"move"` // ID of its last move
	By       topology.Micros      `json:"byMicros"`
	Over     topology.Micros      `json:"overMicros"` // by how much it is missed
	// Proven says that no plan over these routes and by these methods keeps the deadline, or all that are due by then;
	// Message says why. Where it is not proven, the planner found no better.
	Proven  bool   `json:"proven"`
	Message string `json:"message"`
}

// readDeadlines returns per workload by when it has to be moved, never where there is no hurry, and names all defects.
func (w *world) readDeadlines() ([]topology.Micros, error) {
	if len(w.opts.Deadlines) == 0 {
		return nil, nil
	}
	var errs []error
	start := w.begins()
	due := make([]topology.Micros, len(w.works))
	for i := range due {
		due[i] = never
	}
	for i := range w.opts.Deadlines {
		d := &w.opts.Deadlines[i]
		d.Of.judge(w, false, func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%w: options: deadlines[%d].of: %s", ErrInvalid, i, fmt.Sprintf(format, args...)))
		})
		if d.By.IsZero() {
			errs = append(errs, fmt.Errorf("%w: options: deadlines[%d].by: is missing", ErrInvalid, i))
			continue
		}
		// Beyond what a time.Duration holds nothing is late, or all is.
		by := topology.Micros(d.By.Sub(start).Microseconds())
		for work := range w.works {
			if d.Of.work(w, int32(work)) {
				due[work] = min(due[work], by)
			}
		}
	}
	return due, errors.Join(errs...)
}

// clock is what a scheduler knows of time: when hops may run and by when they are due.
type clock struct {
	world *world
	hops  []*hop
	open  []*openings       // per hop; nil: always
	ready []topology.Micros // per hop
	due   []topology.Micros // per hop, of the last one of a workload; never: no hurry
}

func newClock(w *world, hops []*hop) *clock {
	c := &clock{world: w, hops: hops, open: make([]*openings, len(hops)), ready: make([]topology.Micros, len(hops)), due: make([]topology.Micros, len(hops))}
	last := make(map[int32]int)
	for i, h := range hops {
		c.due[i] = never
		if h.left == 0 {
			c.open[i], c.ready[i] = w.times.of(h), w.ready[h.to]
		}
		last[h.work] = i
	}
	if w.due != nil {
		for work, i := range last {
			c.due[i] = w.due[work]
		}
	}
	return c
}

// instruct has a scheduler keep to the clock.
func (c *clock) instruct(s *scheduler) {
	if c.world.times != nil || slices.ContainsFunc(c.ready, func(at topology.Micros) bool { return at > 0 }) {
		s.open = func(hop int32, at topology.Micros) topology.Micros {
			return c.open[hop].fit(max(at, c.ready[hop]), c.hops[hop].span())
		}
	}
	if c.world.due != nil || c.ends() {
		s.class = c.classes(s.before)
	}
	if c.world.due != nil {
		s.late = c.late
	}
}

// ends says whether there is a calendar that is closed for good some time.
func (c *clock) ends() bool {
	return slices.ContainsFunc(c.open, func(o *openings) bool { return o.last() != never })
}

// last returns the instant after which calendars with windows that all end, or a blackout that does not, are closed.
func (o *openings) last() topology.Micros {
	last := never
	if o == nil {
		return last
	}
	for _, c := range o.calendars {
		end := time.Time{}
		for i := range c.Windows {
			if c.Windows[i].Until.IsZero() {
				end = time.Time{}
				break
			}
			if end.Before(c.Windows[i].Until) {
				end = c.Windows[i].Until
			}
		}
		if !end.IsZero() {
			last = min(last, o.micros(end))
		}
		for i := range c.Blackouts {
			if s := &c.Blackouts[i]; s.Until.IsZero() && !s.recurs() {
				last = min(last, o.micros(s.From))
			}
		}
	}
	return last
}

// classes ranks hops by their latest start, least first: their own, and that of those who have to wait for them.
func (c *clock) classes(before [][]int32) []topology.Micros {
	class := make([]topology.Micros, len(c.hops))
	for i, h := range c.hops {
		class[i] = never
		if by := min(c.due[i], c.open[i].last()); by != never {
			class[i] = c.open[i].latest(by, h.span())
		}
	}
	// Whoever has to be before somebody stands before it in the serial order.
	for i := len(c.hops) - 1; i >= 0; i-- {
		if class[i] == never {
			continue
		}
		for _, first := range before[i] {
			class[first] = min(class[first], class[i]-c.hops[first].rest())
		}
	}
	return class
}

// late adds up by how much a timing misses deadlines.
func (c *clock) late(t *timing) topology.Micros {
	sum := topology.Micros(0)
	for i, by := range c.due {
		if over := t.end[i] - by; by != never && over > 0 {
			sum = min(sum, never-over) + over
		}
	}
	return sum
}

// earliest returns when each hop ends at the earliest, whoever else moves: it waits for its calendars, its site, and for
// those that have to be before it.
func (c *clock) earliest(before [][]int32) []topology.Micros {
	end := make([]topology.Micros, len(c.hops))
	for i, h := range c.hops {
		at := c.ready[i]
		for _, first := range before[i] {
			at = max(at, end[first])
		}
		if h.left == 0 {
			at = c.open[i].fit(at, h.span())
		}
		end[i] = at + min(h.rest(), never-at)
	}
	return end
}

// lates says who arrives too late, by deadline and workload, and why.
func (c *clock) lates(s *scheduler, t *timing, after [][]int32, ids []int) []Late {
	var out []Late
	var earliest []topology.Micros
	for i, by := range c.due {
		if by == never || t.end[i] <= by {
			continue
		}
		if earliest == nil {
			earliest = c.earliest(s.before)
		}
		l := Late{Workload: c.world.works[c.hops[i].work].ID, Move: ids[i], By: by, Over: t.end[i] - by}
		if earliest[i] > by {
			l.Proven = true
			l.Message = fmt.Sprintf("it cannot end before %s, %s after its deadline, even if nothing but what has to be before it moves",
				earliest[i], earliest[i]-by)
		} else if lane, busy := c.crowded(s.net, i); busy > by {
			l.Proven = true
			l.Message = fmt.Sprintf("%s: the moves due by then fill it for %s", s.net.name(lane), busy)
		} else {
			l.Message = "no earlier place was found for it"
			for _, first := range after[i] {
				if t.end[first] == t.start[i] {
					l.Message += fmt.Sprintf("; it waits for move %d", ids[first])
					break
				}
			}
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Late) int { return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Workload, b.Workload)) })
	return out
}

// crowded returns the lane of a hop that all hops due no later fill the longest.
func (c *clock) crowded(n *network, hop int) (lane int32, busy topology.Micros) {
	for _, mine := range n.needs[hop] {
		var l load
		for i, h := range c.hops {
			if c.due[i] > c.due[hop] {
				continue
			}
			for _, u := range n.needs[i] {
				if u.stock == mine.stock {
					l.add(u.amount, h.rest())
				}
			}
		}
		if time := l.over(n.capacity[mine.stock]); time > busy {
			lane, busy = mine.stock, time
		}
	}
	return lane, busy
}

// notBefore returns the instant since when a hop could start where it does, as far as calendars and its site's boot go.
func (c *clock) notBefore(hop int32, start topology.Micros) topology.Micros {
	if c.hops[hop].left > 0 {
		return 0
	}
	return max(c.ready[hop], c.open[hop].begin(start))
}

// inherited ranks hops by their latest start, least first: their own, and that of those who wait for them
// (after, see scheduler.chain) in a timing.
func (c *clock) inherited(t *timing, after [][]int32) []topology.Micros {
	class := c.classes(after)
	order := make([]int32, len(c.hops))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(t.start[b], t.start[a]), cmp.Compare(b, a)) })
	for _, i := range order {
		if class[i] == never {
			continue
		}
		for _, first := range after[i] {
			class[first] = min(class[first], class[i]-c.hops[first].rest())
		}
	}
	return class
}
