package placement

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// classedPolicy is a hashPolicy that knows its classes.
type classedPolicy struct{ hashPolicy }

func (classedPolicy) Classes(_ context.Context, _ Scope, workloads []*Workload, sites []*topology.Site) (ofWorkloads, ofSites []int32, err error) {
	return numbers(workloads, func(w *Workload) string { return string(w.Data) + " " + w.Component }),
		numbers(sites, func(s *topology.Site) string { return string(s.Provider) + " " + string(s.Country) }), nil
}

func numbers[T any](list []T, key func(T) string) (of []int32) {
	known := make(map[string]int32)
	for _, x := range list {
		if _, ok := known[key(x)]; !ok {
			known[key(x)] = int32(len(known))
		}
		of = append(of, known[key(x)])
	}
	return of
}

// change returns a problem that differs a little: in some sites, or in some applications.
func (w *checkWorld) change(t *testing.T, r *rand.Rand, p *Problem, step int) *Problem {
	q := *p
	if step%4 == 3 {
		q.Applications = slices.Clone(p.Applications)
		at := r.IntN(len(q.Applications))
		if made := randomApplication(r, fmt.Sprintf("app%d", 10+step)); r.IntN(2) == 0 || len(q.Applications) == 1 {
			q.Applications[at] = made
		} else {
			q.Applications[at].Constraints = nil
		}
		return &q
	}
	var changes topology.Changes
	for s := range p.Continuum.Sites() {
		if r.IntN(4) > 0 {
			continue
		}
		changed := *s
		changed.Prices = maps.Clone(s.Prices)
		switch r.IntN(4) {
		case 0:
			changed.State = topology.State(r.IntN(3))
		case 1:
			for dim := range changed.Prices {
				changed.Prices[dim] = topology.MicroEUR(r.IntN(50_000))
			}
		case 2:
			changed.Capacity = maps.Clone(s.Capacity)
			changed.Capacity[topology.CPU] /= 2
		case 3:
			changed.State = topology.Up
		}
		changes.Put.Sites = append(changes.Put.Sites, changed)
	}
	var err error
	q.Continuum, err = p.Continuum.Update(changes)
	require.NoError(t, err)
	return &q
}

// TestSolverIsSound follows random changes of random worlds: every answer is sound, what is compiled from what is known is
// what is compiled from nothing, and the same problems in the same order give the same answers.
func TestSolverIsSound(t *testing.T) {
	taken := 0
	for seed := range uint64(40) {
		w := newWorld(t, seed, 4+int(seed%9), 2+int(seed%4))
		w.p.Rules, w.p.Admission = nil, classedPolicy{}
		if seed%2 == 0 {
			w.p.Objective = nil
		}
		var solver, twin Solver
		r, p := rand.New(rand.NewPCG(seed, 5)), w.p
		for step := range 6 {
			options := &Options{Seed: seed, MaxSteps: 4000}
			answer, err := solver.Solve(t.Context(), p, options)
			require.NoError(t, err, "seed %d, step %d", seed, step)
			requireSound(t, p, answer)
			again, err := twin.Solve(t.Context(), p, options)
			require.NoError(t, err)
			require.Equal(t, asJSON(t, answer), asJSON(t, again), "seed %d, step %d", seed, step)
			requireSameCompiled(t, p, solver.last)
			// Small problems are otherwise bounded anew each time.
			solver.last.packed, twin.last.packed = seed%4 == 1, seed%4 == 1
			next := w.change(t, r, p, step)
			if step%2 == 0 {
				next.Current = answer.Assignment
			}
			c, err := recompile(t.Context(), next, solver.last)
			require.NoError(t, err)
			if c.last != nil {
				taken++
			}
			p = next
		}
	}
	assert.Greater(t, taken, 100, "hardly anything was taken over")
}

func asJSON(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// requireSameCompiled compares what a solver has compiled with what compile makes of the problem.
func requireSameCompiled(t *testing.T, p *Problem, c *compiled) {
	fresh, err := compile(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, fresh.classOf, c.classOf)
	require.Equal(t, fresh.out.Capacity, c.out.Capacity)
	require.Equal(t, fresh.out.Sending, c.out.Sending)
	for k := range fresh.out.Classes {
		a, b := &fresh.out.Classes[k], &c.out.Classes[k]
		require.Equal(t, fresh.classes[k].admits, c.classes[k].admits)
		require.True(t, slices.Equal(a.Sites, b.Sites), "class %d: %v, %v", k, a.Sites, b.Sites)
		require.True(t, slices.Equal(a.Order(), b.Order()), "class %d", k)
		for j := range a.Cost {
			require.Equal(t, a.Cost[j], b.Cost[j], "class %d", k)
		}
		require.Equal(t, a.Demand, b.Demand)
		require.Equal(t, a.Out, b.Out)
	}
}

// TestSolverStands: where nothing changed nothing moves, whatever the budget; an error leaves what is known.
func TestSolverStands(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(t, seed, 12, 4)
		w.p.Rules, w.p.Admission, w.p.Current = nil, classedPolicy{}, nil
		for _, s := range slices.Collect(w.p.Continuum.Sites()) { // what runs on a cordoned site may stay, which is a change
			if s.State == topology.Cordoned {
				up := *s
				up.State = topology.Up
				var err error
				w.p.Continuum, err = w.p.Continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{up}}})
				require.NoError(t, err)
			}
		}
		var solver Solver
		first, err := solver.Solve(t.Context(), w.p, &Options{MaxSteps: 200})
		require.NoError(t, err)
		for step := range 3 {
			p := *w.p
			if step > 0 {
				p.Current = first.Assignment
			}
			again, err := solver.Solve(t.Context(), &p, &Options{MaxSteps: 1_000_000})
			require.NoError(t, err)
			requireSound(t, &p, again)
			require.Zero(t, again.Steps, "seed %d, step %d", seed, step)
			require.Equal(t, first.Assignment, again.Assignment)
			_, err = solver.Solve(t.Context(), nil, nil)
			require.ErrorIs(t, err, ErrInvalid)
		}
	}
}

// What cannot be compared is not the same, also where only what a value holds tells.
func TestSameComparesWhatCanBeCompared(t *testing.T) {
	type holder struct{ v any }
	require.True(t, same(holder{1}, holder{1}))
	require.False(t, same(holder{1}, holder{2}))
	require.False(t, same(holder{[]int{1}}, holder{[]int{1}}))
	require.False(t, same(holder{1}, 1))
	require.True(t, same(nil, nil))
	require.False(t, same(nil, holder{}))
}
