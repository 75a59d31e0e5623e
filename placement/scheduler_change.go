package placement

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/domicile-eu/domicile/topology"
)

// schedDraft is a snapshot in the making.
type schedDraft struct {
	schedSnapshot
	fresh map[int32][]int32 // by slot: the workloads that were placed
	was   map[int32]*schedApp
}

func (s *schedSnapshot) draft() *schedDraft {
	d := &schedDraft{schedSnapshot: *s, fresh: make(map[int32][]int32), was: make(map[int32]*schedApp)}
	d.shares = slices.Clone(s.shares)
	return d
}

// app returns an application whose places may be changed.
func (d *schedDraft) app(slot int32) *schedApp {
	app := d.apps.at(slot)[0]
	if d.was[slot] == nil {
		d.was[slot] = app
		app = &schedApp{schedPlan: app.schedPlan, site: slices.Clone(app.site)}
		var place []*schedApp
		d.apps, place = d.apps.edit(slot)
		place[0] = app
	}
	return app
}

// put places a workload, or takes it out where at is -1.
func (d *schedDraft) put(slot, i, at int32) {
	app := d.app(slot)
	var free []int64
	if was := app.site[i]; was >= 0 {
		d.free, free = d.free.edit(was)
		d.world.take(free, app, i, was, -1)
	}
	if at >= 0 {
		d.free, free = d.free.edit(at)
		d.world.take(free, app, i, at, 1)
		d.fresh[slot] = append(d.fresh[slot], i)
	}
	d.account(app, i, app.site[i], at)
	app.site[i] = at
}

// publish makes a draft what everybody sees. The caller is the one writer.
func (s *Scheduler) publish(d *schedDraft) {
	next := d.schedSnapshot
	s.now.Store(&next)
}

// Reserve places workloads, all of them or none: each where the assignment has it. They are judged together, so that the
// members of a [Gang], or a workload and the partner that it has to be with, can be placed. It is refused with a
// [*Refusal], which wraps [ErrRefused], where a workload has a place already, where a site lacks room, and where
// any constraint would be broken, or broken worse than it is. Unknown names are errors that wrap [ErrInvalid], and errors
// of policies come back; nothing is reserved then either.
//
// O(workloads of the applications concerned) beside the shapes; each reservation copies a kilobyte or two.
func (s *Scheduler) Reserve(ctx context.Context, places Assignment) error {
	ids := slices.Sorted(maps.Keys(places))
	// Policies are asked before anybody has to wait.
	early := s.now.Load()
	for _, id := range ids {
		if app, _, i, err := early.find(id); err == nil {
			if _, err := early.shape(ctx, app, i); err != nil {
				return err
			}
		}
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	d := s.now.Load().draft()
	err := d.reserveAll(ctx, ids, places)
	if err == nil {
		s.publish(d)
	}
	s.log(d.world, places, err)
	return err
}

// reserveAll places workloads and judges them together.
func (d *schedDraft) reserveAll(ctx context.Context, ids []WorkloadID, places Assignment) error {
	for _, id := range ids {
		if err := d.reserve(ctx, id, places[id]); err != nil {
			return err
		}
	}
	for _, slot := range slices.Sorted(maps.Keys(d.fresh)) {
		if err := d.judge(slot); err != nil {
			return err
		}
	}
	return nil
}

// reserve places one workload if it and the room allow.
func (d *schedDraft) reserve(ctx context.Context, id WorkloadID, site topology.SiteID) error {
	app, slot, i, err := d.find(id)
	if err != nil {
		return err
	}
	at, ok := d.world.siteAt[site]
	if !ok {
		return fmt.Errorf("%w: there is no site %q", ErrInvalid, site)
	}
	if has := app.site[i]; has >= 0 {
		return &Refusal{Workload: id, Site: site, Message: fmt.Sprintf("it is on %s already", d.world.sites[has].ID)}
	}
	shape, err := d.shape(ctx, app, i)
	if err != nil {
		return err
	}
	if !shape.has.has(at) {
		return d.refusal(id, at, d.world.shapes.refusedBy(shape, at))
	}
	q := schedQuery{w: d.world, snap: &d.schedSnapshot, shape: shape, now: -1, home: app.current[i]}
	if !q.hasRoom(at) {
		return d.refusal(id, at, ByCapacity)
	}
	if !q.affords(at) {
		return d.refusal(id, at, ByBudget)
	}
	d.put(slot, i, at)
	return nil
}

func (d *schedDraft) refusal(id WorkloadID, at int32, kind ConstraintKind) error {
	return &Refusal{Workload: id, Site: d.world.sites[at].ID, Kind: kind, Message: string(kind)}
}

// judge looks at the flows, the paths and the constraints over several workloads of an application.
func (d *schedDraft) judge(slot int32) error {
	app, fresh := d.app(slot), d.fresh[slot]
	for _, i := range fresh {
		for k := range app.loads[i].arcs {
			a := &app.loads[i].arcs[k]
			other := app.site[a.other]
			if other < 0 || other == app.site[i] {
				continue
			}
			from, to := app.site[i], other
			if !a.out {
				from, to = to, from
			}
			row := d.world.graph.Row(d.world.sites[from].ID.Node(), a.transit)
			if !a.within(row, d.world.sites[to].ID.Node()) {
				kind := ByLatency
				if _, ok := row.Leg(d.world.sites[to].ID.Node()); !ok && a.transit.Restricted() {
					kind = ByTransit
				}
				return d.refusal(app.app.Workloads[i].ID, app.site[i], kind)
			}
		}
	}
	for _, i := range fresh {
		if app.late(d.world, i) {
			return d.refusal(app.app.Workloads[i].ID, app.site[i], ByPath)
		}
	}
	if kind := app.worsens(d.was[slot], fresh); kind != "" {
		return d.refusal(app.app.Workloads[fresh[0]].ID, app.site[fresh[0]], kind)
	}
	return nil
}

// Release gives the places of workloads back, of all or, where one has none, of none. It is a statement that they are
// gone, and never refused for what it leaves behind: a partner of an affinity that is alone now, or half of a gang.
// [Check] of [Scheduler.Answer] names those.
func (s *Scheduler) Release(ids ...WorkloadID) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	d := s.now.Load().draft()
	for _, id := range ids {
		app, slot, i, err := d.find(id)
		if err != nil {
			return err
		}
		if app.site[i] < 0 {
			return fmt.Errorf("%w: %s has no place, or is named twice", ErrInvalid, id)
		}
		d.put(slot, i, -1)
	}
	s.publish(d)
	return nil
}

// Add makes an application known, or replaces the one of that name: workloads of both stay where they are, those that
// are gone give their places back, new ones have none yet. A defect is an error that wraps [ErrInvalid]. The application
// must not be changed afterwards. O(its workloads).
func (s *Scheduler) Add(ctx context.Context, app Application) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	d := s.now.Load().draft()
	if err := d.add(ctx, &app, nil); err != nil {
		return err
	}
	s.publish(d)
	return nil
}

// add makes an application known, or replaces the one of that name; its workloads are where places says, where that is nil
// where they were.
func (d *schedDraft) add(ctx context.Context, app *Application, places map[WorkloadID]int32) error {
	alone := d.world.problem
	alone.Applications = []Application{*app}
	if err := validate(&alone); err != nil {
		return err
	}
	old, known := d.names.get(app.Name)
	for i := range app.Workloads {
		if v, ok := d.ids.get(string(app.Workloads[i].ID)); ok && (!known || v>>32 != old) {
			return fmt.Errorf("%w: workload %s: another application has it", ErrInvalid, app.Workloads[i].ID)
		}
	}
	var before *Application
	if known {
		before = d.apps.at(int32(old))[0].app
	}
	var err error
	if d.total, err = d.total.with([]Application{*app}, before); err != nil {
		return err
	}
	plan, err := d.world.plan(ctx, app)
	if err != nil {
		return err
	}
	if known {
		if were := d.drop(int32(old)); places == nil {
			places = were
		}
	}
	d.enter(newSchedApp(plan), places)
	return nil
}

// Remove forgets an application and gives its places back.
func (s *Scheduler) Remove(application string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	d := s.now.Load().draft()
	slot, ok := d.names.get(application)
	if !ok {
		return fmt.Errorf("%w: there is no application %q", ErrInvalid, application)
	}
	var err error
	if d.total, err = d.total.with(nil, d.apps.at(int32(slot))[0].app); err != nil {
		return err
	}
	d.drop(int32(slot))
	s.publish(d)
	return nil
}

// drop takes an application out and returns where its workloads were.
func (d *schedDraft) drop(slot int32) map[WorkloadID]int32 {
	places := make(map[WorkloadID]int32)
	app := d.app(slot)
	for i, at := range app.site {
		id := app.app.Workloads[i].ID
		if at >= 0 {
			places[id] = at
			d.put(slot, int32(i), -1)
		}
		d.hold(app, int32(i), -1)
		d.ids = d.ids.without(string(id))
	}
	d.names = d.names.without(app.app.Name)
	d.apps.at(slot)[0] = nil // the draft's own, since app
	d.spare = &schedSlot{slot, d.spare}
	return places
}

// enter takes an application in with its workloads where they were.
func (d *schedDraft) enter(app *schedApp, places map[WorkloadID]int32) {
	slot := d.slots
	if d.spare != nil {
		slot, d.spare = d.spare.slot, d.spare.next
	} else {
		d.slots++
	}
	if int(slot) == d.apps.size() {
		d.apps = d.apps.grown()
	}
	var place []*schedApp
	d.apps, place = d.apps.edit(slot)
	place[0] = app
	d.was[slot] = app // new, so that it may be written to
	d.names = d.names.with(app.app.Name, int64(slot))
	for i := range app.site {
		id := app.app.Workloads[i].ID
		d.ids = d.ids.with(string(id), int64(slot)<<32|int64(i))
		d.hold(app, int32(i), 1)
		if at, ok := places[id]; ok {
			d.put(slot, int32(i), at)
		}
	}
}

// hold takes the room that a workload holds where it runs as long as it might leave, or gives it back.
func (d *schedDraft) hold(app *schedApp, i int32, times int64) {
	at := app.current[i]
	if at < 0 || d.world.transient == nil {
		return
	}
	var free []int64
	d.free, free = d.free.edit(at)
	d.world.takeHeld(free, &app.loads[i], times)
}

// Update takes over a new picture: continuum, latencies, policies, objective, and what p.Current says about where
// workloads run. Applications of p are added or replace those of their name; others stay. Every workload keeps its
// place; the ones whose site is gone have none any more and are returned. One that was not known before starts where
// p.Current has it. What the new picture makes wrong stays, as a fact, until it is released.
//
// Where policies alone change, [Scheduler.UpdatePolicies] says what they make wrong.
//
// prices are new shadow prices; nil keeps the old ones. Readers go on with the old picture meanwhile; other changes wait.
// O(sites + workloads), and every shape is compiled anew when it is next asked for. On an error nothing changes.
func (s *Scheduler) Update(ctx context.Context, p *Problem, prices *Certificate) (lost []WorkloadID, err error) {
	if err := validate(p); err != nil {
		return nil, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	before := s.now.Load()
	if prices == nil {
		prices = before.world.cert
	}
	old := before.answer()
	merged := *p
	merged.Applications = mergeApplications(old.Problem.Applications, p.Applications)
	if err := validate(&merged); err != nil {
		return nil, err
	}
	next, lost, err := s.renewed(ctx, &merged, prices, func(id WorkloadID) (topology.SiteID, bool) {
		if _, ok := before.ids.get(string(id)); ok {
			at, placed := old.Assignment[id]
			return at, placed
		}
		at, placed := p.Current[id]
		return at, placed
	})
	if err != nil {
		return nil, err
	}
	s.now.Store(next)
	return lost, nil
}

// renewed makes a snapshot of another problem, everything being where it is said to be.
func (s *Scheduler) renewed(
	ctx context.Context, p *Problem, prices *Certificate, where func(WorkloadID) (topology.SiteID, bool),
) (*schedSnapshot, []WorkloadID, error) {
	w, err := newSchedWorld(ctx, p, prices, s.most)
	if err != nil {
		return nil, nil, err
	}
	return newSchedSnapshot(ctx, w, p.Applications, where)
}

// mergeApplications returns the old applications with the new ones in the place of those of their name, then the rest.
func mergeApplications(old, fresh []Application) []Application {
	at := make(map[string]int, len(old))
	out := slices.Clone(old)
	for k := range out {
		at[out[k].Name] = k
	}
	for _, app := range fresh {
		if k, ok := at[app.Name]; ok {
			out[k] = app
		} else {
			out = append(out, app)
		}
	}
	return out
}
