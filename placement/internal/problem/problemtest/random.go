// Package problemtest makes random compiled problems and values assignments of them by plain recomputation, so that
// tests have something to compare with that shares no code with package problem.
package problemtest

import (
	"math/rand/v2"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Shape says how a random problem should look.
type Shape struct {
	Items, Sites int
	Plain        bool // unary costs and capacity only
	Use          bool // with terms that price the use of sites, and moves that are priced and limited
	Load         bool // with the term that prices load
	Parts        bool // with flows between all items of parts, and what bounds need to know of them; not with Plain
}

// Random returns a random problem with everything that a problem can hold. It is finished.
func Random(r *rand.Rand, shape Shape) *problem.Problem {
	p := &problem.Problem{Items: shape.Items, Sites: shape.Sites, Dims: 1 + r.IntN(3), Tiers: 3, Unary: []int{1, 2}}
	for range p.Sites * p.Dims {
		capacity := r.Int64N(14)
		if r.IntN(12) == 0 {
			capacity = 0
		}
		p.Capacity = append(p.Capacity, capacity)
	}
	addClasses(r, p)
	for i := range p.Items {
		p.Class = append(p.Class, int32(r.IntN(len(p.Classes))))
		p.Component = append(p.Component, int32(i*2/max(1, p.Items)))
	}
	if !shape.Plain {
		addMoves(r, p)
		addGroups(r, p)
		addFlows(r, p)
		addPaths(r, p)
	}
	if shape.Parts && !shape.Plain {
		addParts(r, p)
	}
	if shape.Use {
		addHomes(r, p)
		addUse(r, p)
		addBudgets(r, p)
	}
	if shape.Load {
		p.LoadWeight[1+r.IntN(2)] = r.Int64N(4)
	}
	if err := p.Finish(); err != nil {
		panic(err)
	}
	return p
}

func addClasses(r *rand.Rand, p *problem.Problem) {
	density := 0.4 + r.Float64()*0.6
	for range max(1, p.Items*2/3) {
		c := problem.Class{Complete: true, Demand: make([]int64, p.Dims)}
		for d := range c.Demand {
			c.Demand[d] = r.Int64N(5)
		}
		for s := range p.Sites {
			if r.Float64() < density && fits(p, &c, s) {
				c.Sites = append(c.Sites, int32(s))
				c.Cost = append(c.Cost, r.Int64N(40)-5, r.Int64N(9))
			}
		}
		if r.IntN(6) == 0 {
			c.Cost = nil
		}
		c.Index = problem.NewSet(p.Sites, c.Sites)
		c.Out[0] = 1 + r.Int64N(4)
		if r.IntN(5) == 0 {
			c.Out[1] = r.Int64N(9)
		}
		p.Classes = append(p.Classes, c)
	}
}

func fits(p *problem.Problem, c *problem.Class, site int) bool {
	for d, x := range c.Demand {
		if x > p.Capacity[site*p.Dims+d] {
			return false
		}
	}
	return true
}

func addMoves(r *rand.Rand, p *problem.Problem) {
	p.Near = partition(r, p.Sites, 3).Of
	for range p.Items {
		p.MoveOf = append(p.MoveOf, int32(len(p.Moves)))
		if p.Sites == 0 || r.IntN(2) == 0 {
			p.MoveOf[len(p.MoveOf)-1] = -1
			continue
		}
		m := problem.Move{From: int32(r.IntN(p.Sites))}
		m.Near[1] = r.Int64N(5)
		m.Far[1] = m.Near[1] + r.Int64N(9)
		p.Moves = append(p.Moves, m)
	}
}

// addHomes lets some items run somewhere, with the terms that look at that, and marks transient dimensions.
func addHomes(r *rand.Rand, p *problem.Problem) {
	p.Batches = 1 + r.IntN(3)
	for i := range p.Items {
		home := int32(-1)
		if p.MoveOf != nil && p.MoveOf[i] >= 0 {
			home = p.Moves[p.MoveOf[i]].From
		}
		p.Home = append(p.Home, home)
		p.Batch = append(p.Batch, int32(r.IntN(p.Batches)))
	}
	for range p.Dims {
		p.Transient = append(p.Transient, r.IntN(3) == 0)
	}
	price := make([][]int64, p.Sites)
	for a := range price {
		for b := range p.Sites {
			price[a] = append(price[a], r.Int64N(6)*int64(min(1, max(a-b, b-a))))
		}
	}
	p.Relocate = func(from int32) []int64 { return price[from] }
	p.Relocation = []problem.WeightedTerm{{Tier: 1, Weight: 720 * r.Int64N(3)}, {Tier: 2, Weight: r.Int64N(2000)}}
	p.GroupMoves = []problem.WeightedTerm{{Tier: 1, Weight: r.Int64N(5000)}}
}

func addUse(r *rand.Rand, p *problem.Problem) {
	for _, c := range p.Capacity {
		p.Safe = append(p.Safe, r.Int64N(c+1))
	}
	per := func() int64 { return []int64{1, 1, 1, 7}[r.IntN(4)] }
	for d := range p.Dims {
		p.Excess = append(p.Excess, problem.ExcessTerm{Tier: 1 + r.IntN(2), Dim: d, Weight: r.Int64N(5), Per: per()})
	}
	if p.Dims > 1 {
		p.Balance = []problem.BalanceTerm{{Tier: 1, Dim: 0, Against: 1, Ratio: r.Int64N(4), Weight: r.Int64N(5), Per: per()}}
	}
}

// addBudgets adds a quota, a limit of moves and a cap on a tier of its own.
func addBudgets(r *rand.Rand, p *problem.Problem) {
	if r.IntN(2) == 0 {
		p.Domains = append(p.Domains, partition(r, p.Sites, 2))
		p.Quotas = []problem.Quota{{Domain: int32(len(p.Domains) - 1), Dim: r.IntN(p.Dims), Limit: r.Int64N(16)}}
	}
	p.LimitMoves, p.MostMoved = r.IntN(2) == 0, r.Int64N(4)
	if r.IntN(2) == 0 {
		return
	}
	p.Tiers, p.Capped, p.Caps = 4, 1, []int64{r.Int64N(60)}
	p.Unary = append(p.Unary, 3)
	for k := range p.Classes {
		c := &p.Classes[k]
		var cost []int64
		for n := 0; n < len(c.Cost); n += 2 {
			cost = append(cost, c.Cost[n], c.Cost[n+1], r.Int64N(30))
		}
		c.Cost = cost
	}
}

func partition(r *rand.Rand, sites, parts int) problem.Domain {
	d := problem.Domain{Parts: parts}
	for range sites {
		d.Of = append(d.Of, int32(r.IntN(parts)))
	}
	return d
}

// addGroups adds groups within components; items of the two components share none.
func addGroups(r *rand.Rand, p *problem.Problem) {
	each := problem.Domain{Parts: 100 * p.Sites} // so many parts that members are counted by looking at them
	for s := range p.Sites {
		each.Of = append(each.Of, int32(s*100))
	}
	p.Domains = []problem.Domain{partition(r, p.Sites, 2), partition(r, p.Sites, 3), each}
	for range r.IntN(4) {
		own := some(r, within(p, int32(r.IntN(2))))
		if len(own) == 0 {
			continue
		}
		g := problem.Group{
			Kind: problem.GroupKind(r.IntN(5)), Domain: int32(r.IntN(len(p.Domains))), Limit: int32(1 + r.IntN(3)), Members: own,
		}
		if g.Kind == problem.Attend {
			if len(own) < 2 {
				continue
			}
			cut := 1 + r.IntN(len(own)-1)
			g.Members, g.With = own[:cut], own[cut:]
		}
		p.Groups = append(p.Groups, g)
	}
}

func within(p *problem.Problem, component int32) (items []int32) {
	for i, c := range p.Component {
		if c == component {
			items = append(items, int32(i))
		}
	}
	return items
}

func some(r *rand.Rand, from []int32) []int32 {
	r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	return from[:min(len(from), 1+r.IntN(4))]
}

func addFlows(r *rand.Rand, p *problem.Problem) {
	latency, egress := matrices(r, p.Sites)
	p.Pairs = []*problem.Pairs{problem.NewPairs(p.Sites, 3_000_000_000, func(from, to int32) (int32, int64) {
		return latency[from][to], egress[from][to]
	})}
	p.Traffic = []problem.TrafficTerm{{Tier: 1, Factor: 450}, {Tier: 2, Factor: 1 + r.Int64N(2000)}}
	if r.IntN(4) == 0 {
		p.Traffic[1].Factor = 1 << 40 // needs 128 bits on the way
	}
	for range r.IntN(p.Items + 1) {
		own := some(r, within(p, int32(r.IntN(2))))
		if len(own) < 2 {
			continue
		}
		p.Flows = append(p.Flows, problem.Flow{From: own[0], To: own[1], Bound: int32(20 + r.IntN(100)), Rate: r.Int64N(1000)})
	}
}

// addPaths adds paths within components, of two to four stages with one to three items each.
func addPaths(r *rand.Rand, p *problem.Problem) {
	var ways []*problem.Ways
	for range 2 {
		ways = append(ways, randomWays(r, p.Sites, p.Sites))
	}
	for range r.IntN(4) {
		items := within(p, int32(r.IntN(2)))
		r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		path := problem.Path{Bound: int64(20 + r.IntN(250)), Percentile: latency.Percentile(1 + r.IntN(999))}
		for range 2 + r.IntN(3) {
			n := min(len(items), 1+r.IntN(3))
			if n == 0 {
				break
			}
			var into []*problem.Ways
			for range n {
				into = append(into, ways[r.IntN(2)])
			}
			path.Stages, path.Into = append(path.Stages, items[:n]), append(path.Into, into)
			items = items[n:]
		}
		if len(path.Stages) == 0 {
			continue
		}
		path.Into[0] = nil
		if r.IntN(2) == 0 {
			entry := randomWays(r, 1, p.Sites)
			for range path.Stages[0] {
				path.Into[0] = append(path.Into[0], entry)
			}
		}
		p.Paths = append(p.Paths, path)
	}
}

func randomWays(r *rand.Rand, origins, sites int) *problem.Ways {
	tails := make([][]latency.Tail, origins)
	for a := range tails {
		for range sites {
			t := latency.Tail{Mean: r.Int64N(80), Variance: float64(r.IntN(300)), Third: float64(r.IntN(4000) - 1000)}
			t.Widest, t.Off = t.Variance*r.Float64(), r.Float64()*6-3
			tails[a] = append(tails[a], t)
		}
	}
	return problem.NewWays(origins, sites, func(from, to int32) (latency.Tail, bool) {
		t := tails[from][to]
		return t, t.Mean%11 > 0
	})
}

func matrices(r *rand.Rand, n int) (latency [][]int32, egress [][]int64) {
	for a := range n {
		latency, egress = append(latency, make([]int32, n)), append(egress, make([]int64, n))
		for b := range n {
			if a == b {
				continue
			}
			latency[a][b], egress[a][b] = int32(r.IntN(120)), r.Int64N(100_000)
			if r.IntN(10) == 0 {
				latency[a][b] = problem.Unknown
			}
		}
	}
	return latency, egress
}
