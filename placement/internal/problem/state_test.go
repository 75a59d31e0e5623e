package problem_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

// TestStateEqualsRecomputation walks at random through random problems. After each step everything the state keeps must
// equal what a recomputation finds, and before each step every judgement on a move must come true.
func TestStateEqualsRecomputation(t *testing.T) {
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := problemtest.Random(r, problemtest.Shape{Items: 1 + r.IntN(12), Sites: 1 + r.IntN(8), Load: seed%2 == 0, Use: seed%3 > 0})
		s := problem.NewState(p)
		for step := range 60 {
			i := int32(r.IntN(p.Items))
			pos := int32(r.IntN(len(p.Classes[p.Class[i]].Sites)+1)) - 1
			at := fmt.Sprintf("seed %d, step %d: item %d to position %d", seed, step, i, pos)
			before := problemtest.Judge(p, s.Site)
			require.Equal(t, before.Value, s.Value, at)
			require.Equal(t, before.Loose, s.Broken, at)
			require.Zero(t, before.Firm, at)
			after := problemtest.Judge(p, moved(p, s.Site, i, pos))
			require.Equal(t, after.Firm == 0, s.Fits(i, pos), at)
			require.Equal(t, after.Loose-before.Loose, s.Loose(i, pos), at)
			delta := before.Value
			s.Cost(i, pos, &delta)
			require.Equal(t, after.Value, delta, at)
			if s.Broken == 0 {
				delta := before.Value
				ok := s.Try(i, pos, &delta)
				require.Equal(t, after.Firm+after.Loose == 0, ok, at)
				if ok {
					require.Equal(t, after.Value, delta, at)
				}
				checkSwaps(t, r, s, at)
			}
			if s.Fits(i, pos) && (s.Loose(i, pos) <= 0 || r.IntN(3) == 0) {
				s.Put(i, pos)
			}
		}
	}
}

func moved(p *problem.Problem, site []int32, i, pos int32) []int32 {
	after := append([]int32(nil), site...)
	after[i] = -1
	if pos >= 0 {
		after[i] = p.Classes[p.Class[i]].Sites[pos]
	}
	return after
}

func checkSwaps(t *testing.T, r *rand.Rand, s *problem.State, at string) {
	p := s.Problem()
	i, j := int32(r.IntN(p.Items)), int32(r.IntN(p.Items))
	if s.Site[i] < 0 || s.Site[j] < 0 || s.Site[i] == s.Site[j] {
		return
	}
	at = fmt.Sprintf("%s, swap %d and %d", at, i, j)
	before := problem.NewState(p)
	before.CopyFrom(s)
	got := s.Value
	ok := s.TrySwap(i, j, &got)
	require.Equal(t, before.Site, s.Site, at)
	require.Equal(t, before.Value, s.Value, at)
	require.Equal(t, before.Use, s.Use, at)
	admissible := p.Classes[p.Class[i]].Index.Has(s.Site[j]) && p.Classes[p.Class[j]].Index.Has(s.Site[i])
	site := append([]int32(nil), s.Site...)
	site[i], site[j] = site[j], site[i]
	after := problemtest.Judge(p, site)
	require.Equal(t, admissible && after.Firm+after.Loose == 0, ok, at)
	if ok {
		require.Equal(t, after.Value, got, at)
	}
}

func TestStateKeepsItemsPerSite(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	p := problemtest.Random(r, problemtest.Shape{Items: 30, Sites: 6, Plain: true})
	s := problem.NewState(p)
	for range 500 {
		i := int32(r.IntN(p.Items))
		if pos := int32(r.IntN(len(p.Classes[p.Class[i]].Sites)+1)) - 1; s.Fits(i, pos) {
			s.Put(i, pos)
		}
		seen := make(map[int32]int32)
		for site := range int32(p.Sites) {
			for k := s.First(site); k >= 0; k = s.Next(k) {
				seen[k] = site
			}
		}
		for k, site := range s.Site {
			if got, ok := seen[int32(k)]; ok || site >= 0 {
				require.Equal(t, site, got)
			}
		}
	}
}

func TestSet(t *testing.T) {
	s := problem.NewSet(200, []int32{0, 3, 63, 64, 130, 199})
	for rank, site := range []int32{0, 3, 63, 64, 130, 199} {
		assert.EqualValues(t, rank, s.Find(site))
		assert.True(t, s.Has(site))
	}
	for _, site := range []int32{1, 62, 65, 129, 198} {
		assert.EqualValues(t, -1, s.Find(site))
		assert.False(t, s.Has(site))
	}
	assert.Equal(t, 6, s.Len())
	assert.Zero(t, problem.NewSet(0, nil).Len())
}

func TestValueOrder(t *testing.T) {
	a, b := problem.Value{0, 5, -3}, problem.Value{0, 6, -9}
	assert.True(t, a.Less(&b))
	assert.False(t, b.Less(&a))
	assert.False(t, a.Less(&a))
	assert.True(t, (&problem.Value{0, -1, 9}).Negative())
	assert.False(t, (&problem.Value{1, -1}).Negative())
	assert.False(t, (&problem.Value{}).Negative())
}

// TestFinishRefusesOverflow builds problems each of which has one sum that cannot be held.
func TestFinishRefusesOverflow(t *testing.T) {
	const huge = math.MaxInt64 / 20
	base := func() *problem.Problem {
		return &problem.Problem{
			Items: 2, Sites: 1, Dims: 1, Tiers: 2, Unary: []int{1}, Capacity: []int64{5}, Class: []int32{0, 0},
			Classes: []problem.Class{{Demand: []int64{1}, Sites: []int32{0}, Cost: []int64{1}, Index: problem.NewSet(1, []int32{0})}},
			Pairs:   []*problem.Pairs{problem.NewPairs(1, 1000, nil)},
		}
	}
	require.NoError(t, base().Finish())
	for name, change := range map[string]func(p *problem.Problem){
		"unary":    func(p *problem.Problem) { p.Classes[0].Cost[0] = huge },
		"negative": func(p *problem.Problem) { p.Classes[0].Cost[0] = math.MinInt64 },
		"out":      func(p *problem.Problem) { p.Classes[0].Out[0] = huge },
		"demand":   func(p *problem.Problem) { p.Classes[0].Demand[0] = huge },
		"capacity": func(p *problem.Problem) { p.Capacity[0] = math.MaxInt64 / 2 },
		"load":     func(p *problem.Problem) { p.LoadWeight[1] = huge },
		"too many": func(p *problem.Problem) { p.Tiers = problem.MaxTiers + 1 },
		"move": func(p *problem.Problem) {
			p.MoveOf = []int32{0, 0}
			p.Moves = []problem.Move{{Far: problem.Value{0, huge}}}
		},
		"traffic": func(p *problem.Problem) { addFlow(p, 1<<40, 1<<30) },
		"egress":  func(p *problem.Problem) { addFlow(p, 1<<40, 1<<20); p.Pairs[0].MaxEgress = 1 << 50 },
	} {
		p := base()
		change(p)
		assert.Error(t, p.Finish(), name)
	}
}

func addFlow(p *problem.Problem, rate, factor int64) {
	p.Traffic = []problem.TrafficTerm{{Tier: 1, Factor: factor}}
	p.Flows = []problem.Flow{{From: 0, To: 1, Rate: rate, Bound: 5}}
}

// big returns a problem as large as the hot loops have to be fast on.
func big() (*problem.State, *rand.Rand) {
	r := rand.New(rand.NewPCG(3, 3))
	p := problemtest.Random(r, problemtest.Shape{Items: 1000, Sites: 100, Load: false})
	for k := range p.Capacity {
		p.Capacity[k] = 30
	}
	s := problem.NewState(p)
	for i := range int32(p.Items) {
		for range 20 {
			if n := len(p.Classes[p.Class[i]].Sites); n > 0 {
				if pos := int32(r.IntN(n)); s.Fits(i, pos) && s.Loose(i, pos) == 0 {
					s.Put(i, pos)
					break
				}
			}
		}
	}
	return s, r
}

func BenchmarkTry(b *testing.B) {
	s, r := big()
	p := s.Problem()
	const mask = 1<<12 - 1
	var items, at [mask + 1]int32
	for k := range items {
		items[k] = int32(r.IntN(p.Items))
		at[k] = int32(r.IntN(max(1, len(p.Classes[p.Class[items[k]]].Sites))))
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var d problem.Value
		s.Try(items[n&mask], at[n&mask], &d)
		n++
	}
}

func BenchmarkTrySwap(b *testing.B) {
	s, r := big()
	p := s.Problem()
	const mask = 1<<12 - 1
	var pairs [mask + 1][2]int32
	for k := 0; k <= mask; {
		i, j := int32(r.IntN(p.Items)), int32(r.IntN(p.Items))
		if s.Site[i] >= 0 && s.Site[j] >= 0 && s.Site[i] != s.Site[j] {
			pairs[k] = [2]int32{i, j}
			k++
		}
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		var d problem.Value
		s.TrySwap(pairs[n&mask][0], pairs[n&mask][1], &d)
		n++
	}
}

func BenchmarkPut(b *testing.B) {
	s, r := big()
	p := s.Problem()
	b.ReportAllocs()
	for b.Loop() {
		i := int32(r.IntN(p.Items))
		if n := len(p.Classes[p.Class[i]].Sites); n > 0 {
			if pos := int32(r.IntN(n)); s.Fits(i, pos) {
				s.Put(i, pos)
			}
		}
	}
}
