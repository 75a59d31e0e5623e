package migrate

import "github.com/domicile-eu/domicile/placement"

// affinity is one Affinity constraint.
type affinity struct {
	app        *placement.Application
	rule       placement.Affinity
	values     []int32 // per site
	components []int32
	with       []int32 // workloads
}

func newAffinities(w *world, d *domains) []affinity {
	var out []affinity
	for i := range w.problem.Applications {
		app := &w.problem.Applications[i]
		for _, c := range app.Constraints {
			if rule, ok := c.(placement.Affinity); ok {
				out = append(out, affinity{
					app: app, rule: rule, values: d.of(rule.Over),
					components: w.members(app, rule.Components), with: w.members(app, rule.With),
				})
			}
		}
	}
	return out
}

// broken counts how far the constraint is from holding where at says everybody is: members without company, or, where
// all members want one value, the values they use beyond the first.
func (a *affinity) broken(at []int32) int {
	company := make(map[int32]bool)
	for _, work := range a.with {
		if at[work] != nowhere {
			company[a.values[at[work]]] = true
		}
	}
	used, alone := make(map[int32]bool), 0
	for _, work := range a.components {
		if at[work] == nowhere {
			continue
		}
		used[a.values[at[work]]] = true
		if !company[a.values[at[work]]] {
			alone++
		}
	}
	if len(a.rule.With) == 0 {
		return max(0, len(used)-1)
	}
	return alone
}

// group returns all workloads of the constraint.
func (a *affinity) group() []int32 {
	return append(append([]int32(nil), a.components...), a.with...)
}
