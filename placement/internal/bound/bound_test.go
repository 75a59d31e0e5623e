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
	tight, joint := 0, 0
	for seed := range uint64(1500) {
		r := rng(seed)
		p := problemtest.Random(r, problemtest.Shape{
			Items: r.IntN(5), Sites: r.IntN(5), Load: seed%3 == 0, Use: seed%5 < 2, Parts: seed%2 == 0,
		})
		best := problemtest.Best(p)
		for tier := range p.Tiers - p.Capped {
			y, b, ok := bound.Climb(context.Background(), p, tier, &best, best[tier], 200, math.MaxInt, nil)
			require.True(t, ok)
			require.LessOrEqual(t, b, best[tier], "seed %d, tier %d", seed, tier)
			if b == best[tier] {
				tight++
			}
			if y.Joint {
				joint++
			}
			again, ok := bound.Exact(context.Background(), p, tier, &best, y)
			require.True(t, ok)
			require.Equal(t, b, again)
			if b, ok := bound.Exact(context.Background(), p, tier, &best, randomPrices(r, p, tier)); ok {
				require.LessOrEqual(t, b, best[tier], "seed %d, tier %d, random prices", seed, tier)
			}
		}
	}
	require.NotZero(t, joint)
	t.Logf("%d of %d bounds equal the optimum, %d are joint", tight, 3*1500, joint)
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
	for k, s := range bound.Slopes(p, tier) {
		if most := s.Most(append(y.Earlier, 1<<bound.EarlierBits)[s.Tier]); r.IntN(2) == 0 && most > 0 {
			y.Terms[k] = []int64{most, r.Int64N(most)}[r.IntN(2)]
		}
	}
	y.Joint = p.Part != nil && r.IntN(2) == 0
	return y
}

// TestExactEqualsBigArithmetic recomputes L with math/big alone.
func TestExactEqualsBigArithmetic(t *testing.T) {
	for seed := range uint64(300) {
		r := rng(seed)
		p := problemtest.Random(r, problemtest.Shape{Items: r.IntN(8), Sites: r.IntN(6), Use: seed%2 == 0, Load: seed%3 == 0, Parts: seed%5 < 3})
		value := problem.Value{r.Int64N(9), r.Int64N(99), r.Int64N(99)}
		tier := r.IntN(p.Tiers)
		y := randomPrices(r, p, tier)
		got, ok := bound.Exact(context.Background(), p, tier, &value, y)
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
	price := plainPrices(p, tier, y, sum)
	at := func(i, pos int) *big.Rat {
		c := &p.Classes[p.Class[i]]
		if pos < 0 {
			return priced(&c.Out)
		}
		var v problem.Value
		p.UnaryCost(int32(i), int32(pos), &v)
		x := priced(&v)
		for d, demand := range c.Demand {
			x.Add(x, times(1, demand, price[int(c.Sites[pos])*p.Dims+d]))
		}
		return x
	}
	together := make([]bool, p.Items)
	if y.Joint {
		for _, items := range joined(p, tier) {
			for _, i := range items {
				together[i] = true
			}
			sum.Add(sum, plainTree(p, tier, y, items, at))
		}
	}
	for i := range p.Class {
		if !together[i] {
			sum.Add(sum, plainLeast(p, i, at))
		}
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

func plainLeast(p *problem.Problem, i int, at func(i, pos int) *big.Rat) *big.Rat {
	least := at(i, -1)
	for pos := range p.Classes[p.Class[i]].Sites {
		if x := at(i, pos); x.Cmp(least) < 0 {
			least = x
		}
	}
	return least
}

// plainPrices returns the price of a unit of use in every cell, and takes the levels of the terms from a sum.
func plainPrices(p *problem.Problem, tier int, y *bound.Prices, sum *big.Rat) []*big.Rat {
	one := new(big.Int).Lsh(big.NewInt(1), bound.CapacityBits)
	price := make([]*big.Rat, len(y.Capacity))
	for k, x := range y.Capacity {
		price[k] = new(big.Rat).SetFrac(big.NewInt(x), one)
	}
	for k, s := range bound.Slopes(p, tier) {
		z := big.NewInt(y.Terms[k])
		cell := int(s.Site)*p.Dims + s.Dim
		capacity := p.Capacity[cell]
		count := func(cell int, by int64) {
			price[cell].Add(price[cell], new(big.Rat).SetFrac(new(big.Int).Mul(z, big.NewInt(by)), one))
		}
		level := new(big.Rat)
		switch s.Kind {
		case bound.Excess:
			count(cell, 1)
			level.SetInt64(p.Safe[cell])
		case bound.Load:
			count(cell, 1)
			level.SetFrac64(4*capacity, 5)
		case bound.Balance:
			term := p.Balance[s.Term]
			other := int(s.Site)*p.Dims + term.Against
			count(cell, -term.Ratio)
			count(other, 1)
			level.SetInt64(p.Capacity[other] - term.Ratio*capacity)
		}
		taken := level.Mul(level, new(big.Rat).SetInt(z))
		up := new(big.Int).Add(taken.Num(), new(big.Int).Sub(taken.Denom(), big.NewInt(1)))
		sum.Sub(sum, new(big.Rat).SetFrac(up.Div(up, taken.Denom()), one))
	}
	return price
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
