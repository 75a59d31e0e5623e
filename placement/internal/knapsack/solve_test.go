package knapsack

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

// TestBoundNeverExceedsOptimum evaluates the relaxation of tiny problems with everything that a problem can hold at random
// prices of every kind: whatever the prices, the bound must hold.
func TestBoundNeverExceedsOptimum(t *testing.T) {
	tight, above := 0, 0
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := problemtest.Random(r, problemtest.Shape{Items: 1 + r.IntN(4), Sites: 1 + r.IntN(4), Load: seed%3 == 0})
		best := problemtest.Best(p)
		tier := r.IntN(p.Tiers)
		y := bound.Zero(p, tier)
		for k := range y.Capacity {
			if r.IntN(2) == 0 {
				y.Capacity[k] = r.Int64N(4 << bound.CapacityBits)
			}
		}
		for k := range y.Earlier {
			y.Earlier[k] = r.Int64N(20 << bound.EarlierBits)
		}
		m, ok := New(p, tier, &best, y)
		require.True(t, ok)
		v := newNode(m)
		u := m.First()
		for range 4 {
			b := whole(v.bound(u))
			require.LessOrEqual(t, b, best[tier], "seed %d, tier %d", seed, tier)
			if b == best[tier] {
				tight++
			}
			for i := range u {
				u[i] += r.Int64N(16<<Bits) - 8<<Bits
			}
		}
		if c, _ := bound.Exact(context.Background(), p, tier, &best, y); whole(v.bound(m.First())) > c {
			above++
		}
		if out := m.Solve(Options{Work: 1 << 20, Known: math.MaxInt64}); out.Bound == best[tier] {
			tight++
		}
		require.LessOrEqual(t, m.Solve(Options{Work: 1 << 20, Known: best[tier]}).Bound, best[tier], "seed %d, tier %d, climbed", seed, tier)
	}
	t.Logf("%d bounds equal the optimum, %d are above that of the capacities", tight, above)
	assert.Greater(t, tight, 500)
	assert.Greater(t, above, 100)
}

// TestProofOfOptimum branches on tiny problems with several scarce dimensions until the optimum is proven, and holds what
// is found on the way against it.
func TestProofOfOptimum(t *testing.T) {
	proven, found, tried := 0, 0, 0
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 6))
		p := problemtest.Random(r, problemtest.Shape{Items: 2 + r.IntN(4), Sites: 1 + r.IntN(4), Plain: true})
		require.True(t, Plain(p))
		best := problemtest.Best(p)
		y, _, _ := bound.Climb(context.Background(), p, 1, &best, best[1], 200, math.MaxInt, nil)
		m, ok := New(p, 1, &best, y)
		require.True(t, ok)
		for k, known := range []int64{best[1], best[1] + 3, math.MaxInt64, best[1] + 3, best[1] + 9} {
			tried++
			out := m.Solve(Options{Seed: 1 + seed, Workers: 1, Work: 1 << 22, Hunt: k < 3, Prove: true, Known: known})
			require.LessOrEqual(t, out.Bound, best[1], "seed %d", seed)
			if out.Bound == best[1] {
				proven++
			}
			if out.Site == nil {
				continue
			}
			o := problemtest.Judge(p, out.Site)
			require.Zero(t, o.Firm, "seed %d: capacities", seed)
			if o.Value[0] == best[0] { // otherwise multipliers were too low to keep all in
				require.Equal(t, out.Value, o.Value[1], "seed %d", seed)
				require.GreaterOrEqual(t, out.Value, best[1])
			}
			if o.Value[0] == best[0] && o.Value[1] == best[1] {
				found++
			}
		}
	}
	t.Logf("%d of %d proven, %d found", proven, tried, found)
	assert.Greater(t, proven, tried*2/3)
	assert.Greater(t, found, tried/4)
}

// TestSolveRepeats: the workers do not depend on each other's speed.
func TestSolveRepeats(t *testing.T) {
	p := problemtest.Random(rand.New(rand.NewPCG(5, 5)), problemtest.Shape{Items: 60, Sites: 6, Plain: true})
	y, _, _ := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 200, math.MaxInt, nil)
	solve := func() *Outcome {
		m, ok := New(p, 1, &problem.Value{}, y)
		require.True(t, ok)
		return m.Solve(Options{Seed: 3, Workers: 3, Work: 1 << 24, Hunt: true, Prove: true, Known: math.MaxInt64})
	}
	require.Equal(t, solve(), solve())
}

// outside reads an instance of the generalised assignment problem and relaxes it.
func outside(t testing.TB, name string) *Model {
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
	y, _, ok := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 400, math.MaxInt, nil)
	require.True(t, ok)
	m, ok := New(p, 1, &problem.Value{}, y)
	require.True(t, ok)
	require.True(t, m.Single)
	return m
}

// TestOutsideProblems: bounds that relaxing capacities does not reach, and optima with their proof.
func TestOutsideProblems(t *testing.T) {
	for _, c := range []struct {
		file           string
		least, optimum int64
	}{{"chu1997/c20100", 1241, 1243}, {"chu1997/c20200", 2389, 2391}, {"yagiura2004/e20100", 8425, 8436}} {
		b := outside(t, c.file).Solve(Options{Work: 1 << 28, Known: math.MaxInt64}).Bound
		assert.GreaterOrEqual(t, b, c.least, c.file)
		assert.LessOrEqual(t, b, c.optimum, c.file)
	}
	for _, c := range []struct {
		file    string
		optimum int64
	}{{"cattrysse1994/gap1-0", 261}, {"cattrysse1994/gap4-4", 406}, {"cattrysse1994/gap10-2", 654}, {"chu1997/c05100", 1931}} {
		out := outside(t, c.file).Solve(Options{Seed: 1, Workers: 2, Work: 1 << 29, Hunt: true, Prove: true, Known: math.MaxInt64})
		assert.Equal(t, c.optimum, out.Value, c.file)
		assert.Equal(t, c.optimum, out.Bound, c.file)
	}
}

func BenchmarkBound(b *testing.B) {
	m := outside(b, "chu1997/d20200")
	v, u := newNode(m), m.First()
	for b.Loop() {
		v.bound(u)
	}
}
