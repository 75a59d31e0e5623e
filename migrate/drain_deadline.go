package migrate

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// due returns the options with the scope's deadline added, for all that has to leave.
func (s Scope) due(opts *Options, from placement.Assignment, closed map[topology.SiteID]bool) *Options {
	if s.By.IsZero() {
		return opts
	}
	o := Options{}
	if opts != nil {
		o = *opts
	}
	var leaving []placement.WorkloadID
	for _, id := range slices.Sorted(maps.Keys(from)) {
		if closed[from[id]] {
			leaving = append(leaving, id)
		}
	}
	if len(leaving) == 0 {
		return opts
	}
	o.Deadlines = append(slices.Clip(slices.Clone(o.Deadlines)), Deadline{Of: Which{Workloads: leaving}, By: s.By})
	return &o
}

// date says when the last that leaves has left, and who is later than the deadline.
func (d *Drained) date(w *world, closed map[topology.SiteID]bool) error {
	last := topology.Micros(0)
	for i := range d.Plan.Moves {
		if m := &d.Plan.Moves[i]; closed[m.From] {
			last = max(last, m.End)
		}
	}
	if last > 0 {
		d.Over = w.begins().Add(time.Duration(last) * time.Microsecond)
	}
	if d.Scope.By.IsZero() {
		return nil
	}
	if d.Scope.By.Before(w.begins()) {
		return fmt.Errorf("%w: scope: by: %s is before the plan starts at %s", ErrInvalid, d.Scope.By.Format(time.RFC3339), w.begins().Format(time.RFC3339))
	}
	for _, l := range d.Plan.Late {
		if closed[d.From[l.Workload]] {
			d.Late = append(d.Late, l)
		}
	}
	return nil
}
