package simulate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/migrate"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// truth is where everything really runs, and what was broken on the way. What is broken at the start is no fault, and
// neither is what a lost workload leaves behind; it may only not get worse.
type truth struct {
	problem *placement.Problem
	works   map[placement.WorkloadID]*placement.Workload
	runs    map[placement.WorkloadID]topology.SiteID // empty: lost
	holds   map[placement.WorkloadID][]topology.SiteID
	used    map[room]int64
	most    map[room]int64
	rates   map[lane]int64
	verdict map[string]string
	groups  []*group
	faults  []string
}

type room struct {
	site topology.SiteID
	dim  topology.Dimension
}

type lane struct {
	link topology.LinkID
	from topology.NodeID
}

func newTruth(p *placement.Problem, from placement.Assignment) (*truth, error) {
	if p == nil || p.Continuum == nil {
		return nil, fmt.Errorf("%w: no problem or no continuum", migrate.ErrInvalid)
	}
	t := &truth{
		problem: p, works: make(map[placement.WorkloadID]*placement.Workload),
		runs: make(map[placement.WorkloadID]topology.SiteID), holds: make(map[placement.WorkloadID][]topology.SiteID),
		used: make(map[room]int64), rates: make(map[lane]int64), verdict: make(map[string]string),
	}
	for i := range p.Applications {
		for k := range p.Applications[i].Workloads {
			w := &p.Applications[i].Workloads[k]
			t.works[w.ID] = w
		}
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(from)) {
		_, ok := p.Continuum.Site(from[id])
		if t.works[id] == nil || !ok {
			errs = append(errs, fmt.Errorf("%w: from: there is no workload %q or no site %q", migrate.ErrInvalid, id, from[id]))
			continue
		}
		t.runs[id] = from[id]
		t.hold(id, from[id])
	}
	t.most = maps.Clone(t.used)
	t.groups = newGroups(t)
	return t, errors.Join(errs...)
}

func (t *truth) fault(at topology.Micros, format string, args ...any) {
	if len(t.faults) < 100 {
		t.faults = append(t.faults, fmt.Sprintf("at %s: ", at)+fmt.Sprintf(format, args...))
	}
}

// hold books the room of a workload at a site.
func (t *truth) hold(w placement.WorkloadID, site topology.SiteID) {
	t.holds[w] = append(t.holds[w], site)
	for dim, amount := range t.works[w].Demand {
		t.used[room{site, dim}] += amount
	}
}

func (t *truth) release(w placement.WorkloadID, site topology.SiteID) {
	i := slices.Index(t.holds[w], site)
	if i < 0 {
		return
	}
	t.holds[w] = slices.Delete(t.holds[w], i, i+1)
	for dim, amount := range t.works[w].Demand {
		t.used[room{site, dim}] -= amount
	}
}

func (t *truth) carry(m *migrate.Move, by int64) {
	for _, hop := range m.Route.Hops {
		t.rates[lane{hop.Link, hop.From}] += by * m.Rate
	}
}

// begin starts a move, or says why nothing can be started; what should not have been started is a fault.
func (t *truth) begin(at topology.Micros, m *migrate.Move) string {
	w := t.works[m.Workload]
	to, ok := t.problem.Continuum.Site(m.To)
	if w == nil || !ok {
		return "unknown workload or site"
	}
	if t.runs[m.Workload] != m.From {
		t.fault(at, "%s is to be moved from %s, but runs on %q", m.Workload, m.From, t.runs[m.Workload])
		return "it does not run there"
	}
	if len(t.holds[m.Workload]) > 1 {
		t.fault(at, "%s is to be moved to %s while it is on its way", m.Workload, m.To)
		return "it is on its way"
	}
	if why := t.refused(w, to); why != "" {
		t.fault(at, "%s enters %s: %s", w.ID, to.ID, why)
	}
	t.hold(w.ID, to.ID)
	for _, dim := range slices.Sorted(maps.Keys(w.Demand)) {
		if have, limit := t.used[room{to.ID, dim}], max(to.Capacity[dim], t.most[room{to.ID, dim}]); w.Demand[dim] > 0 && have > limit {
			t.fault(at, "%s overfills %s: %d of %d %s", w.ID, to.ID, have, limit, dim)
		}
	}
	t.carry(m, 1)
	for _, hop := range m.Route.Hops {
		link, known := t.problem.Continuum.Link(hop.Link)
		if have := t.rates[lane{hop.Link, hop.From}]; !known || m.Rate > 0 && have > link.Bandwidth {
			t.fault(at, "%s overloads %s from %s with %d bit/s", w.ID, hop.Link, hop.From, have)
		}
	}
	t.judgeWay(at, w, m)
	for _, g := range t.groups {
		g.enter(t, at, w.ID)
	}
	return ""
}

// end has a workload run at the new site alone.
func (t *truth) end(at topology.Micros, m *migrate.Move) {
	t.carry(m, -1)
	t.runs[m.Workload] = m.To
	t.release(m.Workload, m.From)
	for _, g := range t.groups {
		g.left(t, at, m.Workload)
	}
}

// fail takes a move back; a workload whose old site was left already is lost.
func (t *truth) fail(_ topology.Micros, m *migrate.Move) {
	t.carry(m, -1)
	t.release(m.Workload, m.To)
	if t.runs[m.Workload] == m.To {
		t.runs[m.Workload] = ""
		t.release(m.Workload, m.From)
	}
}

// refused asks placement's checker whether a workload may enter a site, for what concerns the two alone.
func (t *truth) refused(w *placement.Workload, s *topology.Site) string {
	key := string(w.ID) + "\x00" + string(s.ID)
	if why, ok := t.verdict[key]; ok {
		return why
	}
	alone := *t.problem
	alone.Current, alone.Budgets = nil, nil
	alone.Applications = []placement.Application{{Name: w.Application, Workloads: []placement.Workload{*w}}}
	found, err := placement.Check(context.Background(), &alone, placement.Assignment{w.ID: s.ID})
	why := ""
	if err != nil {
		why = err.Error()
	}
	for _, v := range found {
		if v.Kind != placement.ByCapacity {
			why = v.Message
		}
	}
	t.verdict[key] = why
	return why
}

// judgeWay makes sure that the workload's data may travel each link of the way.
func (t *truth) judgeWay(at topology.Micros, w *placement.Workload, m *migrate.Move) {
	if t.problem.Transit == nil {
		return
	}
	scope := placement.Scope{Continuum: t.problem.Continuum, AsOf: t.problem.AsOf}
	if scope.AsOf.IsZero() {
		scope.AsOf = t.problem.Continuum.AsOf()
	}
	permitted, err := t.problem.Transit.Transit(context.Background(), scope, w.Data)
	if err != nil {
		t.fault(at, "%s: %v", w.ID, err)
		return
	}
	if bad, crosses := permitted.Crosses(m.Route); crosses {
		t.fault(at, "data of %s crosses %s", w.ID, bad.Link)
	}
}
