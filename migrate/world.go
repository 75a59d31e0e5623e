package migrate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// nowhere is the site index of a workload that is not placed.
const nowhere = int32(-1)

// world is the problem in indices, with where every workload starts and is to end.
type world struct {
	problem *placement.Problem
	scope   placement.Scope
	graph   *latency.Graph
	opts    Options

	sites     []*topology.Site // in order of ID
	siteIndex map[topology.SiteID]int32
	works     []*placement.Workload // in order of ID
	workIndex map[placement.WorkloadID]int32
	dims      []topology.Dimension // that anything demands, sorted
	demand    []int64              // works x dims

	from, to []int32           // per workload
	running  map[int32]*hop    // per workload: the move that is on its way when the plan starts
	ready    []topology.Micros // per site: from when on it can be entered
	times    *timetable        // nil: no calendars
	due      []topology.Micros // per workload: by when it is to be moved; nil: no deadlines
	budgets  []budget
	first    map[int32][]int32 // per workload: whose moves have to end before
	transits map[placement.DataClass]latency.Transit
	admitted map[pair]bool
}

// pair is a workload and a site.
type pair struct{ work, site int32 }

func newWorld(p *placement.Problem, from, to placement.Assignment, opts *Options) (*world, error) {
	o, err := opts.settled()
	if err != nil {
		return nil, err
	}
	if p == nil || p.Continuum == nil {
		return nil, fmt.Errorf("%w: no problem or no continuum", ErrInvalid)
	}
	w := &world{
		problem: p, opts: o,
		scope:     placement.Scope{Continuum: p.Continuum, AsOf: p.AsOf},
		graph:     p.Latency,
		siteIndex: make(map[topology.SiteID]int32),
		workIndex: make(map[placement.WorkloadID]int32),
		transits:  make(map[placement.DataClass]latency.Transit),
		admitted:  make(map[pair]bool),
	}
	if w.scope.AsOf.IsZero() {
		w.scope.AsOf = p.Continuum.AsOf()
	}
	if w.graph == nil {
		if w.graph, err = latency.New(p.Continuum, &latency.Options{AsOf: w.scope.AsOf}); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	for s := range p.Continuum.Sites() {
		w.siteIndex[s.ID] = int32(len(w.sites))
		w.sites = append(w.sites, s)
	}
	err = errors.Join(w.readWorkloads(), w.readDemand())
	w.from = w.read("from", from, &err)
	w.to = w.read("to", to, &err)
	return w, errors.Join(err, w.readRunning(), w.readReady(), w.readCompany())
}

// readCompany compiles what the options say of time and company.
func (w *world) readCompany() error {
	var calendars, deadlines, disruptions, precedence error
	w.times, calendars = newTimetable(w)
	w.due, deadlines = w.readDeadlines()
	w.budgets, disruptions = w.readDisruptions()
	w.first, precedence = w.readPrecedence()
	return errors.Join(calendars, deadlines, disruptions, precedence)
}

func (w *world) readWorkloads() error {
	var errs []error
	for i := range w.problem.Applications {
		app := &w.problem.Applications[i]
		for k := range app.Workloads {
			w.works = append(w.works, &app.Workloads[k])
		}
	}
	slices.SortStableFunc(w.works, func(a, b *placement.Workload) int { return cmp.Compare(a.ID, b.ID) })
	for i, work := range w.works {
		if _, ok := w.workIndex[work.ID]; ok {
			errs = append(errs, fmt.Errorf("%w: two workloads have the ID %q", ErrInvalid, work.ID))
		}
		w.workIndex[work.ID] = int32(i)
		m := &work.Migration
		for _, f := range []struct {
			name   string
			amount int64
		}{
			{"memory", m.Memory}, {"dirtyRate", m.DirtyRate}, {"hotSet", m.HotSet}, {"hotPeriod", int64(m.HotPeriod)},
			{"disk", m.Disk}, {"diskWrite", m.DiskWrite}, {"downtime", int64(m.Downtime)},
		} {
			if f.amount < 0 {
				errs = append(errs, fmt.Errorf("%w: workload %q: migration.%s: %d is negative", ErrInvalid, work.ID, f.name, f.amount))
			}
		}
	}
	return errors.Join(errs...)
}

// readDemand lays the demands out flat and makes sure that no sum of them can overflow.
func (w *world) readDemand() error {
	var errs []error
	sums := make(topology.Resources)
	for _, work := range w.works {
		for _, dim := range slices.Sorted(maps.Keys(work.Demand)) {
			switch amount := work.Demand[dim]; {
			case amount < 0:
				errs = append(errs, fmt.Errorf("%w: workload %q: demand.%s: %d is negative", ErrInvalid, work.ID, dim, amount))
			case amount > math.MaxInt64/4-sums[dim]:
				return errors.Join(append(errs, fmt.Errorf("%w: workload %q: demand.%s: the sum of all demands overflows", ErrInvalid, work.ID, dim))...)
			default:
				sums[dim] += amount
			}
		}
	}
	w.dims = slices.Sorted(maps.Keys(sums))
	w.demand = make([]int64, len(w.works)*len(w.dims))
	for i, work := range w.works {
		for d, dim := range w.dims {
			w.demand[i*len(w.dims)+d] = work.Demand[dim]
		}
	}
	return errors.Join(errs...)
}

// read turns an assignment into site indices; every unknown name is added to err.
func (w *world) read(name string, a placement.Assignment, err *error) []int32 {
	at := make([]int32, len(w.works))
	for i := range at {
		at[i] = nowhere
	}
	for _, id := range slices.Sorted(maps.Keys(a)) {
		i, known := w.workIndex[id]
		s, exists := w.siteIndex[a[id]]
		switch {
		case !known:
			*err = errors.Join(*err, fmt.Errorf("%w: %s: there is no workload %q", ErrInvalid, name, id))
		case !exists:
			*err = errors.Join(*err, fmt.Errorf("%w: %s: %s: there is no site %q", ErrInvalid, name, id, a[id]))
		default:
			at[i] = s
		}
	}
	return at
}

// readReady lays out from when on sites can be entered.
func (w *world) readReady() error {
	var errs []error
	w.ready = make([]topology.Micros, len(w.sites))
	for _, id := range sortedKeys(w.opts.Ready) {
		if site, ok := w.siteIndex[id]; ok {
			w.ready[site] = w.opts.Ready[id]
		} else {
			errs = append(errs, fmt.Errorf("%w: options: ready: there is no site %q", ErrInvalid, id))
		}
	}
	return errors.Join(errs...)
}

// moves says whether a workload has to be moved: it is, or is just going, elsewhere than where it is to end.
func (w *world) moves(work int32) bool {
	at := w.origin(work)
	return at != nowhere && w.to[work] != nowhere && at != w.to[work]
}

// demandOf returns what a workload takes of each of w.dims.
func (w *world) demandOf(work int32) []int64 {
	n := len(w.dims)
	return w.demand[int(work)*n : int(work)*n+n]
}

// transitOf returns what the data of a workload may cross.
func (w *world) transitOf(ctx context.Context, work int32) (latency.Transit, error) {
	class := w.works[work].Data
	if w.problem.Transit == nil {
		return latency.Transit{}, nil
	}
	if t, ok := w.transits[class]; ok {
		return t, nil
	}
	t, err := w.problem.Transit.Transit(ctx, w.scope, class)
	if err == nil {
		w.transits[class] = t
	}
	return t, err
}

// leftOut returns the workloads that only one of the two assignments places.
func (w *world) leftOut() (initial, removed []placement.WorkloadID) {
	for i, work := range w.works {
		switch {
		case w.from[i] == nowhere && w.to[i] != nowhere:
			initial = append(initial, work.ID)
		case w.from[i] != nowhere && w.to[i] == nowhere:
			removed = append(removed, work.ID)
		}
	}
	return initial, removed
}
