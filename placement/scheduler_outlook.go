package placement

import (
	"context"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// Outlook is what stands for and against one workload on every site.
type Outlook struct {
	Sites []topology.SiteID // all of them, in order of ID
	// Refused is, by site, a constraint that refuses it, empty where none does: of several the first of admission, transit,
	// latency, path and what is left, capacity last. A [Gang] refuses nothing here.
	Refused []ConstraintKind
	// Rank orders the sites that may take it by what they are worth in all tiers, as [Scheduler.Candidates] does: 0 for the
	// best, one number for sites of one value, -1 for the refused ones.
	Rank []int32
	// Cost is a [Candidate]'s Cost + Shadow; 0 for the refused ones.
	Cost []int64
}

// Outlook judges a workload of an application on all sites, as if the application were known (in the place of one of its
// name) with its workloads where places has them, beside everything else. What places names besides is ignored, and
// nothing is changed: it is for callers who keep books of their own of who is where. A defect of the application, or an
// id that it does not have, is an error that wraps [ErrInvalid].
//
// O(workloads of the application + sites x (its flows and constraints)), and for a new shape what [Scheduler.Candidates]
// says; Admission is asked about all sites, also where something else refuses them.
func (s *Scheduler) Outlook(ctx context.Context, app Application, places Assignment, id WorkloadID) (*Outlook, error) {
	d := s.now.Load().draft()
	at := make(map[WorkloadID]int32, len(places))
	for load, site := range places {
		if k, ok := d.world.siteAt[site]; ok {
			at[load] = k
		}
	}
	if err := d.add(ctx, &app, at); err != nil {
		return nil, err
	}
	here, _, i, err := d.find(id)
	if err != nil {
		return nil, err
	}
	shape, err := d.shape(ctx, here, i)
	if err != nil {
		return nil, err
	}
	q, err := d.world.query(&d.schedSnapshot, here, i, shape)
	if err != nil {
		return nil, err
	}
	out := q.refusedSites(ctx)
	q.rank(out)
	return out, ctx.Err()
}

// inOrder is what refusals are told as first.
var inOrder = []ConstraintKind{ByAdmission, ByTransit, ByLatency, ByPath}

// refusedSites lists all sites with what refuses them.
func (q *schedQuery) refusedSites(ctx context.Context) *Outlook {
	n := len(q.w.sites)
	out := &Outlook{Sites: make([]topology.SiteID, n), Refused: make([]ConstraintKind, n), Rank: make([]int32, n), Cost: make([]int64, n)}
	memo := &q.w.shapes
	memo.compiling.Lock() // what is known of a shape for reports is not known beforehand
	defer memo.compiling.Unlock()
	c := *memo.compiled
	c.ctx = ctx
	for at := range int32(n) {
		out.Sites[at] = q.w.sites[at].ID
		var kinds []ConstraintKind
		if !q.shape.has.has(at) {
			kinds = c.refusalsAlone(q.shape.class, at)
			if len(kinds) == 0 {
				kinds = append(kinds, ByAdmission) // judged otherwise now than before; what counts is that it was refused
			}
		}
		if kinds = q.refusals(at, kinds); len(kinds) == 0 {
			continue
		}
		out.Refused[at] = kinds[0]
		if len(kinds) > 1 && kinds[0] == ByCapacity {
			out.Refused[at] = kinds[1]
		}
		for _, kind := range inOrder {
			if slices.Contains(kinds, kind) {
				out.Refused[at] = kind
				break
			}
		}
	}
	return out
}

// rank orders the sites that nothing refuses.
func (q *schedQuery) rank(out *Outlook) {
	type ranked struct {
		value problem.Value
		at    int32
	}
	var all []ranked
	for at := range out.Rank {
		out.Rank[at] = -1
	}
	for pos, at := range q.shape.sites {
		if out.Refused[at] != "" {
			continue
		}
		r := ranked{q.shape.value(q.w, pos), at}
		if !q.plain() && q.reaches(at) { // which notes what ways cost
			q.add(at, &r.value)
		}
		all = append(all, r)
		out.Cost[at] = r.value[q.w.deciding]
	}
	slices.SortFunc(all, func(a, b ranked) int {
		switch {
		case a.value.Less(&b.value):
			return -1
		case b.value.Less(&a.value):
			return 1
		}
		return 0
	})
	for k, r := range all {
		out.Rank[r.at] = int32(k)
		if k > 0 && all[k-1].value == r.value {
			out.Rank[r.at] = out.Rank[all[k-1].at]
		}
	}
}
