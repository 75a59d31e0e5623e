package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// sequencer turns the difference between two assignments into hops in a safe serial order.
type sequencer struct {
	world      *world
	domains    *domains
	stocks     *stocks
	affinities []affinity
	avoid      map[int32]bool    // sites that nothing waits on
	stuck      map[int32]Stuck   // per workload
	first      map[int32][]int32 // per workload: those whose moves must have ended before it starts
}

func newSequencer(w *world) *sequencer {
	d := newDomains(w)
	return &sequencer{
		world: w, domains: d, stocks: newStocks(w, d), affinities: newAffinities(w, d), stuck: make(map[int32]Stuck),
		first: w.first,
	}
}

// sequence returns the hops in order. What cannot be made stands in q.stuck: a workload that cannot leave may be what
// others wait for, and company that cannot follow holds its group back, so this repeats until nothing more gets stuck.
func (q *sequencer) sequence(ctx context.Context) ([]*hop, error) {
	goals, err := q.goals(ctx)
	if err != nil {
		return nil, err
	}
	q.stickBudgets()
	q.stickCircles()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if q.holdBack() || q.holdFollowers() {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(goals), func(h *hop) bool { _, ok := q.stuck[h.work]; return ok })
		s, err := q.search(ctx, left)
		if err != nil {
			return nil, err
		}
		if !q.giveUp(s, left) {
			return s.order, nil
		}
	}
}

// goals prepares the direct hop of every workload that moves; what is refused is stuck.
func (q *sequencer) goals(ctx context.Context) ([]*hop, error) {
	w := q.world
	var out []*hop
	for i := range w.works {
		work := int32(i)
		if !w.moves(work) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, no, err := w.prepare(ctx, work, w.origin(work), w.to[work])
		if err != nil {
			return nil, err
		}
		if no != nil {
			q.stick(work, no.message, no.reasons)
			continue
		}
		if o, at := w.times.of(h), w.ready[h.to]; o.fit(at, h.span()) == never {
			q.stick(work, o.shut(at, h.span()), nil)
			continue
		}
		q.stocks.fill(h)
		out = append(out, h)
	}
	return out, nil
}

func (q *sequencer) stick(work int32, message string, reasons []placement.Violation) {
	w := q.world
	q.stuck[work] = Stuck{
		Workload: w.works[work].ID, From: w.sites[w.origin(work)].ID, To: w.sites[w.to[work]].ID,
		Message: message, Reasons: reasons,
	}
}

// end says where everybody is once all that is not stuck has moved.
func (q *sequencer) end() []int32 {
	at := slices.Clone(q.world.from)
	for work := range at {
		at[work] = q.world.origin(int32(work))
		if _, stuck := q.stuck[int32(work)]; q.world.moves(int32(work)) && !stuck {
			at[work] = q.world.to[work]
		}
	}
	return at
}

// holdBack keeps the groups of those affinities together that the end would part, and says whether there were any.
func (q *sequencer) holdBack() bool {
	end, held := q.end(), false
	for i := range q.affinities {
		a := &q.affinities[i]
		if a.broken(end) <= a.broken(q.world.from) {
			continue
		}
		for _, work := range a.group() {
			if _, stuck := q.stuck[work]; stuck || !q.world.moves(work) {
				continue
			}
			q.stick(work, fmt.Sprintf("held back: without all of its group it would break the affinity of %v of %s over %s",
				a.rule.Components, a.app.Name, a.rule.Over), nil)
			held = true
		}
	}
	return held
}

// giveUp marks what was not made as stuck, and says whether there was any.
func (q *sequencer) giveUp(s *serial, goals []*hop) bool {
	any := false
	for i, h := range goals {
		if !s.done[i] {
			violations := q.waits(s, int32(i))
			q.stick(h.work, q.circle(s, int32(i), violations), violations)
			any = true
		}
	}
	return any
}

// waits returns what a goal lacks where the search got stuck.
func (q *sequencer) waits(s *serial, goal int32) []placement.Violation {
	h := s.goals[goal]
	id := q.world.works[h.work].ID
	var out []placement.Violation
	for _, u := range h.takes {
		if u.amount <= s.free[u.stock] {
			continue
		}
		v := placement.Violation{
			Kind: placement.ByConflict, Workloads: []placement.WorkloadID{id}, Site: q.world.sites[h.to].ID,
			Message: fmt.Sprintf("%s needs %d of %s, %d is free", id, u.amount, q.stocks.name(u.stock), max(0, s.free[u.stock])),
			Have:    max(0, s.free[u.stock]), Want: u.amount,
		}
		if q.stocks.isRoom(u.stock) {
			v.Kind = placement.ByCapacity
		}
		out = append(out, v)
	}
	if group, blocked := s.spreads.blocks(h); blocked {
		g := &s.spreads.groups[group]
		out = append(out, placement.Violation{
			Kind: placement.BySpread, Workloads: []placement.WorkloadID{id}, Site: q.world.sites[h.to].ID,
			Message: fmt.Sprintf("%v of %s would use fewer than %d values of %s", g.rule.Components, g.app.Name, g.floor, g.rule.Over),
			Want:    int64(g.floor),
		})
	}
	return out
}

// circle says in words why a goal cannot be made, following who waits for whom until somebody comes twice.
func (q *sequencer) circle(s *serial, goal int32, violations []placement.Violation) string {
	if len(violations) == 0 {
		return "waits for a workload that cannot move"
	}
	text := violations[0].Message
	leaving := make(map[topology.SiteID]int32)
	for i := len(s.goals) - 1; i >= 0; i-- {
		if !s.done[i] {
			leaving[q.world.sites[s.goals[i].from].ID] = int32(i)
		}
	}
	var chain []string
	seen := map[int32]bool{goal: true}
	for at := goal; ; {
		next, ok := leaving[q.world.sites[s.goals[at].to].ID]
		if !ok {
			break
		}
		chain = append(chain, string(q.world.works[s.goals[next].work].ID))
		if seen[next] || len(chain) == 8 {
			break
		}
		seen[next] = true
		at = next
	}
	if len(chain) > 0 {
		text += "; waits for " + strings.Join(chain, ", which waits for ") + ", and no site may hold one of them meanwhile"
	}
	return text
}
