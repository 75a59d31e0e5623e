package problemtest

import (
	"math/big"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// judgeUse values what the use of sites costs, and counts quotas and room during the move that are broken.
func judgeUse(p *problem.Problem, site []int32, o *Outcome) {
	use, arriving, atHome := make([]int64, p.Sites*p.Dims), make([]int64, p.Sites*p.Dims), make([]int64, p.Sites*p.Dims)
	for i, s := range site {
		for d, x := range p.Classes[p.Class[i]].Demand {
			home := int32(-1)
			if p.Home != nil {
				home = p.Home[i]
			}
			if s >= 0 {
				use[int(s)*p.Dims+d] += x
			}
			if s >= 0 && s != home {
				arriving[int(s)*p.Dims+d] += x
			}
			if home >= 0 {
				atHome[int(home)*p.Dims+d] += x
			}
		}
	}
	for k, x := range arriving {
		if p.Transient != nil && p.Transient[k%p.Dims] && x > 0 && x > max(0, p.Capacity[k]-atHome[k]) {
			o.Firm++
		}
	}
	for _, e := range p.Excess {
		for s := range p.Sites {
			o.Value[e.Tier] += share(use[s*p.Dims+e.Dim]-p.Safe[s*p.Dims+e.Dim], e.Weight, e.Per)
		}
	}
	for _, b := range p.Balance {
		for s := range p.Sites {
			free := func(d int) int64 { return p.Capacity[s*p.Dims+d] - use[s*p.Dims+d] }
			o.Value[b.Tier] += share(b.Ratio*free(b.Dim)-free(b.Against), b.Weight, b.Per)
		}
	}
	for _, q := range p.Quotas {
		taken := make([]int64, p.Domains[q.Domain].Parts)
		for i, s := range site {
			if s >= 0 {
				taken[p.Domains[q.Domain].Of[s]] += p.Classes[p.Class[i]].Demand[q.Dim]
			}
		}
		for _, x := range taken {
			o.Firm += max(0, x-q.Limit)
		}
	}
}

// judgeMoves values and counts what is placed elsewhere than at home.
func judgeMoves(p *problem.Problem, site []int32, o *Outcome) {
	inBatch, all, most := make([]int64, p.Batches), int64(0), int64(0)
	for i, s := range site {
		if p.Home == nil || s < 0 || p.Home[i] < 0 || p.Home[i] == s {
			continue
		}
		all++
		inBatch[p.Batch[i]]++
		most = max(most, inBatch[p.Batch[i]])
		for _, term := range p.Relocation {
			o.Value[term.Tier] += share(p.Relocate(p.Home[i])[s], term.Weight, 720)
		}
	}
	for _, term := range p.GroupMoves {
		o.Value[term.Tier] += share(most, term.Weight, 720)
	}
	if p.LimitMoves {
		o.Firm += max(0, all-p.MostMoved)
	}
}

func share(x, weight, per int64) int64 {
	if x <= 0 {
		return 0
	}
	return ceilDiv(new(big.Int).Mul(big.NewInt(x), big.NewInt(weight)), big.NewInt(per))
}
