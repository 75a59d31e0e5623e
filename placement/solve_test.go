package placement

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// requireSound holds a result to everything that can be checked without the search: the assignment breaks nothing, its
// values are those of a recomputation, its bounds are proven, and its status belongs to them.
func requireSound(t *testing.T, p *Problem, r *Result) {
	t.Helper()
	ctx := context.Background()
	violations, err := Check(ctx, p, r.Assignment)
	require.NoError(t, err)
	require.Empty(t, violations)
	e, err := Evaluate(ctx, p, r.Assignment)
	require.NoError(t, err)
	require.Equal(t, e.Terms, r.Terms)
	for k, tier := range e.Tiers {
		require.Equal(t, tier, TierValue{Name: r.Tiers[k].Name, Value: r.Tiers[k].Value})
	}
	require.NoError(t, VerifyBounds(ctx, p, r))
	var out []WorkloadID
	for _, u := range r.Unplaced {
		out = append(out, u.Workload)
		require.NotContains(t, r.Assignment, u.Workload)
	}
	require.Equal(t, e.Unplaced, out)
	tight := true
	for _, tier := range r.Tiers {
		tight = tight && tier.Value == tier.Bound
	}
	require.Equal(t, tight, r.Status == Optimal, "status %s", r.Status)
}

// TestSolveIsSound solves random worlds with every kind of constraint and term.
func TestSolveIsSound(t *testing.T) {
	count := uint64(150)
	if testing.Short() {
		count = 20
	}
	unplaced, optimal := 0, 0
	for seed := range count {
		w := newWorld(t, seed, 4+int(seed%9), 1+int(seed%4))
		if seed%3 == 0 {
			w.p.Current = nil
		}
		if seed%5 == 0 {
			w.p.Objective = nil
		}
		r, err := Solve(context.Background(), w.p, &Options{Seed: seed, MaxSteps: 20_000})
		require.NoError(t, err, "seed %d", seed)
		requireSound(t, w.p, r)
		unplaced += len(r.Unplaced)
		if r.Status == Optimal {
			optimal++
		}
	}
	t.Logf("%d worlds, %d workloads unplaced, %d proven optimal", count, unplaced, optimal)
	assert.NotZero(t, unplaced, "the worlds are too easy")
}

// TestSolveRepeats: the same input gives the same bytes, another seed another search.
func TestSolveRepeats(t *testing.T) {
	w := newWorld(t, 3, 9, 4)
	solve := func(o *Options) string {
		r, err := Solve(context.Background(), w.p, o)
		require.NoError(t, err)
		text, err := json.Marshal(r)
		require.NoError(t, err)
		return string(text)
	}
	assert.Equal(t, solve(&Options{Seed: 4, MaxSteps: 30_000}), solve(&Options{Seed: 4, MaxSteps: 30_000}))
	assert.Equal(t, solve(nil), solve(&Options{Seed: 1, MaxSteps: 2_000_000}), "nil means the documented defaults")
	assert.NotEqual(t, solve(&Options{Seed: 4, MaxSteps: 30_000}), solve(&Options{Seed: 5, MaxSteps: 30_000}))
}

// TestSolveBoundary: what is empty, contradictory or has no room gives an answer, and a true one.
func TestSolveBoundary(t *testing.T) {
	ctx := context.Background()
	solve := func(p *Problem) *Result {
		r, err := Solve(ctx, p, nil)
		require.NoError(t, err)
		requireSound(t, p, r)
		return r
	}
	w := newWorld(t, 1, 5, 2)
	empty := *w.p
	empty.Applications = nil
	assert.Equal(t, Optimal, solve(&empty).Status)

	noSites := *w.p
	noSites.Continuum = mustContinuum(t, topology.Spec{Name: "void", AccessPoints: w.spec.AccessPoints})
	r := solve(&noSites)
	assert.Equal(t, Optimal, r.Status, "nothing can be placed, and the bound knows it")
	assert.Empty(t, r.Assignment)

	full := *w.p
	spec := w.spec
	spec.Sites = append([]topology.Site(nil), spec.Sites...)
	for k := range spec.Sites {
		spec.Sites[k].Capacity = nil
	}
	full.Continuum = mustContinuum(t, spec)
	r = solve(&full)
	assert.Empty(t, r.Assignment)
	for _, u := range r.Unplaced {
		assert.Equal(t, len(spec.Sites), u.Refused[ByCapacity], "no site has room for %s", u.Workload)
	}

	_, err := Solve(ctx, nil, nil)
	require.ErrorIs(t, err, ErrInvalid)
	bad := *w.p
	bad.Objective = Objective{{Name: "cost", Terms: []Term{{Kind: Price, Weight: 1}}}}
	_, err = Solve(ctx, &bad, nil)
	require.ErrorIs(t, err, ErrInvalid)
}

// TestSolveStops ends the context at its n-th question: either there was no answer yet and the context's error comes
// back, or the answer is valid and its bounds hold.
func TestSolveStops(t *testing.T) {
	w := newWorld(t, 5, 8, 4)
	stopped := 0
	for _, n := range []int64{0, 10, 30, 60, 100, 300, 1000, 3000, 10_000} {
		ctx := &endingContext{Context: context.Background()}
		ctx.after.Store(n)
		r, err := Solve(ctx, w.p, nil)
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			require.Less(t, n, int64(100), "compiling asks once or twice for every class")
			continue
		}
		requireSound(t, w.p, r)
		if r.Status == Stopped {
			stopped++
		}
	}
	assert.GreaterOrEqual(t, stopped, 3)
}

// endingContext ends when it has been asked so many times.
type endingContext struct {
	context.Context
	after atomic.Int64
}

func (c *endingContext) Err() error {
	if c.after.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestSolveAsksOncePerClass: a component's replicas are one question.
func TestSolveAsksOncePerClass(t *testing.T) {
	w := newWorld(t, 2, 8, 3)
	w.p.Current = nil
	counting := &countingAdmission{Admission: w.p.Admission, asked: make(map[string]int)}
	w.p.Admission = counting
	c, err := compile(context.Background(), w.p)
	require.NoError(t, err)
	assert.Less(t, len(c.classes), len(c.workloads))
	for component, n := range counting.asked {
		assert.Equal(t, 1, n, component)
	}
}

type countingAdmission struct {
	Admission
	mu    sync.Mutex
	asked map[string]int
}

func (a *countingAdmission) Admit(ctx context.Context, in Scope, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	a.mu.Lock()
	a.asked[w.Application+"/"+w.Component]++
	a.mu.Unlock()
	return a.Admission.Admit(ctx, in, w, sites)
}

func TestSolveRefusesOddOptions(t *testing.T) {
	for _, o := range []Options{{MaxSteps: -1}, {Workers: -1}, {Workers: 65}} {
		_, err := Solve(context.Background(), soundProblem(t), &o)
		require.ErrorContains(t, err, "options: ")
		require.ErrorIs(t, err, ErrInvalid)
	}
}

// TestSolveRefusesNegativeRelocations: a Relocator that breaks its promise must not lead to an answer that calls itself
// optimal.
func TestSolveRefusesNegativeRelocations(t *testing.T) {
	p := soundProblem(t)
	p.Continuum = mustContinuum(t, topology.Spec{
		Providers:    []topology.Provider{{ID: "p", Country: "DE"}},
		Sites:        []topology.Site{{ID: "r", Provider: "p", Country: "DE", Tier: topology.Edge}, {ID: "s", Provider: "p", Country: "DE", Tier: topology.Edge}},
		AccessPoints: []topology.AccessPoint{{ID: "users", Country: "DE"}},
	})
	p.Relocation = negativeRelocator{}
	p.Objective = Objective{{Name: "unplaced", Terms: []Term{{Kind: Unplaced, Weight: 1}}}, {Name: "cost", Terms: []Term{{Kind: Relocation, Weight: 1}}}}
	p.Current = Assignment{}
	for s := range p.Continuum.Sites() {
		p.Current[p.Applications[0].Workloads[0].ID] = s.ID
	}
	_, err := Solve(context.Background(), p, nil)
	require.ErrorIs(t, err, ErrInvalid)
	require.ErrorContains(t, err, "relocation is negative")
}
