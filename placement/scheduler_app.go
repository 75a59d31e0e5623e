package placement

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// schedApp is one application in one snapshot. Only where its workloads are changes from snapshot to snapshot.
type schedApp struct {
	*schedPlan
	site []int32 // by workload; -1: not placed
}

// newSchedApp returns an application of which nothing is placed.
func newSchedApp(plan *schedPlan) *schedApp {
	app := &schedApp{schedPlan: plan, site: make([]int32, len(plan.loads))}
	for i := range app.site {
		app.site[i] = -1
	}
	return app
}

// schedPlan is what of an application stays the same for as long as the world does.
type schedPlan struct {
	app     *Application
	loads   []schedLoadPlan // by workload
	groups  []schedGroup
	paths   []schedPath
	current []int32 // by workload: where it runs, -1 for nowhere
}

// schedLoadPlan is one workload of an application.
type schedLoadPlan struct {
	shape  string // key of its shape
	stays  int32  // the cordoned site that it runs on; -1
	demand []int64
	// unheard says that it demands what no site has.
	unheard bool
	arcs    []schedArc
	groups  []schedMembership
	stops   []schedStop
}

// schedArc is a flow to or from another workload, seen from one end.
type schedArc struct {
	other      int32
	out        bool // the workload is the sender
	transit    latency.Transit
	percentile latency.Percentile // 0: only the way matters
	bound      int32
	rate       int64
}

// schedGroup is a constraint over several workloads of an application.
type schedGroup struct {
	kind    problem.GroupKind
	of      []int32 // by site: its part of the domain; nil for gangs
	limit   int
	members []int32
	with    []int32
}

// kindOfGroup is what a group's refusals are told as.
var kindOfGroup = [...]ConstraintKind{
	problem.Spread: BySpread, problem.Conflict: ByConflict, problem.Together: ByAffinity, problem.Attend: ByAffinity, problem.Gang: ByGang,
}

type schedMembership struct {
	group int32
	with  bool
}

// plan numbers an application for this world. Transits that its flows need are asked for.
func (w *schedWorld) plan(ctx context.Context, app *Application) (*schedPlan, error) {
	p := &schedPlan{app: app, loads: make([]schedLoadPlan, len(app.Workloads)), current: make([]int32, len(app.Workloads))}
	for i := range app.Workloads {
		load := &app.Workloads[i]
		l := &p.loads[i]
		p.current[i], l.stays = w.currentOf(load.ID)
		if i > 0 && p.loads[i-1].stays == l.stays && sameButID(&app.Workloads[i-1], load) {
			l.shape, l.demand, l.unheard = p.loads[i-1].shape, p.loads[i-1].demand, p.loads[i-1].unheard
			continue
		}
		l.shape = shapeKey(app, load, l.stays)
		l.demand = make([]int64, len(w.dims))
		for dim, amount := range load.Demand {
			if k, ok := slices.BinarySearch(w.dims, dim); ok {
				l.demand[k] = amount
			} else if amount > 0 {
				l.unheard = true
			}
		}
	}
	p.addGroups(w)
	if err := p.addPaths(ctx, w); err != nil {
		return nil, err
	}
	return p, p.addArcs(ctx, w)
}

// currentOf returns the site that a workload runs on, and the same again if that is cordoned; -1 for none.
func (w *schedWorld) currentOf(id WorkloadID) (at, stays int32) {
	if site, ok := w.problem.Current[id]; ok {
		if at, ok := w.siteAt[site]; ok {
			if w.sites[at].State == topology.Cordoned {
				return at, at
			}
			return at, -1
		}
	}
	return -1, -1
}

// sameButID says whether two workloads differ in nothing but their ID.
func sameButID(a, b *Workload) bool {
	other := *a
	other.ID = b.ID
	return reflect.DeepEqual(&other, b)
}

// shapeKey writes all that the sites and costs of a workload depend on, as long as the world stays the same: the workload
// without its ID, the cordoned site that it may stay on, and its flows from access points with its share of each.
func shapeKey(app *Application, load *Workload, stays int32) string {
	b := fmt.Appendf(nil, "%s %d", classKey(load), stays)
	for k := range app.Flows {
		f := &app.Flows[k]
		if f.FromAccess != "" && f.To == load.Component {
			b = fmt.Appendf(b, " %q %d %d %d %q", f.FromAccess, shareOf(f.Rate, replicas(app, f.To)), f.Bound, f.Percentile, f.Data)
		}
	}
	return string(b)
}

// addArcs lists the flows between workloads, at both ends.
func (p *schedPlan) addArcs(ctx context.Context, w *schedWorld) error {
	for k := range p.app.Flows {
		f := &p.app.Flows[k]
		if f.FromComponent == "" {
			continue
		}
		senders, receivers := p.of(f.FromComponent), p.of(f.To)
		n := len(senders) * len(receivers)
		if f.FromComponent == f.To {
			n -= len(senders)
		}
		if n == 0 {
			continue
		}
		a := schedArc{bound: problem.Unknown - 1, rate: shareOf(f.Rate, n)}
		if f.Bound > 0 {
			a.bound, a.percentile = int32(min(f.Bound, problem.Unknown-1)), percentileOf(f)
		}
		for _, to := range receivers {
			var err error
			if a.transit, err = w.shapes.transit(ctx, dataOf(f, &p.app.Workloads[to])); err != nil {
				return err
			}
			for _, from := range senders {
				if from == to {
					continue
				}
				a.other, a.out = to, true
				p.loads[from].arcs = append(p.loads[from].arcs, a)
				a.other, a.out = from, false
				p.loads[to].arcs = append(p.loads[to].arcs, a)
			}
		}
	}
	return nil
}

// of lists the workloads of some components.
func (p *schedPlan) of(components ...string) (loads []int32) {
	for k := range p.app.Workloads {
		if slices.Contains(components, p.app.Workloads[k].Component) {
			loads = append(loads, int32(k))
		}
	}
	return loads
}

// addGroups lists the constraints.
func (p *schedPlan) addGroups(w *schedWorld) {
	for _, constraint := range p.app.Constraints {
		var g schedGroup
		switch k := constraint.(type) {
		case Spread:
			g = schedGroup{kind: problem.Spread, of: w.shapes.domain(k.Over), limit: k.AtLeast, members: p.of(k.Components...)}
		case Conflict:
			g = schedGroup{kind: problem.Conflict, of: w.shapes.domain(k.Over), limit: k.AtMost, members: p.of(k.Components...)}
		case Affinity:
			g = schedGroup{kind: problem.Together, of: w.shapes.domain(k.Over), members: p.of(k.Components...)}
			if len(k.With) > 0 {
				g.kind, g.with = problem.Attend, p.of(k.With...)
			}
		case Gang:
			g = schedGroup{kind: problem.Gang, members: p.of(k.Components...)}
		case Path: // see addPaths
			continue
		}
		n := int32(len(p.groups))
		p.groups = append(p.groups, g)
		for _, i := range g.members {
			p.loads[i].groups = append(p.loads[i].groups, schedMembership{n, false})
		}
		for _, i := range g.with {
			p.loads[i].groups = append(p.loads[i].groups, schedMembership{n, true})
		}
	}
}

// counted returns how many of some workloads are on each part of a domain, in order of the parts, without one of them
// (-1: with all).
func (a *schedApp) counted(of []int32, loads []int32, without int32) (parts []schedPart, placed int) {
	for _, i := range loads {
		at := a.site[i]
		if at < 0 || i == without {
			continue
		}
		placed++
		k, ok := slices.BinarySearchFunc(parts, of[at], func(p schedPart, part int32) int { return int(p.part - part) })
		if !ok {
			parts = slices.Insert(parts, k, schedPart{part: of[at]})
		}
		parts[k].count++
	}
	return parts, placed
}

type schedPart struct{ part, count int32 }

// limits turns the constraints over several workloads into what they say of the parts that workload i may be on, all
// others staying where they are. Gangs say nothing: their members come together.
func (a *schedApp) limits(i int32) (out []schedLimit) {
	for _, m := range a.loads[i].groups {
		g := &a.groups[m.group]
		l := schedLimit{kind: kindOfGroup[g.kind], of: g.of}
		if m.with {
			if l, tied := a.tied(g, i); tied {
				out = append(out, l)
			}
			continue
		}
		switch g.kind {
		case problem.Spread:
			parts, placed := a.counted(g.of, g.members, i)
			// One more on a part in use must not leave more parts wanting than there are now. On a new part it never does.
			if max(0, min(g.limit, placed+1)-len(parts)) <= a.excess(g) {
				continue
			}
			l.parts = parts
		case problem.Conflict:
			l.parts, _ = a.counted(g.of, g.members, i)
			l.parts = slices.DeleteFunc(l.parts, func(p schedPart) bool { return int(p.count) < g.limit })
		case problem.Together:
			parts, placed := a.counted(g.of, g.members, i)
			if placed == 0 {
				continue
			}
			most := int32(0)
			for _, p := range parts {
				most = max(most, p.count)
			}
			l.only = true
			l.parts = slices.DeleteFunc(parts, func(p schedPart) bool { return p.count < most })
		case problem.Attend:
			l.only = true
			l.parts, _ = a.counted(g.of, g.with, -1)
		}
		if l.only || len(l.parts) > 0 {
			out = append(out, l)
		}
	}
	return out
}

// tied says whether others stay where they are only because workload i is there, and where that is.
func (a *schedApp) tied(g *schedGroup, i int32) (schedLimit, bool) {
	if a.site[i] < 0 {
		return schedLimit{}, false
	}
	here := g.of[a.site[i]]
	on := func(loads []int32) bool {
		return slices.ContainsFunc(loads, func(k int32) bool { return k != i && a.site[k] >= 0 && g.of[a.site[k]] == here })
	}
	return schedLimit{kind: ByAffinity, of: g.of, parts: []schedPart{{part: here}}, only: true}, on(g.members) && !on(g.with)
}

// schedLimit says which parts of a domain a workload may be on: these only, or all but these.
type schedLimit struct {
	kind  ConstraintKind
	of    []int32
	parts []schedPart // ascending
	only  bool
}

func (l *schedLimit) allows(at int32) bool {
	part := l.of[at]
	if len(l.parts) == 1 {
		return (l.parts[0].part == part) == l.only
	}
	_, ok := slices.BinarySearchFunc(l.parts, part, func(p schedPart, part int32) int { return int(p.part - part) })
	return ok == l.only
}

// excess is how far a group as a whole is from what it asks for; conflicts and affinities with others are judged part by
// part.
func (a *schedApp) excess(g *schedGroup) int {
	switch g.kind {
	case problem.Spread:
		parts, placed := a.counted(g.of, g.members, -1)
		return max(0, min(g.limit, placed)-len(parts))
	case problem.Together:
		parts, placed := a.counted(g.of, g.members, -1)
		most := int32(0)
		for _, p := range parts {
			most = max(most, p.count)
		}
		return placed - int(most)
	case problem.Gang:
		placed := 0
		for _, i := range g.members {
			placed += int(min(a.site[i], 0)) + 1
		}
		if placed == 0 {
			return 0
		}
		return len(g.members) - placed
	}
	return 0
}

// worsens returns the kind of a constraint over several workloads that new ones break where it was kept before, or break
// worse than it was broken; "" where there is none. before is the same application without them.
func (a *schedApp) worsens(before *schedApp, fresh []int32) ConstraintKind {
	for k := range a.groups {
		g := &a.groups[k]
		kind := kindOfGroup[g.kind]
		if a.excess(g) > before.excess(g) {
			return kind
		}
		if g.kind != problem.Conflict && g.kind != problem.Attend {
			continue
		}
		count := g.members
		if g.kind == problem.Attend {
			count = g.with
		}
		parts, _ := a.counted(g.of, count, -1)
		for _, i := range fresh {
			if !slices.Contains(g.members, i) {
				continue
			}
			n := int32(0)
			if k, ok := slices.BinarySearchFunc(parts, g.of[a.site[i]], func(p schedPart, part int32) int { return int(p.part - part) }); ok {
				n = parts[k].count
			}
			if g.kind == problem.Conflict && n > int32(min(g.limit, math.MaxInt32)) || g.kind == problem.Attend && n == 0 {
				return kind
			}
		}
	}
	return ""
}
