package migrate

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// replayBudgets counts the moves under way of the groups of disruption budgets.
type replayBudgets struct {
	limits []int
	groups []map[placement.WorkloadID]bool
	moving []int
}

func (r *replay) newBudgets() *replayBudgets {
	b := &replayBudgets{}
	for i := range r.opts.Disruptions {
		d := &r.opts.Disruptions[i]
		group := make(map[placement.WorkloadID]bool)
		for id := range r.from {
			if r.picksWork(&d.Of, id) {
				group[id] = true
			}
		}
		limit := replayShare(d.MaxUnavailable, len(group))
		if d.MaxUnavailable == "" {
			limit = max(0, len(group)-replayShare(d.MinAvailable, len(group)))
		}
		b.limits, b.groups, b.moving = append(b.limits, limit), append(b.groups, group), append(b.moving, 0)
	}
	return b
}

// replayShare reads "3" or "25%" of a number, rounded up; what it cannot read is nothing.
func replayShare(text string, of int) int {
	x, ok := new(big.Rat).SetString(strings.TrimSuffix(text, "%"))
	if !ok {
		return 0
	}
	if strings.HasSuffix(text, "%") {
		x.Mul(x, big.NewRat(int64(of), 100))
	}
	n := new(big.Int).Add(x.Num(), x.Denom())
	return int(n.Sub(n, big.NewInt(1)).Div(n, x.Denom()).Int64())
}

// count adds a move to its groups, or takes it off with -1.
func (b *replayBudgets) count(id placement.WorkloadID, by int) {
	for i, group := range b.groups {
		if group[id] {
			b.moving[i] += by
		}
	}
}

// judge blames a move that has just begun.
func (b *replayBudgets) judge(s *replayState, now topology.Micros, i int) {
	for k, group := range b.groups {
		if group[s.plan.Moves[i].Workload] && b.moving[k] > b.limits[k] {
			s.blame(now, i, "%s%d workloads of disruption budget %d are on the move at once, at most %d may be", s.label, b.moving[k], k, b.limits[k])
		}
	}
}

// judgePrecedence makes sure that in an execution the last move of the first has ended when the first move of the others
// starts.
func (r *replay) judgePrecedence(spans []replaySpan, label string) {
	for k := range r.opts.Before {
		p := &r.opts.Before[k]
		ends, last := topology.Micros(-1), -1
		for i := range spans {
			if r.picksWork(&p.First, r.plan.Moves[i].Workload) && spans[i].end > ends {
				ends, last = spans[i].end, i
			}
		}
		var held placement.WorkloadID
		for _, s := range r.plan.Stuck {
			if r.works[s.Workload] != nil && r.picksWork(&p.First, s.Workload) {
				held = s.Workload
			}
		}
		for i := range spans {
			if r.left(i) > 0 || spans[i].start == replayHeld || !r.picksWork(&p.Then, r.plan.Moves[i].Workload) {
				continue
			}
			if last >= 0 && spans[i].start < ends {
				r.blame(spans[i].start, i, "%sstarts before move %d has ended, which before[%d] wants first", label, r.plan.Moves[last].ID, k)
			}
			if held != "" {
				r.blame(spans[i].start, i, "%smoves although %s, which before[%d] wants first, is stuck", label, held, k)
			}
		}
	}
}

// judgeLate makes sure that who misses a deadline is named, with by how much, and nobody else.
func (r *replay) judgeLate() {
	named := make(map[placement.WorkloadID]*Late)
	for i := range r.plan.Late {
		l := &r.plan.Late[i]
		if named[l.Workload] != nil || l.Message == "" {
			r.note(0, "%s is late twice, or without a reason", l.Workload)
		}
		named[l.Workload] = l
	}
	start := r.opts.Start
	if start.IsZero() {
		start = r.scope.AsOf
	}
	start = start.Truncate(time.Microsecond)
	last := make(map[placement.WorkloadID]int)
	for i := range r.plan.Moves {
		last[r.plan.Moves[i].Workload] = i
	}
	for _, id := range slices.Sorted(maps.Keys(last)) {
		i := last[id]
		m := &r.plan.Moves[i]
		var by time.Time
		for k := range r.opts.Deadlines {
			if d := &r.opts.Deadlines[k]; r.picksWork(&d.Of, id) && (by.IsZero() || d.By.Before(by)) {
				by = d.By
			}
		}
		l := named[id]
		delete(named, id)
		due := topology.Micros(by.Sub(start) / time.Microsecond)
		switch late := !by.IsZero() && m.End > due; {
		case !late && l != nil:
			r.blame(m.End, i, "%s is called late and is not", id)
		case late && l == nil:
			r.blame(m.End, i, "%s misses its deadline by %d, and the plan does not say so", id, m.End-due)
		case late && (l.Move != m.ID || l.By != due || l.Over != m.End-due):
			r.blame(m.End, i, "%s is due at %d and late by %d, not as the plan says", id, due, m.End-due)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		r.note(0, "%s is called late and does not move", id)
	}
}
