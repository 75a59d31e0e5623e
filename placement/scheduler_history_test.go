package placement

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// historyWorld is a few sites that many workloads want. capacity can be changed by an update.
func historyWorld(t testing.TB, cores int64) *Problem {
	spec := topology.Spec{Providers: []topology.Provider{{ID: "p", Country: "DE"}}}
	for k := range 3 {
		spec.Sites = append(spec.Sites, topology.Site{
			ID: topology.SiteID(fmt.Sprintf("s%d", k)), Provider: "p", Country: "DE", Tier: topology.Edge,
			Runtimes: []topology.Runtime{topology.VM}, Capacity: topology.Resources{topology.CPU: cores * 1000},
			Prices: map[topology.Dimension]topology.MicroEUR{topology.CPU: topology.MicroEUR(1000 * (k + 1))},
		})
	}
	p := &Problem{Continuum: mustContinuum(t, spec)}
	for a := range 4 {
		name := fmt.Sprintf("app%d", a)
		app := Application{Name: name, Constraints: []Constraint{Conflict{Components: []string{"x"}, Over: "site", AtMost: 2}}}
		for k := range 3 {
			app.Workloads = append(app.Workloads, Workload{ID: WorkloadID(fmt.Sprintf("%s/x-%d", name, k+1)), Application: name, Component: "x",
				Kind: VM, Priority: 1, Demand: topology.Resources{topology.CPU: int64(1000 * (1 + a%3))}})
		}
		p.Applications = append(p.Applications, app)
	}
	return p
}

// event is one change of a history, with what came of it and when it began and ended, counted in events.
type event struct {
	op         string // reserve, release, update
	places     Assignment
	ids        []WorkloadID
	cores      int64
	ok         bool
	begin, end int
}

// model is what a scheduler of a historyWorld is, told as simply as can be.
type model struct {
	at    Assignment
	cores int64
}

// step makes a change and says whether it may come out as it did.
func (m *model) step(e *event) (*model, bool) {
	next := &model{maps.Clone(m.at), m.cores}
	switch e.op {
	case "update":
		next.cores = e.cores
		return next, true
	case "release":
		for _, id := range e.ids {
			if _, ok := next.at[id]; !ok {
				return m, !e.ok
			}
			delete(next.at, id)
		}
		return next, e.ok
	}
	for id, site := range e.places {
		if _, ok := next.at[id]; ok {
			return m, !e.ok
		}
		next.at[id] = site
	}
	use, group := map[topology.SiteID]int64{}, map[string]int{}
	for id, site := range next.at {
		use[site] += 1 + int64(id[3]-'0')%3
		group[string(id[:4])+string(site)]++
	}
	for id, site := range e.places {
		if use[site] > next.cores || group[string(id[:4])+string(site)] > 2 {
			return m, !e.ok
		}
	}
	return next, e.ok
}

// linearize looks for an order of the events that keeps to when they began and ended, and in which each comes out as it
// did (Wing and Gong, Testing and verifying concurrent objects, 1993). It returns the last state.
func linearize(m *model, open []*event, end Assignment) bool {
	if len(open) == 0 {
		return maps.Equal(m.at, end)
	}
	first := slices.MinFunc(open, func(a, b *event) int { return a.end - b.end }).end
	for k, e := range open {
		if e.begin > first {
			continue // something else had ended before it began
		}
		if next, ok := m.step(e); ok && linearize(next, slices.Delete(slices.Clone(open), k, k+1), end) {
			return true
		}
	}
	return false
}

// recorder gives events their times.
type recorder struct {
	mu     sync.Mutex
	clock  int
	events []*event
}

func (r *recorder) run(e *event, do func() bool) {
	r.mu.Lock()
	r.clock++
	e.begin = r.clock
	r.mu.Unlock()
	e.ok = do()
	r.mu.Lock()
	r.clock++
	e.end = r.clock
	r.events = append(r.events, e)
	r.mu.Unlock()
}

// TestConcurrentHistoriesAreLinearizable: whatever several goroutines reserve, release and update at once comes out as if
// they had done it one after the other; a granted reservation is seen by whoever looks afterwards; nobody ever sees a
// snapshot in which a site or a group holds too much.
func TestConcurrentHistoriesAreLinearizable(t *testing.T) {
	histories := uint64(60)
	if testing.Short() {
		histories = 15
	}
	granted, refused := 0, 0
	for seed := range histories {
		rec := playHistory(t, seed)
		for _, e := range rec.events {
			if e.op == "reserve" && e.ok {
				granted++
			} else if e.op == "reserve" {
				refused++
			}
		}
	}
	assert.Greater(t, granted, int(histories))
	assert.Greater(t, refused, int(histories))
}

func playHistory(t *testing.T, seed uint64) *recorder {
	ctx := context.Background()
	s, err := NewScheduler(ctx, Answer{Problem: historyWorld(t, 4)}, &SchedulerOptions{Prices: &Certificate{}})
	require.NoError(t, err)
	ids := slices.Sorted(maps.Keys(func() map[WorkloadID]bool {
		out := map[WorkloadID]bool{}
		for _, app := range s.Answer().Problem.Applications {
			for _, w := range app.Workloads {
				out[w.ID] = true
			}
		}
		return out
	}()))
	rec := &recorder{}
	var wait sync.WaitGroup
	for g := range uint64(4) {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, g))
			for range 5 {
				act(t, s, rec, r, ids)
			}
		})
	}
	wait.Wait()
	end := s.Answer().Assignment
	events := slices.Clone(rec.events)
	slices.SortFunc(events, func(a, b *event) int { return a.begin - b.begin })
	require.True(t, linearize(&model{Assignment{}, 4}, events, end), "seed %d: no order explains the history", seed)
	return rec
}

// act makes one random change and looks at what others may see.
func act(t *testing.T, s *Scheduler, rec *recorder, r *rand.Rand, ids []WorkloadID) {
	ctx := context.Background()
	switch n := r.IntN(10); {
	case n == 0:
		e := &event{op: "update", cores: int64(3 + r.IntN(3))}
		rec.run(e, func() bool {
			lost, err := s.Update(ctx, historyWorld(t, e.cores), nil)
			return assert.NoError(t, err) && assert.Empty(t, lost)
		})
	case n < 4:
		e := &event{op: "release", ids: []WorkloadID{ids[r.IntN(len(ids))]}}
		rec.run(e, func() bool { return s.Release(e.ids...) == nil })
	default:
		e := &event{op: "reserve", places: Assignment{}}
		for range 1 + r.IntN(2) {
			id := ids[r.IntN(len(ids))]
			site := topology.SiteID(fmt.Sprintf("s%d", r.IntN(3)))
			if best, err := s.Candidates(ctx, id, 2); assert.NoError(t, err) && len(best) > 0 && r.IntN(3) > 0 {
				site = best[len(best)-1].Site
			}
			e.places[id] = site
		}
		rec.run(e, func() bool {
			err := s.Reserve(ctx, e.places)
			if err != nil {
				var refusal *Refusal
				assert.True(t, errors.As(err, &refusal), "%v", err)
			}
			return err == nil
		})
	}
}

// TestReservationsNeverMeet: of many who want the same place, as many get it as there is room, and each of them sees it
// at once.
func TestReservationsNeverMeet(t *testing.T) {
	ctx := context.Background()
	p := historyWorld(t, 4)
	s, err := NewScheduler(ctx, Answer{Problem: p}, &SchedulerOptions{Prices: &Certificate{}})
	require.NoError(t, err)
	var wait sync.WaitGroup
	var mu sync.Mutex
	got := Assignment{}
	for range 4 {
		wait.Go(func() {
			for _, app := range p.Applications {
				for _, w := range app.Workloads {
					if s.Reserve(ctx, Assignment{w.ID: "s0"}) != nil {
						continue
					}
					mu.Lock()
					_, twice := got[w.ID]
					got[w.ID] = "s0"
					mu.Unlock()
					seen := s.Answer()
					assert.False(t, twice, "%s was granted twice", w.ID)
					assert.Contains(t, seen.Assignment, w.ID)
					broken, err := Check(ctx, seen.Problem, seen.Assignment)
					assert.NoError(t, err)
					assert.Empty(t, broken)
				}
			}
		})
	}
	wait.Wait()
	assert.Equal(t, got, s.Answer().Assignment)
	assert.NotEmpty(t, got)
}
