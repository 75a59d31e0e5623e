package bound

import (
	"context"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

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

func endsAfter(n int64) *endingContext {
	c := &endingContext{Context: context.Background()}
	c.after.Store(n)
	return c
}

func many(joint bool) *problem.Problem {
	return problemtest.Random(rand.New(rand.NewPCG(3, 2)), problemtest.Shape{Items: 9000, Sites: 7, Plain: !joint, Parts: joint})
}

// A sum of many items ends with its context, one of few comes out all the same.
func TestExactStops(t *testing.T) {
	for _, joint := range []bool{false, true} {
		p := many(joint)
		y, value := Zero(p, 1), problem.Value{}
		y.Joint = joint
		_, ok := Exact(context.Background(), p, 1, &value, y)
		require.True(t, ok)
		_, ok = Exact(endsAfter(0), p, 1, &value, y)
		assert.False(t, ok, "joint %v", joint)
	}
	few := problemtest.Random(rand.New(rand.NewPCG(4, 2)), problemtest.Shape{Items: 50, Sites: 5, Plain: true})
	want, ok := Exact(context.Background(), few, 1, &problem.Value{}, Zero(few, 1))
	require.True(t, ok)
	got, ok := Exact(endsAfter(0), few, 1, &problem.Value{}, Zero(few, 1))
	require.True(t, ok)
	assert.Equal(t, want, got)
}

// Whenever its context ends, a climb has a bound that its prices prove.
func TestClimbStops(t *testing.T) {
	for _, joint := range []bool{false, true} {
		p := many(joint)
		value := problem.Value{}
		for _, n := range []int64{0, 1, 2, 5, 20, 30, 60} {
			y, b, ok := Climb(endsAfter(n), p, 2, &value, math.MaxInt64, 12, math.MaxInt, nil)
			require.True(t, ok)
			proven, ok := Exact(context.Background(), p, 2, &value, y)
			require.True(t, ok)
			require.LessOrEqual(t, b, proven, "after %d", n)
			if n == 0 {
				_, least, _ := quick(p, 2, &value)
				require.Equal(t, least, b)
			}
		}
	}
}

// A climb whose context has ended evaluates its prices once, and nothing that it would tune.
func TestClimberStops(t *testing.T) {
	p := many(false)
	for _, n := range []int64{0, 1, 5} {
		c := newClimber(p, 2, &problem.Value{}, math.MaxInt64, nil)
		c.steps, c.work = 1000, math.MaxInt
		c.climb(endsAfter(n))
		assert.GreaterOrEqual(t, int64(c.steps), 1000-2-n)
	}
}

// What costs next to nothing to prove is at most what Exact finds at the same prices, mostly that, and at least what is
// proven where nothing is priced.
func TestQuick(t *testing.T) {
	equal, priced := 0, 0
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := problemtest.Random(r, problemtest.Shape{Items: r.IntN(6), Sites: r.IntN(5), Use: seed%2 == 0, Load: seed%3 == 0, Parts: seed%5 < 2})
		value := problem.Value{r.Int64N(4)}
		for _, c := range p.Class {
			if len(p.Classes[c].Sites) == 0 {
				value[0] += p.Classes[c].Out[0] // a lower value is out of reach
			}
		}
		for tier := range p.Tiers - p.Capped {
			y, got, ok := quick(p, tier, &value)
			require.True(t, ok)
			want, ok := Exact(context.Background(), p, tier, &value, y)
			require.True(t, ok)
			require.LessOrEqual(t, got, want, "seed %d, tier %d", seed, tier)
			count := make([]int64, len(p.Classes))
			for _, c := range p.Class {
				count[c]++
			}
			least, ok := cheapestAt(p, tier, count, 0, 0, 0)
			require.True(t, ok)
			require.GreaterOrEqual(t, got, least)
			if got == want {
				equal++
			}
			if got > least {
				priced++
			}
			for m := int64(0); tier > 0 && m < 60<<EarlierBits; m += 1 << (EarlierBits - 2) { // it is the best multiplier, but for rounding
				at, ok := cheapestAt(p, tier, count, 0, m, value[0])
				require.True(t, ok)
				require.LessOrEqual(t, at, got+1, "seed %d, tier %d, multiplier %d", seed, tier, m)
			}
		}
	}
	assert.Greater(t, equal, 500)
	assert.Greater(t, priced, 100)
}

// What is carried over to other values is what is proven there, or one less.
func TestCarry(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := problemtest.Random(r, problemtest.Shape{Items: r.IntN(6), Sites: 1 + r.IntN(4), Use: seed%2 == 0})
		tier := r.IntN(p.Tiers - p.Capped)
		y := Zero(p, tier)
		for t := range y.Earlier {
			y.Earlier[t] = r.Int64N(20 << EarlierBits)
		}
		for k := range y.Capacity {
			y.Capacity[k] = r.Int64N(3 << CapacityBits)
		}
		was := problem.Value{r.Int64N(99), r.Int64N(99), r.Int64N(99)}
		now := problem.Value{r.Int64N(99), r.Int64N(99), r.Int64N(99)}
		b, ok := Exact(context.Background(), p, tier, &was, y)
		require.True(t, ok)
		want, ok := Exact(context.Background(), p, tier, &now, y)
		require.True(t, ok)
		got, ok := Carry(b, y, &was, &now)
		require.True(t, ok)
		require.Contains(t, []int64{want, want - 1}, got, "seed %d", seed)
	}
}
