package bound_test

import (
	"math/big"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// joined returns the items of each tree of parts.
func joined(p *problem.Problem, tier int) [][]int32 {
	priced := false
	for _, term := range p.Traffic {
		priced = priced || term.Tier <= tier
	}
	if !priced {
		return nil
	}
	tree := make(map[int32]int) // by part
	trees := 0
	for _, f := range p.Flows {
		a, b := p.Part[f.From], p.Part[f.To]
		if a == b || f.Rate == 0 {
			continue
		}
		x, y := tree[a], tree[b]
		if x == 0 && y == 0 {
			trees++
			x = trees
		}
		to := max(x, y)
		for part, k := range tree {
			if k != 0 && (k == x || k == y) {
				tree[part] = to
			}
		}
		tree[a], tree[b] = to, to
	}
	out := make([][]int32, trees+1)
	for i, part := range p.Part {
		if k := tree[part]; k != 0 {
			out[k] = append(out[k], int32(i))
		}
	}
	var some [][]int32
	for _, items := range out {
		if len(items) > 0 {
			some = append(some, items)
		}
	}
	return some
}

// plainTree tries every choice of a site for each part of a tree.
func plainTree(p *problem.Problem, tier int, y *bound.Prices, items []int32, at func(i, pos int) *big.Rat) *big.Rat {
	parts := make(map[int32][]int32)
	var order []int32
	for _, i := range items {
		if parts[p.Part[i]] == nil {
			order = append(order, p.Part[i])
		}
		parts[p.Part[i]] = append(parts[p.Part[i]], i)
	}
	// own is what a part costs on a site (-1: out), at the cheapest of its items; nil: it cannot be there.
	own := func(part, site int32) (least *big.Rat) {
		for _, i := range parts[part] {
			pos := slices.Index(p.Classes[p.Class[i]].Sites, site)
			if site >= 0 && pos < 0 {
				continue
			}
			if x := at(int(i), pos); least == nil || x.Cmp(least) < 0 {
				least = x
			}
		}
		if least != nil {
			least.Mul(least, new(big.Rat).SetInt64(int64(len(parts[part]))))
		}
		return least
	}
	edges := firstEdges(p)
	var best *big.Rat
	site := make(map[int32]int32)
	var walk func(k int, sum *big.Rat)
	walk = func(k int, sum *big.Rat) {
		if k == len(order) {
			total := new(big.Rat).Add(sum, plainFlows(p, tier, y, edges, site))
			if best == nil || total.Cmp(best) < 0 {
				best = total
			}
			return
		}
		for s := int32(-1); s < int32(p.Sites); s++ {
			if x := own(order[k], s); x != nil {
				site[order[k]] = s
				walk(k+1, new(big.Rat).Add(sum, x))
			}
		}
		delete(site, order[k])
	}
	walk(0, new(big.Rat))
	each, differ := new(big.Rat), false
	for _, i := range items {
		first := parts[p.Part[i]][0]
		differ = differ || p.Class[i] != p.Class[first] || p.MoveOf[i] != p.MoveOf[first]
		each.Add(each, plainLeast(p, int(i), at))
	}
	if differ && each.Cmp(best) > 0 {
		return each
	}
	return best
}

// firstEdges returns the pairs of parts whose flows count: those that close no cycle with earlier ones.
func firstEdges(p *problem.Problem) map[[2]int32]bool {
	edges := make(map[[2]int32]bool)
	joins := func(a, b int32) bool { // whether there is a way
		seen := map[int32]bool{a: true}
		for again := true; again; {
			again = false
			for e := range edges {
				if seen[e[0]] != seen[e[1]] {
					seen[e[0]], seen[e[1]], again = true, true, true
				}
			}
		}
		return seen[b]
	}
	for _, f := range p.Flows {
		a, b := p.Part[f.From], p.Part[f.To]
		if a != b && f.Rate > 0 && !joins(a, b) {
			edges[[2]int32{min(a, b), max(a, b)}] = true
		}
	}
	return edges
}

// plainFlows returns what the flows between placed parts at least cost.
func plainFlows(p *problem.Problem, tier int, y *bound.Prices, edges map[[2]int32]bool, site map[int32]int32) *big.Rat {
	sum := new(big.Rat)
	for _, f := range p.Flows {
		a, b := p.Part[f.From], p.Part[f.To]
		from, in := site[a]
		to, too := site[b]
		if !in || !too || !edges[[2]int32{min(a, b), max(a, b)}] || from < 0 || to < 0 || from == to {
			continue
		}
		egress := p.Sending[from]
		if p.Near[from] == p.Near[to] {
			egress = p.Leaving[from]
		}
		for _, term := range p.Traffic {
			if term.Tier > tier {
				continue
			}
			x := new(big.Int).Mul(big.NewInt(f.Rate), big.NewInt(term.Factor))
			x.Mul(x, big.NewInt(egress))
			x.Add(x, big.NewInt(999_999_999)).Div(x, big.NewInt(1_000_000_000))
			part := new(big.Rat).SetInt(x)
			if term.Tier < tier {
				part.Mul(part, big.NewRat(y.Earlier[term.Tier], 1<<bound.EarlierBits))
			}
			sum.Add(sum, part)
		}
	}
	return sum
}
