package search

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

// never is a goal that no search reaches.
var never = problem.Value{math.MinInt64}

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 3)) }

// checkState makes sure that an assignment is valid and worth what it says, by plain recomputation.
func checkState(t *testing.T, s *problem.State) {
	t.Helper()
	o := problemtest.Judge(s.Problem(), s.Site)
	require.Zero(t, o.Firm)
	require.Zero(t, o.Loose)
	require.Equal(t, o.Value, s.Value)
}

// TestSearchFindsOptimum compares with a look at every assignment: with the exhaustive method for small problems, and
// without it.
func TestSearchFindsOptimum(t *testing.T) {
	count, missed := uint64(2000), 0
	if testing.Short() {
		count = 300
	}
	for seed := range count {
		r := rng(seed)
		shape := problemtest.Shape{Items: r.IntN(6), Sites: r.IntN(5), Load: seed%3 == 0, Use: seed%4 > 0}
		if seed%40 == 0 {
			shape = problemtest.Shape{Items: 6, Sites: 5}
		}
		p := problemtest.Random(r, shape)
		best := problemtest.Best(p)
		found := Solve(context.Background(), p, Options{Seed: seed, Tier: 1, Workers: 1}, Budget{Steps: 1_000_000, Goal: never})
		require.Equal(t, best, found.State.Value, "seed %d", seed)
		all := New(p, Options{Seed: seed, Tier: 1})
		all.lookAtAll()
		require.True(t, all.exhausted)
		checkState(t, found.State)

		team := &team{budget: Budget{Steps: 20_000, Goal: best}, workers: []*Searcher{New(p, Options{Seed: seed, Tier: 1})}}
		if len(team.workers[0].movable) > 0 {
			team.run(context.Background())
		}
		x := team.best()
		got := x.Best()
		require.False(t, got.Less(&best), "seed %d", seed)
		checkState(t, x.Result())
		if x.Best() != best {
			missed++
			if missed < 10 {
				t.Logf("seed %d: %v, optimum %v", seed, x.Best(), best)
			}
		}
	}
	t.Logf("without the exhaustive method: %d of %d missed", missed, count)
	assert.LessOrEqual(t, missed, int(count/200))
}

func TestSearchIsDeterministic(t *testing.T) {
	p := problemtest.Random(rng(5), problemtest.Shape{Items: 60, Sites: 12, Load: true})
	run := func(ctx context.Context, workers int) ([]int32, int64) {
		found := Solve(ctx, p, Options{Seed: 9, Tier: 1, Workers: workers}, Budget{Steps: 60_000, Goal: never})
		checkState(t, found.State)
		return found.State.Site, found.Steps
	}
	for workers := 1; workers <= 3; workers++ {
		a, steps := run(context.Background(), workers)
		b, again := run(context.Background(), workers)
		assert.Equal(t, a, b)
		assert.Equal(t, steps, again)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_, steps = run(ended, workers)
		assert.Less(t, steps, again, "an ended context must end the search")
	}
}

// TestSearchEndsWhateverIsSpent: a share that starts at the end, jumps, goes back or is no number ends the search sooner or
// later, with a valid assignment.
func TestSearchEndsWhateverIsSpent(t *testing.T) {
	p := problemtest.Random(rng(5), problemtest.Shape{Items: 60, Sites: 12, Load: true})
	for name, shares := range map[string][]float64{
		"used up": {1}, "no number": {0, 0.5, math.NaN()}, "back": {0.5, 0.4, 0.9, 0.1, 1}, "beyond": {0, 7}, "below": {-3, -1, 0.2, 1},
	} {
		asked := 0
		found := Solve(context.Background(), p, Options{Seed: 9, Tier: 1, Workers: 2}, Budget{Steps: math.MaxInt64, Goal: never, Spent: func() float64 {
			asked++
			return shares[min(asked, len(shares))-1]
		}})
		checkState(t, found.State)
		assert.LessOrEqual(t, asked, len(shares)+1, name)
	}
}

// TestDescentLeavesNoBetterShift builds assignments, takes searches away after some moves, and descends from there.
func TestDescentLeavesNoBetterShift(t *testing.T) {
	descended := 0
	for seed := range uint64(60) {
		p := problemtest.Random(rng(seed), problemtest.Shape{Items: 30, Sites: 8, Load: seed%2 == 0, Use: seed%3 > 0})
		x := New(p, Options{Seed: seed, Tier: 1})
		x.measure().cool(x, firstShare)
		for range 4096 * (seed % 3) {
			x.move()
			require.Zero(t, x.s.Broken, "seed %d: the state is valid between two moves", seed)
		}
		before := x.Best()
		x.descend(context.Background(), math.MaxInt64)
		after := x.Best()
		require.False(t, before.Less(&after))
		if after.Less(&before) {
			descended++
		}
		s := x.Result()
		checkState(t, s)
		for i := range int32(p.Items) {
			for pos := range int32(len(p.Classes[p.Class[i]].Sites)) {
				var d problem.Value
				require.False(t, s.Try(i, pos, &d) && d.Negative(), "seed %d: item %d would be better at position %d", seed, i, pos)
			}
		}
	}
	assert.NotZero(t, descended, "the descent had nothing to do")
}

func TestSearchKeepsWarmStart(t *testing.T) {
	for seed := range uint64(100) {
		r := rng(seed)
		p := problemtest.Random(r, problemtest.Shape{Items: 12, Sites: 6})
		s := Solve(context.Background(), p, Options{Seed: 1, Tier: 1, Workers: 1}, Budget{Steps: 5_000, Goal: never}).State
		found := s.Value
		at := make([]int32, p.Items)
		for i := range at {
			at[i] = s.Pos(int32(i))
		}
		warm := New(p, Options{Seed: 1, Tier: 1, Start: at}).Best()
		assert.False(t, found.Less(&warm), "seed %d: a start must not be lost", seed)
	}
}

// TestOutsideProblems reports how far from the best known values two million steps come.
func TestOutsideProblems(t *testing.T) {
	for _, c := range []struct {
		file       string
		best, most int64
	}{
		{"chu1997/c10100", 1402, 1420},
		{"chu1997/d10200", 12430, 12600},
		{"chu1997/d20200", 12238, 12550},
		{"yagiura2004/e10200", 23307, 23800},
	} {
		p := gap(t, c.file)
		y, b, _ := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 800, math.MaxInt, nil)
		prices := make([]float64, len(y.Capacity))
		for k, z := range y.Capacity {
			prices[k] = float64(z) / (1 << bound.CapacityBits)
		}
		o := Options{Seed: 1, Tier: 1, Prices: prices, Workers: 1}
		built := New(p, o).Best()
		found := Solve(context.Background(), p, o, Budget{Steps: 2_000_000, Goal: never})
		checkState(t, found.State)
		got := found.State.Value
		t.Logf("%s: with prices %v, searched %v, best known %d, bound %d", c.file, built[:2], got[:2], c.best, b)
		assert.Zero(t, got[0], c.file)
		assert.LessOrEqual(t, got[1], c.most, c.file)
	}
}

func gap(t testing.TB, name string) *problem.Problem {
	dir := os.Getenv("DOMICILE_DATA")
	if dir == "" {
		dir = "../../../../shared/data"
	}
	f, err := os.Open(filepath.Join(dir, "gap", name))
	if err != nil {
		t.Skipf("outside data not at hand: %v", err)
	}
	defer f.Close()
	p, err := problemtest.ReadGAP(f)
	require.NoError(t, err)
	return p
}

func BenchmarkSearch(b *testing.B) {
	p := problemtest.Random(rng(3), problemtest.Shape{Items: 1000, Sites: 100})
	x := New(p, Options{Seed: 1, Tier: 1})
	b.ReportAllocs()
	for b.Loop() {
		x.work(4096)
	}
	b.ReportMetric(float64(x.Steps())/b.Elapsed().Seconds()/1e6, "Msteps/s")
}
