package placement

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/domicile-eu/domicile/topology"
)

// Scheduler places workloads one by one as they come and go. It holds a picture of a problem and of where everything is,
// ranks the sites for a workload by what running there costs plus the shadow price of what it takes there, and grants
// reservations.
//
// It is safe for concurrent use. Readers never wait: each works on an immutable snapshot, of which there is a new one
// after every change. Changes are made one after the other, so that nothing is granted twice: of two that want the last
// room, or the same workload, one is refused. What is not granted leaves no trace.
//
// A reservation never breaks a constraint, and where one is broken already (a site shrank, a partner left), it never
// breaks it worse. Limits of moves and of shares are kept; of shares the limit goes with what all workloads known at the
// time demand. A [CostBudget] is not, and a problem with one is refused: what a placement adds to it hangs on the exact way
// of each of its flows, in both directions, and nothing here could tell what it comes to after an [Scheduler.Update]
// without pricing every flow again, for all of them. A scheduler has no clock and no randomness: the same calls in the
// same order give the same answers.
type Scheduler struct {
	most    int
	decided func(Decision)
	writing sync.Mutex
	now     atomic.Pointer[schedSnapshot]
}

// SchedulerOptions of [NewScheduler]; nil means the defaults.
type SchedulerOptions struct {
	// Prices are what capacity is worth, as in a [Result]'s certificate of the first tier in which sites differ or from
	// [ShadowPrices]; without capacities: nothing. Nil: ShadowPrices of the problem, which costs what a bound costs.
	Prices *Certificate
	// Shapes is how many shapes of workloads are kept ready; zero: 512. A shape is workloads that differ in nothing but
	// their ID; it takes some 50 bytes for each site that may take it. Those not asked for lately make room.
	Shapes int
	// Decided, where not nil, is told of every reservation that was granted or refused, one after the other in the order in
	// which they count. It is called while other changes wait: it must be quick, and must not change the scheduler.
	Decided func(Decision)
}

// Candidate is a site that may take a workload as things stand.
type Candidate struct {
	Site topology.SiteID `json:"site"`
	// Cost is what the workload adds to the first tier of the objective in which sites differ, and Shadow the shadow price
	// of what it takes, in the same unit. The sum of the two decides.
	Cost   int64 `json:"cost"`
	Shadow int64 `json:"shadow"`
}

// ErrRefused is wrapped by the errors of reservations that were not granted; they are of type [*Refusal].
var ErrRefused = errors.New("refused")

// Refusal says what stands against a reservation.
type Refusal struct {
	Workload WorkloadID
	Site     topology.SiteID
	Kind     ConstraintKind // empty: the workload has a place already
	Message  string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%s on %s: %s: %s", r.Workload, r.Site, ErrRefused, r.Message)
}

func (r *Refusal) Unwrap() error { return ErrRefused }

// Decision is a line for a log of decisions: what was asked, what came of it, and which policies said so.
type Decision struct {
	Places Assignment `json:"places"` // as asked for: the caller's own map
	// Refused is nil where the places were granted.
	Refused *Refusal `json:"refused,omitempty"`
	// Policies and Revision are Admission's Digest() and Revision(); empty where it has none.
	Policies string `json:"policiesDigest,omitempty"`
	Revision string `json:"policiesRevision,omitempty"`
}

// schedSnapshot is the state at one time. It never changes.
type schedSnapshot struct {
	world *schedWorld
	// free is what sites have left, by dimension; where moves take room at both ends, then the same again with what still
	// has to leave counted as well.
	free  schedVector[int64]
	apps  schedVector[*schedApp] // by slot, nil where one was removed
	slots int32                  // in use so far
	spare *schedSlot             // slots below that nobody uses any more
	total *schedTotal            // what all workloads known ask for
	moved schedMoved
	// shares is what is used of share budgets, by part.
	shares []schedVector[int64]
	names  schedTable // application name -> slot
	ids    schedTable // workload ID -> slot<<32 | index
}

// schedSlot is one of a list of slots, the last that was given back first.
type schedSlot struct {
	slot int32
	next *schedSlot
}

// NewScheduler prepares a scheduler for an answer: its problem, with everything where the assignment has it. What the
// assignment breaks is no error, and what it names that does not exist is ignored. O(sites + workloads), and the shadow
// prices where they are not given; policies are asked when a shape of workload is first asked for.
func NewScheduler(ctx context.Context, ans Answer, opts *SchedulerOptions) (*Scheduler, error) {
	var o SchedulerOptions
	if opts != nil {
		o = *opts
	}
	if o.Shapes <= 0 {
		o.Shapes = 512
	}
	if err := validate(ans.Problem); err != nil {
		return nil, err
	}
	if o.Prices == nil {
		var err error
		if o.Prices, err = ShadowPrices(ctx, ans.Problem); err != nil {
			return nil, err
		}
	}
	w, err := newSchedWorld(ctx, ans.Problem, o.Prices, o.Shapes)
	if err != nil {
		return nil, err
	}
	snap, _, err := newSchedSnapshot(ctx, w, ans.Problem.Applications, func(id WorkloadID) (topology.SiteID, bool) {
		at, ok := ans.Assignment[id]
		return at, ok
	})
	if err != nil {
		return nil, err
	}
	s := &Scheduler{most: o.Shapes, decided: o.Decided}
	s.now.Store(snap)
	return s, nil
}

// newSchedSnapshot places workloads where they are said to be. It returns those whose site does not exist.
func newSchedSnapshot(ctx context.Context, w *schedWorld, apps []Application, where func(WorkloadID) (topology.SiteID, bool)) (*schedSnapshot, []WorkloadID, error) {
	loads := 0
	for k := range apps {
		loads += len(apps[k].Workloads)
	}
	s := &schedSnapshot{
		world: w, free: w.allFree(), apps: newSchedVector[*schedApp](max(1, len(apps)), 1), slots: int32(len(apps)),
		names: newSchedTable(len(apps)), ids: newSchedTable(loads), shares: w.noShares(),
	}
	var lost []WorkloadID
	var err error
	if s.total, err = new(schedTotal).with(apps, nil); err != nil {
		return nil, nil, err
	}
	for slot := range apps {
		plan, err := w.plan(ctx, &apps[slot])
		if err != nil {
			return nil, nil, err
		}
		app := newSchedApp(plan)
		s.apps.at(int32(slot))[0] = app
		s.names.put(plan.app.Name, int64(slot))
		for i := range plan.loads {
			id := plan.app.Workloads[i].ID
			s.ids.put(string(id), int64(slot)<<32|int64(i))
			if at := plan.current[i]; at >= 0 {
				w.takeHeld(s.free.at(at), &plan.loads[i], 1)
			}
			site, placed := where(id)
			if !placed {
				continue
			}
			at, ok := w.siteAt[site]
			if !ok {
				lost = append(lost, id)
				continue
			}
			s.account(app, int32(i), -1, at)
			app.site[i] = at
			w.take(s.free.at(at), app, int32(i), at, 1)
		}
	}
	slices.Sort(lost)
	return s, lost, nil
}

// allFree is what sites have where nothing is placed.
func (w *schedWorld) allFree() schedVector[int64] {
	n := len(w.dims)
	stride := n
	if w.transient != nil {
		stride = 2 * n
	}
	v := newSchedVector[int64](max(1, len(w.sites)), stride)
	for at := range w.sites {
		free := v.at(int32(at))
		for k := 0; k < stride; k += max(1, n) {
			copy(free[k:], w.capacity[at*n:at*n+n])
		}
	}
	return v
}

// take takes room for a workload at a site, or gives it back where times is -1.
func (w *schedWorld) take(free []int64, app *schedApp, i, at int32, times int64) {
	for d, x := range app.loads[i].demand {
		free[d] -= times * x
	}
	if app.current[i] != at {
		w.takeHeld(free, &app.loads[i], times)
	}
}

// takeHeld is take for the room that moves need at both ends.
func (w *schedWorld) takeHeld(free []int64, l *schedLoadPlan, times int64) {
	if w.transient == nil {
		return
	}
	for d, x := range l.demand {
		free[len(l.demand)+d] -= times * x
	}
}

// find returns the application, slot and index of a workload.
func (s *schedSnapshot) find(id WorkloadID) (app *schedApp, slot, i int32, err error) {
	v, ok := s.ids.get(string(id))
	if !ok {
		return nil, 0, 0, fmt.Errorf("%w: there is no workload %q", ErrInvalid, id)
	}
	slot, i = int32(v>>32), int32(v&0xffff_ffff)
	return s.apps.at(slot)[0], slot, i, nil
}

// shape returns what is known of a workload by itself.
func (s *schedSnapshot) shape(ctx context.Context, app *schedApp, i int32) (*schedShape, error) {
	l := &app.loads[i]
	return s.world.shapes.find(ctx, s.world, app.app, &app.app.Workloads[i], l.shape, l.stays)
}

// Candidates returns the best k sites that may take a workload as things stand, the best first: by the tiers before the
// one in which sites differ, then Cost + Shadow, then the later tiers, then ID. A workload that is placed is ranked as if
// it were to move. Fewer than k are all there are; [Scheduler.Refused] counts what refuses the others. A [Gang] refuses
// nothing here, because its members come together; see [Scheduler.Reserve].
//
// O(sites) at worst; mostly it looks at little more than k sites. It allocates for the answer and for the workload's own
// constraints and flows, nothing for each site. The first question about a shape costs O(sites log sites) and a question
// to Admission, whose error comes back.
func (s *Scheduler) Candidates(ctx context.Context, id WorkloadID, k int) ([]Candidate, error) {
	snap := s.now.Load()
	app, _, i, err := snap.find(id)
	if err != nil || k < 1 {
		return nil, err
	}
	shape, err := snap.shape(ctx, app, i)
	if err != nil {
		return nil, err
	}
	q, err := snap.world.query(snap, app, i, shape)
	if err != nil {
		return nil, err
	}
	best := q.best(k)
	out := make([]Candidate, len(best))
	for n, b := range best {
		toll := shape.toll[b.pos]
		out[n] = Candidate{snap.world.sites[shape.sites[b.pos]].ID, b.value[snap.world.deciding] - toll, toll}
	}
	return out, nil
}

// Answer returns the problem as it is now, with all applications, and where everything is. O(workloads).
func (s *Scheduler) Answer() Answer { return s.now.Load().answer() }

func (s *schedSnapshot) answer() Answer {
	p := s.world.problem
	p.Current = maps.Clone(p.Current)
	a := make(Assignment)
	for slot := range s.slots {
		app := s.apps.at(slot)[0]
		if app == nil {
			continue
		}
		p.Applications = append(p.Applications, *app.app)
		for i, at := range app.site {
			if at >= 0 {
				a[app.app.Workloads[i].ID] = s.world.sites[at].ID
			}
		}
	}
	return Answer{Problem: &p, Assignment: a}
}

// Explain prepares questions about the state as it is now: why a workload is where it is, how many sites each kind of
// constraint refuses to it, and all that stands against one site.
func (s *Scheduler) Explain(ctx context.Context) (*Explainer, error) { return Explain(ctx, s.Answer()) }

// Recommend returns the best k sites for one workload of an answer, everything else staying where it is; see
// [Scheduler.Candidates]. It makes a [Scheduler], and with it shadow prices, for one question: who has several keeps it.
func Recommend(ctx context.Context, ans Answer, w WorkloadID, k int) ([]Candidate, error) {
	s, err := NewScheduler(ctx, ans, nil)
	if err != nil {
		return nil, err
	}
	return s.Candidates(ctx, w, k)
}
