package migrate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Precedence says that all moves of First end before any of Then starts. Those that do not move do not count. A workload
// of Then stays where it is where one of First cannot move, and so do workloads that would wait for each other in a circle.
type Precedence struct {
	First, Then Which
}

// mostPrecedences is how many pairs of workloads the precedences of a plan may come to: each is an edge of the plan.
const mostPrecedences = 1_000_000

// Back returns the options for the way back, which Reverse plans by: what goes first on the way there goes last on the way
// back, and deadlines are no matter. Give them to Replay to judge a way back.
func (o *Options) Back() *Options {
	if o == nil {
		return nil
	}
	back := *o
	back.Deadlines, back.Before = nil, make([]Precedence, len(o.Before))
	for i, p := range o.Before {
		back.Before[i] = Precedence{First: p.Then, Then: p.First}
	}
	return &back
}

// readPrecedence returns for each workload that moves those whose moves have to end before.
func (w *world) readPrecedence() (map[int32][]int32, error) {
	var errs []error
	first := make(map[int32][]int32)
	pairs := 0
	for i := range w.opts.Before {
		p := &w.opts.Before[i]
		for _, side := range []struct {
			name  string
			which *Which
		}{{"first", &p.First}, {"then", &p.Then}} {
			side.which.judge(w, false, func(format string, args ...any) {
				errs = append(errs, fmt.Errorf("%w: options: before[%d].%s: %s", ErrInvalid, i, side.name, fmt.Sprintf(format, args...)))
			})
		}
		var before, after []int32
		for work := range w.works {
			id := int32(work)
			if w.running[id] == nil && !w.moves(id) {
				continue
			}
			if p.First.work(w, id) {
				before = append(before, id)
			}
			if p.Then.work(w, id) && w.moves(id) && w.running[id] == nil {
				after = append(after, id)
			}
		}
		if len(after) > 0 {
			if pairs += len(before) * len(after); pairs > mostPrecedences {
				return nil, errors.Join(append(errs, fmt.Errorf("%w: options: before[%d]: more than %d pairs of workloads", ErrInvalid, i, mostPrecedences))...)
			}
		}
		for _, work := range after {
			first[work] = append(first[work], before...)
		}
	}
	for work, list := range first {
		slices.Sort(list)
		first[work] = slices.Compact(list)
	}
	return first, errors.Join(errs...)
}

// stickCircles keeps those where they are who wait for each other in a circle by precedence, and names each circle.
func (q *sequencer) stickCircles() {
	for {
		circle := q.precedenceCircle()
		if circle == nil {
			return
		}
		names := make([]string, 0, len(circle)+1)
		for _, work := range append(circle, circle[0]) {
			names = append(names, string(q.world.works[work].ID))
		}
		message := "the precedences contradict each other: " + strings.Join(names, " before ")
		for _, work := range circle {
			q.stick(work, message, nil)
		}
	}
}

// precedenceCircle returns workloads of which each has to move before the next, and the last before the first; nil where
// there are none. Those that are stuck already do not count.
func (q *sequencer) precedenceCircle() []int32 {
	waits := make(map[int32]int) // for how many
	then := make(map[int32][]int32)
	counts := func(work int32) bool { _, stuck := q.stuck[work]; return !stuck && q.world.moves(work) }
	var free []int32
	for _, work := range sortedIndices(q.first) {
		if !counts(work) {
			continue
		}
		waits[work] += 0
		for _, other := range q.first[work] {
			if counts(other) && q.world.running[other] == nil {
				waits[work]++
				waits[other] += 0
				then[other] = append(then[other], work)
			}
		}
	}
	for _, work := range sortedIndices(waits) {
		if waits[work] == 0 {
			free = append(free, work)
		}
	}
	for len(free) > 0 {
		work := free[len(free)-1]
		free = free[:len(free)-1]
		delete(waits, work)
		for _, next := range then[work] {
			if waits[next]--; waits[next] == 0 {
				free = append(free, next)
			}
		}
	}
	if len(waits) == 0 {
		return nil
	}
	// Everybody left waits for somebody left: going from one to whom it waits for comes round.
	at := slices.Min(slices.Collect(maps.Keys(waits)))
	seen := make(map[int32]int)
	var way []int32
	for {
		if k, again := seen[at]; again {
			circle := way[k:]
			slices.Reverse(circle)
			least := slices.Index(circle, slices.Min(circle))
			return slices.Concat(circle[least:], circle[:least])
		}
		seen[at] = len(way)
		way = append(way, at)
		for _, other := range q.first[at] {
			if _, left := waits[other]; left {
				at = other
				break
			}
		}
	}
}

// disobeys says whether hops in serial order break a precedence or a budget that lets nobody move, or never find their
// calendars open.
func (q *sequencer) disobeys(hops []*hop) bool {
	last := make(map[int32]int, len(hops))
	for i, h := range hops {
		last[h.work] = i
	}
	for i, h := range hops {
		for _, other := range q.first[h.work] {
			if k, moves := last[other]; moves && k > i {
				return true
			}
		}
		for _, b := range q.world.disrupted(h.work) {
			if q.world.budgets[b].most == 0 {
				return true
			}
		}
		if q.world.shut(h) {
			return true
		}
	}
	return false
}
