package problemtest

import (
	"math/rand/v2"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// addParts gathers the items of each component in parts, with flows of one rate between all items of two parts instead of
// those that were there, and says what sending from each site at least costs.
func addParts(r *rand.Rand, p *problem.Problem) {
	p.Flows = nil
	members := make([][]int32, 0, p.Items)
	for i := range p.Items {
		k := len(members) - 1
		if i == 0 || p.Component[i] != p.Component[i-1] || r.IntN(2) == 0 {
			members, k = append(members, nil), k+1
		}
		if len(members[k]) > 0 && r.IntN(3) > 0 {
			p.Class[i] = p.Class[i-1]
		}
		members[k] = append(members[k], int32(i))
		p.Part = append(p.Part, int32(k))
	}
	for range len(members) * 2 {
		from, to := members[r.IntN(len(members))], members[r.IntN(len(members))]
		if p.Component[from[0]] != p.Component[to[0]] {
			continue
		}
		rate, bound := r.Int64N(1000), int32(40+r.IntN(100))
		for _, a := range from {
			for _, b := range to {
				if a != b {
					p.Flows = append(p.Flows, problem.Flow{From: a, To: b, Bound: bound, Rate: rate})
				}
			}
		}
	}
	for a := range p.Sites {
		leaving, sending := int64(100_000), int64(100_000)
		for b := range p.Sites {
			if _, egress := p.Pairs[0].Between(int32(a), int32(b)); a != b {
				leaving = min(leaving, egress)
				if p.Near[a] != p.Near[b] {
					sending = min(sending, egress)
				}
			}
		}
		p.Leaving, p.Sending = append(p.Leaving, leaving), append(p.Sending, sending)
	}
}
