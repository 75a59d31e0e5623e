package bound_test

import (
	"context"
	"math"
	"math/big"
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

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }

// TestBoundNeverExceedsOptimum climbs for every tier of tiny problems whose optimum is known, and evaluates at random
// prices as well: whatever the prices, the bound must hold.
func TestBoundNeverExceedsOptimum(t *testing.T) {
	tight := 0
	for seed := range uint64(1500) {
		r := rng(seed)
		p := problemtest.Random(r, problemtest.Shape{Items: r.IntN(5), Sites: r.IntN(5), Load: seed%3 == 0})
		best := problemtest.Best(p)
		for tier := range p.Tiers {
			y, b, ok := bound.Climb(context.Background(), p, tier, &best, best[tier], 200, math.MaxInt, nil)
			require.True(t, ok)
			require.LessOrEqual(t, b, best[tier], "seed %d, tier %d", seed, tier)
			if b == best[tier] {
				tight++
			}
			again, ok := bound.Exact(p, tier, &best, y)
			require.True(t, ok)
			require.Equal(t, b, again)
			if b, ok := bound.Exact(p, tier, &best, randomPrices(r, p, tier)); ok {
				require.LessOrEqual(t, b, best[tier], "seed %d, tier %d, random prices", seed, tier)
			}
		}
	}
	t.Logf("%d of %d bounds equal the optimum", tight, 3*1500)
}

func randomPrices(r *rand.Rand, p *problem.Problem, tier int) *bound.Prices {
	y := bound.Zero(p, tier)
	for k := range y.Capacity {
		if r.IntN(2) == 0 {
			y.Capacity[k] = r.Int64N(8 << bound.CapacityBits)
		}
	}
	for k := range y.Earlier {
		y.Earlier[k] = r.Int64N(20 << bound.EarlierBits)
	}
	return y
}

// TestExactEqualsBigArithmetic recomputes L with math/big alone.
func TestExactEqualsBigArithmetic(t *testing.T) {
	for seed := range uint64(300) {
		r := rng(seed)
		p := problemtest.Random(r, problemtest.Shape{Items: r.IntN(8), Sites: r.IntN(6)})
		value := problem.Value{r.Int64N(9), r.Int64N(99), r.Int64N(99)}
		tier := r.IntN(p.Tiers)
		y := randomPrices(r, p, tier)
		got, ok := bound.Exact(p, tier, &value, y)
		require.True(t, ok)
		require.Equal(t, plain(p, tier, &value, y), got, "seed %d", seed)
	}
}

func plain(p *problem.Problem, tier int, value *problem.Value, y *bound.Prices) int64 {
	sum := new(big.Rat)
	unit := func(bits uint) *big.Rat {
		return new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), bits))
	}
	times := func(a int64, b int64, u *big.Rat) *big.Rat {
		x := new(big.Rat).SetInt(new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
		return x.Mul(x, u)
	}
	priced := func(v *problem.Value) *big.Rat {
		x := new(big.Rat).SetInt64(v[tier])
		for e, m := range y.Earlier {
			x.Add(x, times(m, v[e], unit(bound.EarlierBits)))
		}
		return x
	}
	for i, k := range p.Class {
		c := &p.Classes[k]
		least := priced(&c.Out)
		for pos, s := range c.Sites {
			var v problem.Value
			p.UnaryCost(int32(i), int32(pos), &v)
			x := priced(&v)
			for d, demand := range c.Demand {
				x.Add(x, times(y.Capacity[int(s)*p.Dims+d], demand, unit(bound.CapacityBits)))
			}
			if x.Cmp(least) < 0 {
				least = x
			}
		}
		sum.Add(sum, least)
	}
	for k, price := range y.Capacity {
		sum.Sub(sum, times(price, p.Capacity[k], unit(bound.CapacityBits)))
	}
	for e, m := range y.Earlier {
		sum.Sub(sum, times(m, value[e], unit(bound.EarlierBits)))
	}
	up := new(big.Int).Add(sum.Num(), new(big.Int).Sub(sum.Denom(), big.NewInt(1)))
	return up.Div(up, sum.Denom()).Int64()
}

// gap reads an instance of the generalised assignment problem.
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

// TestBoundOnOutsideProblems compares with what the relaxation of capacity rows is known to reach. The bound of the
// relaxation itself is that of the linear relaxation.
func TestBoundOnOutsideProblems(t *testing.T) {
	for _, c := range []struct {
		file           string
		target         int64 // best known
		least, optimum int64
	}{
		{"chu1997/d20200", 12238, 12205, 12238},
		{"chu1997/d10200", 12430, 12410, 12430},
		{"yagiura2004/e10200", 23307, 23270, 23307},
	} {
		p := gap(t, c.file)
		_, b, ok := bound.Climb(context.Background(), p, 1, &problem.Value{}, c.target, 1500, math.MaxInt, nil)
		require.True(t, ok)
		assert.GreaterOrEqual(t, b, c.least, c.file)
		assert.LessOrEqual(t, b, c.optimum, c.file)
		_, free, ok := bound.Climb(context.Background(), p, 1, &problem.Value{}, math.MaxInt64, 1500, math.MaxInt, nil)
		require.True(t, ok)
		assert.GreaterOrEqual(t, free, c.least, c.file)
		t.Logf("%s: bound %d, without a target %d, best known %d", c.file, b, free, c.target)
	}
}

func BenchmarkClimbStep(b *testing.B) {
	p := problemtest.Random(rng(3), problemtest.Shape{Items: 1000, Sites: 100, Plain: true})
	pairs := 0
	for k := range p.Classes {
		pairs += len(p.Classes[k].Sites)
	}
	b.ReportMetric(float64(pairs), "pairs")
	n := 100
	for b.Loop() {
		bound.Climb(context.Background(), p, 1, &problem.Value{}, 1<<40, n, math.MaxInt, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n*pairs), "ns/pair")
}
