package execute

import (
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
)

// Outcome says how things stand. It can be asked for at any time; those on the way count where they come from.
func (e *Execution) Outcome() *Outcome {
	o := &Outcome{
		At: e.sure(), Made: slices.Clone(e.made), Notes: slices.Clone(e.notes), Plans: e.plans, End: e.now,
	}
	for i := range o.Made {
		o.Made[i].ID = i
	}
	for _, w := range slices.Sorted(maps.Keys(e.doubts)) {
		o.Doubts = append(o.Doubts, e.doubts[w])
	}
	held := e.held()
	stuck := make(map[placement.WorkloadID]migrate.Stuck)
	for _, s := range e.plan.Stuck {
		stuck[s.Workload] = s
	}
	for _, w := range slices.Sorted(maps.Keys(o.At)) {
		want, ok := e.goal[w]
		if !ok || want == o.At[w] {
			continue
		}
		s, known := stuck[w]
		switch {
		case held[w] != "":
			s = migrate.Stuck{Message: held[w]}
		case !known:
			s = migrate.Stuck{Message: "not moved yet"}
		}
		s.Workload, s.From, s.To = w, o.At[w], want
		o.Staying = append(o.Staying, s)
	}
	return o
}
