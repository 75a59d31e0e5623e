package migrate

import "github.com/domicile-eu/domicile/placement"

// spreads follows how many domain values the members of each Spread constraint use. Only moves that change a value
// matter, and those of one group go one after another, so every state that can occur is one that was judged.
type spreads struct {
	groups []spread
	of     map[int32][]int32 // groups of a workload
}

// spread is one Spread constraint.
type spread struct {
	app    *placement.Application
	rule   placement.Spread
	values []int32         // per site
	counts map[int32]int64 // members per value
	floor  int             // fewer values than this are never used: what is asked, or what there was at the start
	want   int
}

func newSpreads(w *world, d *domains) *spreads {
	s := &spreads{of: make(map[int32][]int32)}
	for i := range w.problem.Applications {
		app := &w.problem.Applications[i]
		for _, c := range app.Constraints {
			rule, ok := c.(placement.Spread)
			if !ok {
				continue
			}
			g := spread{app: app, rule: rule, values: d.of(rule.Over), counts: make(map[int32]int64)}
			members := w.members(app, rule.Components)
			for _, work := range members {
				g.counts[g.values[w.from[work]]]++
				s.of[work] = append(s.of[work], int32(len(s.groups)))
			}
			g.want = min(rule.AtLeast, len(members))
			g.floor = min(g.want, len(g.counts))
			s.groups = append(s.groups, g)
		}
	}
	return s
}

// touched returns the groups whose values a hop changes.
func (s *spreads) touched(h *hop) []int32 {
	var out []int32
	for _, g := range s.of[h.work] {
		if v := s.groups[g].values; v[h.from] != v[h.to] {
			out = append(out, g)
		}
	}
	return out
}

// blocks returns the first group that a hop would leave with too few values, and whether there is one.
func (s *spreads) blocks(h *hop) (int32, bool) {
	for _, g := range s.touched(h) {
		grp := &s.groups[g]
		used := len(grp.counts)
		if grp.counts[grp.values[h.from]] == 1 {
			used--
		}
		if grp.counts[grp.values[h.to]] == 0 {
			used++
		}
		if used < grp.floor {
			return g, true
		}
	}
	return 0, false
}

// apply carries a hop out; revert takes it back.
func (s *spreads) apply(h *hop)  { s.shift(h, h.from, h.to) }
func (s *spreads) revert(h *hop) { s.shift(h, h.to, h.from) }

func (s *spreads) shift(h *hop, from, to int32) {
	for _, g := range s.touched(h) {
		grp := &s.groups[g]
		if grp.counts[grp.values[from]]--; grp.counts[grp.values[from]] == 0 {
			delete(grp.counts, grp.values[from])
		}
		grp.counts[grp.values[to]]++
	}
}
