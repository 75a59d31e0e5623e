package search

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/placement/internal/problem/problemtest"
)

// twoByTwo is ten items, free of charge on any of four sites, of which two and two are one part of a domain.
func twoByTwo(groups ...problem.Group) *problem.Problem {
	p := &problem.Problem{
		Items: 10, Sites: 4, Dims: 1, Tiers: 2, Capacity: []int64{10, 10, 10, 10}, Unary: []int{1},
		Class: make([]int32, 10), Component: make([]int32, 10), Groups: groups,
		Domains: []problem.Domain{{Of: []int32{0, 0, 1, 1}, Parts: 2}},
	}
	c := problem.Class{Demand: []int64{1}, Sites: []int32{0, 1, 2, 3}, Cost: []int64{3, 2, 1, 0}, Complete: true}
	c.Index, c.Out[0] = problem.NewSet(4, c.Sites), 1
	p.Classes = []problem.Class{c}
	if err := p.Finish(); err != nil {
		panic(err)
	}
	return p
}

// A start that breaks groups loses the fewest members of those, and nothing else.
func TestBrokenStartLosesNoMore(t *testing.T) {
	for name, c := range map[string]struct {
		groups []problem.Group
		start  []int32 // of the first items; the others start on site 0
		leave  []int32
	}{
		"all of a spread on one part":  {[]problem.Group{{Kind: problem.Spread, Limit: 2, Members: []int32{0, 1, 2}}}, []int32{0, 1, 0}, []int32{1, 2}},
		"two to spare, one part short": {[]problem.Group{{Kind: problem.Spread, Limit: 2, Members: []int32{0, 1, 2}}}, []int32{0, 0, 2}, nil},
		"a gang that lacks one":        {[]problem.Group{{Kind: problem.Gang, Members: []int32{0, 1, 2}}}, []int32{0, -1, 2}, []int32{0, 2}},
		"nobody to attend to": {
			[]problem.Group{{Kind: problem.Attend, Members: []int32{0, 1}, With: []int32{2}}}, []int32{0, 2, 3}, []int32{0},
		},
		"a spread that others need": {
			[]problem.Group{
				{Kind: problem.Spread, Limit: 2, Members: []int32{0, 1}}, {Kind: problem.Attend, Members: []int32{2}, With: []int32{1}},
			}, []int32{0, 1, 0}, []int32{0},
		},
		"a spread in a gang": {
			[]problem.Group{
				{Kind: problem.Spread, Limit: 2, Members: []int32{0, 1}}, {Kind: problem.Gang, Members: []int32{0, 1, 2}},
			}, []int32{0, 1, 3}, []int32{0, 1, 2},
		},
	} {
		p := twoByTwo(c.groups...)
		x := New(p, Options{Seed: 1, Tier: 1})
		x.empty()
		start := make([]int32, p.Items)
		copy(start, c.start)
		x.warm(start)
		assert.Zero(t, x.s.Broken, name)
		for i, pos := range start {
			if slices.Contains(c.leave, int32(i)) {
				pos = -1
			}
			assert.Equal(t, pos, x.s.Pos(int32(i)), "%s: item %d", name, i)
		}
	}
}

// Whatever a start is, what is left of it is valid, and everything is left where nothing is broken.
func TestAnyStartIsMended(t *testing.T) {
	broken, kept := 0, 0
	for seed := range uint64(500) {
		r := rng(seed)
		p := problemtest.Random(r, problemtest.Shape{Items: 14, Sites: 5, Use: seed%2 == 0, Load: seed%3 == 0})
		start := make([]int32, p.Items)
		for i := range start {
			start[i] = int32(r.IntN(len(p.Classes[p.Class[i]].Sites)+1)) - 1
		}
		all := problem.NewState(p)
		for i, pos := range start {
			if all.Fits(int32(i), pos) {
				all.Put(int32(i), pos)
			}
		}
		x := New(p, Options{Seed: seed, Tier: 1})
		x.empty()
		x.warm(start)
		checkState(t, x.s)
		if all.Broken == 0 {
			require.Equal(t, all.Site, x.s.Site, "seed %d", seed)
			continue
		}
		broken++
		if slices.ContainsFunc(x.s.Site, func(s int32) bool { return s >= 0 }) {
			kept++
		}
	}
	assert.Greater(t, broken, 100)
	assert.Greater(t, kept, broken*9/10)
}
