package placement

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

const (
	// mostWays is how many ways out are told: more than anybody compares.
	mostWays = 5
	// mostAlike is how many of them may ask for the same kind of thing, so that the list shows a choice.
	mostAlike = 2
	// mostTries bounds the solves of one relief.
	mostTries = 24
)

// Relax names, for each application of which r leaves workloads out, a smallest conflict and the ways out.
//
// The conflict is found by deletion filtering over the requirements of the first component that no site can take as
// things stand. Ways are put together from what each site lacks: capacity, latency bounds, selectors, spreads,
// conflicts and affinities, budgets, exceptions from policies; where a gang holds back what could be placed, it can also go
// without the components that cannot; a workload that a site refuses for another reason (down, wrong
// runtime, no permitted way, a rule that could not be judged) is not helped there. Each way is solved again with everything else held in place, then freely if that fails,
// and kept if the workloads are placed, nobody else is left out for them and Check finds nothing. Errors are those of
// Solve. O(sites x requirements) and at most some dozens of solves an application.
func Relax(ctx context.Context, p *Problem, r *Result, opts *Options) ([]*Relief, error) {
	if r == nil {
		return nil, fmt.Errorf("%w: no result to relax", ErrInvalid)
	}
	out := make(map[WorkloadID]bool, len(r.Unplaced))
	for _, u := range r.Unplaced {
		out[u.Workload] = true
	}
	var reliefs []*Relief
	for i := range p.Applications {
		x := &relaxing{ctx: ctx, p: p, r: r, opts: opts, app: &p.Applications[i]}
		for j := range x.app.Workloads {
			if w := &x.app.Workloads[j]; out[w.ID] {
				x.missing = append(x.missing, w.ID)
			}
		}
		if len(x.missing) == 0 {
			continue
		}
		relief, err := x.relieve()
		if err != nil {
			return nil, err
		}
		reliefs = append(reliefs, relief)
	}
	return reliefs, nil
}

// relaxing is the search for ways out for one application.
type relaxing struct {
	ctx     context.Context
	p       *Problem
	r       *Result
	opts    *Options
	app     *Application
	missing []WorkloadID
	c       *checker
	before  *Evaluation
	// replicas is how many of the component that is looked at are missing.
	replicas int
}

// relieve finds the conflict and the ways.
func (x *relaxing) relieve() (*Relief, error) {
	var err error
	if x.c, err = newChecker(x.ctx, x.p, x.r.Assignment); err != nil {
		return nil, err
	}
	if x.before, err = Evaluate(x.ctx, x.p, x.r.Assignment); err != nil {
		return nil, err
	}
	relief := &Relief{Workloads: x.missing}
	var blocked [][]candidate // per component that no site can take, the best candidate first
	var stuck []string        // those components
	for _, items := range x.components() {
		needs, err := x.needs(items)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(needs, func(n siteNeeds) bool { return len(n.needs) == 0 }) {
			continue // it is left out for another's sake
		}
		if relief.Conflict == nil {
			relief.Conflict = conflict(needs)
		}
		ways, err := x.candidates(items, needs)
		if err != nil {
			return nil, err
		}
		blocked, stuck = append(blocked, ways), append(stuck, items[0].w.Component)
	}
	relief.Ways, err = x.ways(append(combine(blocked), x.smallerGangs(stuck)...))
	return relief, err
}

// components groups the missing workloads by component.
func (x *relaxing) components() [][]*checkItem {
	var groups [][]*checkItem
	for _, id := range x.missing {
		it := x.c.byID[id]
		if n := len(groups); n > 0 && groups[n-1][0].w.Component == it.w.Component {
			groups[n-1] = append(groups[n-1], it)
			continue
		}
		groups = append(groups, []*checkItem{it})
	}
	return groups
}

// combine takes the best candidate of every blocked component, and each candidate of the first in turn.
func combine(blocked [][]candidate) []candidate {
	if len(blocked) == 0 {
		return nil
	}
	var all []candidate
	for _, first := range blocked[0] {
		for _, other := range blocked[1:] {
			if len(other) == 0 {
				return nil
			}
			first = first.with(other[0])
		}
		all = append(all, first)
	}
	slices.SortStableFunc(all, compareCandidates)
	return all
}

// ways verifies candidates until there are enough.
func (x *relaxing) ways(all []candidate) ([]Way, error) {
	var verified []verifiedWay
	alike := map[string]int{}
	for tries, c := range all {
		if tries == mostTries || len(verified) == mostWays {
			break
		}
		if alike[c.signature()] == mostAlike || slices.ContainsFunc(verified, func(v verifiedWay) bool { return v.candidate.covers(c) }) {
			continue
		}
		way, err := x.verify(c)
		if err != nil {
			return nil, err
		}
		if way != nil {
			alike[c.signature()]++
			verified = append(verified, verifiedWay{c, *way})
		}
	}
	slices.SortStableFunc(verified, func(a, b verifiedWay) int {
		return cmp.Or(compareHarm(a.candidate, b.candidate), cmp.Compare(a.way.Cost, b.way.Cost), compareCandidates(a.candidate, b.candidate))
	})
	ways := make([]Way, len(verified))
	for i := range verified {
		ways[i] = verified[i].way
	}
	return ways, nil
}

type verifiedWay struct {
	candidate candidate
	way       Way
}

// verify applies the fixes and solves again; nil where they do not help.
func (x *relaxing) verify(c candidate) (*Way, error) {
	fixed := x.p
	var err error
	for _, f := range c.fixes {
		if fixed, err = f.Apply(fixed); err != nil {
			return nil, err
		}
	}
	for _, attempt := range []*Problem{held(fixed, x.r.Assignment), fixed} {
		r, err := Solve(x.ctx, attempt, x.opts)
		if err != nil {
			return nil, err
		}
		if !x.helps(r, c.left) {
			continue
		}
		violations, err := Check(x.ctx, fixed, r.Assignment)
		if err != nil {
			return nil, err
		}
		if len(violations) > 0 {
			continue
		}
		after, err := Evaluate(x.ctx, fixed, r.Assignment)
		if err != nil {
			return nil, err
		}
		way := &Way{Fixes: c.fixes, Cost: running(after) - running(x.before), Assignment: r.Assignment}
		for _, id := range x.missing {
			site, placed := r.Assignment[id]
			if way.Site == "" {
				way.Site = site
			}
			if !placed {
				way.Without = append(way.Without, id)
			}
		}
		return way, nil
	}
	return nil, nil
}

// helps says whether all that was missing is placed, but for components that are left behind, and nothing else is missing
// now.
func (x *relaxing) helps(r *Result, left []string) bool {
	for _, id := range x.missing {
		if _, ok := r.Assignment[id]; !ok && !slices.Contains(left, x.c.byID[id].w.Component) {
			return false
		}
	}
	for id := range x.r.Assignment {
		if _, ok := r.Assignment[id]; !ok {
			return false
		}
	}
	return true
}

// held returns the problem with every placed workload pinned to its site, so that a solve looks at the rest alone.
func held(p *Problem, a Assignment) *Problem {
	q := *p
	q.Applications = slices.Clone(p.Applications)
	for i := range q.Applications {
		app := &q.Applications[i]
		app.Workloads = slices.Clone(app.Workloads)
		for j := range app.Workloads {
			if s, ok := a[app.Workloads[j].ID]; ok {
				app.Workloads[j].Site = s
			}
		}
	}
	return &q
}

// running is what sites and traffic cost an hour. Sums of what Evaluate adds up itself cannot overflow.
func running(e *Evaluation) topology.MicroEUR {
	var sum topology.MicroEUR
	for _, l := range e.Lines {
		sum += l.Price + l.Traffic
	}
	return sum
}

// conflict is a set of requirements of which every site lacks one, and from which none can be left out (deletion
// filtering). Requirements are tried in reverse order of their keys' kinds, so that facts of sites leave before what
// somebody asked for.
func conflict(sites []siteNeeds) []Requirement {
	all := map[string]Requirement{}
	for _, s := range sites {
		for _, n := range s.needs {
			all[n.key] = n.Requirement
		}
	}
	kept := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(constraintKinds, all[a].Kind), slices.Index(constraintKinds, all[b].Kind)), cmp.Compare(a, b))
	})
	for i := len(kept) - 1; i >= 0; i-- {
		without := slices.Delete(slices.Clone(kept), i, i+1)
		if everySiteLacksOne(sites, without) {
			kept = without
		}
	}
	out := make([]Requirement, len(kept))
	for i, key := range kept {
		out[i] = all[key]
	}
	return out
}

func everySiteLacksOne(sites []siteNeeds, keys []string) bool {
	for _, s := range sites {
		if !slices.ContainsFunc(s.needs, func(n need) bool { return slices.Contains(keys, n.key) }) {
			return false
		}
	}
	return true
}
