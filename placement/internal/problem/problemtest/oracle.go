package problemtest

import (
	"math/big"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Outcome is an assignment judged by plain recomputation.
type Outcome struct {
	Value problem.Value
	// Firm counts broken capacities, latency bounds, choices of paths, conflicts and groups that should be together; Loose how far the other
	// groups are from being kept.
	Firm, Loose int64
}

// Judge values an assignment of sites to items (-1: out).
func Judge(p *problem.Problem, site []int32) (o Outcome) {
	judgeItems(p, site, &o)
	for k := range p.Groups {
		judgeGroup(p, &p.Groups[k], site, &o)
	}
	for k := range p.Flows {
		judgeFlow(p, &p.Flows[k], site, &o)
	}
	for k := range p.Paths {
		judgePath(p, &p.Paths[k], site, &o)
	}
	judgeUse(p, site, &o)
	judgeMoves(p, site, &o)
	for k, limit := range p.Caps {
		o.Firm += max(0, o.Value[p.Tiers-p.Capped+k]-limit)
	}
	return o
}

func judgeItems(p *problem.Problem, site []int32, o *Outcome) {
	use := make([]int64, p.Sites*p.Dims)
	for i, s := range site {
		c := &p.Classes[p.Class[i]]
		if s < 0 {
			for t := range p.Tiers {
				o.Value[t] += c.Out[t]
			}
			continue
		}
		for k, own := range c.Sites {
			if own == s && c.Cost != nil {
				for j, t := range p.Unary {
					o.Value[t] += c.Cost[k*len(p.Unary)+j]
				}
			}
		}
		if p.MoveOf != nil && p.MoveOf[i] >= 0 {
			m := p.Moves[p.MoveOf[i]]
			for t := range p.Tiers {
				switch {
				case m.From == s:
				case p.Near[m.From] == p.Near[s]:
					o.Value[t] += m.Near[t]
				default:
					o.Value[t] += m.Far[t]
				}
			}
		}
		for d, x := range c.Demand {
			use[int(s)*p.Dims+d] += x
		}
	}
	for k, x := range use {
		capacity := p.Capacity[k]
		if x > capacity {
			o.Firm++
		}
		if capacity > 0 && 5*x > 4*capacity {
			thousandths := ceilDiv(new(big.Int).Mul(big.NewInt(5*x-4*capacity), big.NewInt(200)), big.NewInt(capacity))
			for t := range p.Tiers {
				o.Value[t] += thousandths * p.LoadWeight[t]
			}
		}
	}
}

func judgeGroup(p *problem.Problem, g *problem.Group, site []int32, o *Outcome) {
	part := func(i int32) int32 {
		if g.Kind == problem.Gang {
			return 0
		}
		return p.Domains[g.Domain].Of[site[i]]
	}
	members, with := map[int32]int64{}, map[int32]int64{}
	placed := int64(0)
	for _, i := range g.Members {
		if site[i] >= 0 {
			members[part(i)]++
			placed++
		}
	}
	for _, i := range g.With {
		if site[i] >= 0 {
			with[part(i)]++
		}
	}
	switch g.Kind {
	case problem.Spread:
		o.Loose += max(0, min(int64(g.Limit), placed)-int64(len(members)))
	case problem.Conflict:
		for _, n := range members {
			o.Firm += max(0, n-int64(g.Limit))
		}
	case problem.Together:
		o.Firm += int64(max(0, len(members)-1))
	case problem.Attend:
		for v, n := range members {
			if with[v] == 0 {
				o.Loose += n
			}
		}
	case problem.Gang:
		if placed > 0 {
			o.Loose += int64(len(g.Members)) - placed
		}
	}
}

func judgeFlow(p *problem.Problem, f *problem.Flow, site []int32, o *Outcome) {
	from, to := site[f.From], site[f.To]
	if from < 0 || to < 0 || from == to {
		return
	}
	latency, egress := p.Pairs[f.Pairs].Between(from, to)
	if latency > f.Bound {
		o.Firm++
	}
	for _, term := range p.Traffic {
		x := new(big.Int).Mul(big.NewInt(f.Rate), big.NewInt(term.Factor))
		o.Value[term.Tier] += ceilDiv(x.Mul(x, big.NewInt(egress)), big.NewInt(1_000_000_000))
	}
}

func ceilDiv(x, y *big.Int) int64 {
	return new(big.Int).Div(x.Add(x, y).Sub(x, big.NewInt(1)), y).Int64()
}

// Best returns the value of the best valid assignment, by looking at every one.
func Best(p *problem.Problem) problem.Value {
	site := make([]int32, p.Items)
	for i := range site {
		site[i] = -1
	}
	best := Judge(p, site).Value
	var walk func(i int)
	walk = func(i int) {
		if i == p.Items {
			if o := Judge(p, site); o.Firm+o.Loose == 0 && o.Value.Less(&best) {
				best = o.Value
			}
			return
		}
		for _, s := range append([]int32{-1}, p.Classes[p.Class[i]].Sites...) {
			site[i] = s
			walk(i + 1)
		}
		site[i] = -1
	}
	walk(0)
	return best
}
