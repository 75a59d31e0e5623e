package latency

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// allRoutes walks every way without circles, and puts them in the order that Routes promises. It shares nothing with the
// searches but the means of links.
func allRoutes(g *Graph, from, to topology.NodeID, t Transit, bandwidth int64) (out []Route) {
	type way struct {
		rank  []int // the mean, and from the end back the mean up to the node before, that node and the link
		route Route
	}
	var all []way
	passed := map[int32]bool{}
	var links []int32
	origin, goal := g.index[from], g.index[to]
	var walk func(at int32, rank []int)
	walk = func(at int32, rank []int) {
		switch {
		case at == goal:
			all = append(all, way{rank, g.spell(origin, slices.Clone(links))})
			return
		case at != origin && !t.AllowsJurisdiction(g.country[at]):
			return
		}
		passed[at] = true
		for link, l := range g.all() {
			if l.ends[0] != at && l.ends[1] != at || !t.Allows(l.Link) || l.Bandwidth < bandwidth {
				continue
			}
			if next := l.other(at); !passed[next] {
				links = append(links, link)
				walk(next, slices.Concat([]int{rank[0] + int(l.cumulants.mean), rank[0], int(at), int(link)}, rank[1:]))
				links = links[:len(links)-1]
			}
		}
		passed[at] = false
	}
	walk(origin, []int{0})
	slices.SortFunc(all, func(a, b way) int { return slices.Compare(a.rank, b.rank) })
	for _, w := range all {
		out = append(out, w.route)
	}
	return out
}

func TestRoutesAreAllInOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	ties, many := 0, 0
	for range 150 {
		n := 3 + rng.IntN(5)
		g := build(t, randomSpec(rng, n, 2*n+rng.IntN(n)), nil)
		for _, transit := range transits {
			from, to := g.ids[rng.IntN(n)], g.ids[rng.IntN(n)]
			if from == to {
				continue
			}
			bandwidth := int64(rng.IntN(3) * 25)
			want := allRoutes(g, from, to, transit, bandwidth)
			for _, k := range []int{1, 2, 3, 7, 10_000} {
				got := g.Routes(from, to, transit, k, &RouteOptions{Bandwidth: bandwidth})
				require.Equal(t, want[:min(k, len(want))], got[:len(got):len(got)], "%s to %s", from, to)
			}
			for i, r := range want {
				checkRoute(t, g, r, from, to)
				if many++; i > 0 && r.Mean == want[i-1].Mean {
					ties++
				}
			}
		}
	}
	assert.Greater(t, ties, 100)
	assert.Greater(t, many, 1000)
}

// The first of the alternatives is the route of the row, on graphs of every kind of part.
func TestFirstRouteIsTheRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 1))
	found := 0
	for range 60 {
		n := 2 + rng.IntN(60)
		g := build(t, randomSpec(rng, n, 2*n), nil)
		for _, transit := range transits {
			from, to := g.ids[rng.IntN(n)], g.ids[rng.IntN(n)]
			want, ok := g.Route(from, to, transit)
			got := g.Routes(from, to, transit, 5, nil)
			require.Equal(t, ok, len(got) > 0)
			if !ok {
				continue
			}
			found++
			require.Equal(t, want, got[0])
			require.Equal(t, got[:1], g.Routes(from, to, transit, 1, nil), "more only add")
			seen := map[string]bool{}
			for i, r := range got {
				checkRoute(t, g, r, from, to)
				_, crosses := transit.Crosses(r)
				require.False(t, crosses)
				require.True(t, i == 0 || got[i-1].Mean <= r.Mean)
				key := ""
				for _, h := range r.Hops {
					key += string(h.Link) + " "
				}
				require.False(t, seen[key], "twice")
				seen[key] = true
			}
		}
	}
	assert.Greater(t, found, 100)
}

func TestWidest(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 1))
	for range 150 {
		n := 2 + rng.IntN(6)
		spec := randomSpec(rng, n, 2*n)
		for i := range spec.Links {
			if rng.IntN(6) == 0 {
				spec.Links[i].Bandwidth = 0
			}
		}
		g := build(t, spec, nil)
		for _, transit := range transits {
			from, to := g.ids[rng.IntN(n)], g.ids[rng.IntN(n)]
			if from == to {
				continue
			}
			var want []Route
			for _, r := range allRoutes(g, from, to, transit, 0) {
				if len(want) == 0 || r.Bandwidth > want[0].Bandwidth {
					want = []Route{r}
				}
			}
			got, ok := g.Widest(from, to, transit)
			require.Equal(t, len(want) > 0, ok)
			if ok {
				require.Equal(t, want[0], got)
			}
		}
	}
	g := build(t, topology.Spec{Exchanges: nodes("a", "b")}, nil)
	_, ok := g.Widest("a", "b", Transit{})
	assert.False(t, ok)
	r, ok := g.Widest("a", "a", Transit{})
	assert.True(t, ok)
	assert.Equal(t, int64(math.MaxInt64), r.Bandwidth)
}

func TestDisjoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(34, 1))
	pairs, crossed := 0, 0
	for range 400 {
		n := 3 + rng.IntN(5)
		g := build(t, randomSpec(rng, n, n+rng.IntN(n+4)), nil)
		for _, transit := range transits {
			from, to := g.ids[rng.IntN(n)], g.ids[rng.IntN(n)]
			if from == to {
				continue
			}
			all := allRoutes(g, from, to, transit, 0)
			best := topology.Micros(math.MaxInt64)
			for i, a := range all {
				for _, b := range all[i+1:] {
					if !share(a, b) {
						best = min(best, a.Mean+b.Mean)
					}
				}
			}
			got, ok := g.Disjoint(from, to, transit)
			require.Equal(t, best < math.MaxInt64, ok)
			if !ok {
				continue
			}
			pairs++
			require.Equal(t, best, got[0].Mean+got[1].Mean)
			require.False(t, share(got[0], got[1]))
			require.LessOrEqual(t, got[0].Mean, got[1].Mean)
			for _, r := range got {
				checkRoute(t, g, r, from, to)
				require.Contains(t, all, r)
			}
			if got[0].Mean > all[0].Mean {
				crossed++ // the least way is in neither
			}
		}
	}
	assert.Greater(t, pairs, 200)
	assert.Greater(t, crossed, 2)
	g := build(t, twoWays(), nil)
	for _, ends := range [][2]topology.NodeID{{"a", "a"}, {"a", "nowhere"}, {"nowhere", "a"}} {
		_, ok := g.Disjoint(ends[0], ends[1], Transit{})
		assert.False(t, ok)
	}
}

func share(a, b Route) bool {
	return slices.ContainsFunc(a.Hops, func(h Hop) bool {
		return slices.ContainsFunc(b.Hops, func(i Hop) bool { return h.Link == i.Link })
	})
}

func TestRoutesOfNothing(t *testing.T) {
	g := build(t, twoWays(), nil)
	assert.Empty(t, g.Routes("a", "b", Transit{}, 0, nil))
	assert.Empty(t, g.Routes("a", "b", Transit{}, -1, nil))
	assert.Empty(t, g.Routes("a", "nowhere", Transit{}, 3, nil))
	assert.Empty(t, g.Routes("nowhere", "a", Transit{}, 3, nil))
	assert.Empty(t, g.Routes("a", "b", NewTransit(Permit{}), 3, nil))
	assert.Equal(t, []Route{{From: "a", To: "a", Bandwidth: math.MaxInt64}}, g.Routes("a", "a", Transit{}, 3, nil))
	assert.Len(t, g.Routes("a", "b", Transit{}, 9, nil), 2)
}

// Ways of more than 71 minutes are not found, as everywhere.
func TestRoutesThatTakeTooLong(t *testing.T) {
	spec := topology.Spec{Exchanges: nodes("a", "b", "c")}
	spec.Links = append(spec.Links, link("a", "b", constant(longest), "x"), link("b", "c", constant(longest), "x"))
	g := build(t, spec, nil)
	assert.Empty(t, g.Routes("a", "c", Transit{}, 2, nil))
	assert.Len(t, g.Routes("a", "b", Transit{}, 2, nil), 1)
}
