package bound_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// chained is applications of three items in a row, with flows between neighbours that only hold on one site or between
// sites beyond the first, which is the cheapest and has room for two.
func chained(t *testing.T, apps int) *problem.Problem {
	n := 3 * apps
	p := &problem.Problem{
		Items: n, Sites: 4, Dims: 1, Tiers: 2, Capacity: []int64{2, int64(apps), int64(apps), int64(apps)}, Unary: []int{1}, Near: []int32{0, 1, 2, 3},
		Leaving: make([]int64, 4), Sending: make([]int64, 4), Traffic: []problem.TrafficTerm{{Tier: 1, Factor: 1}},
		Pairs: []*problem.Pairs{problem.NewPairs(4, 0, func(from, to int32) (int32, int64) {
			if from == 0 || to == 0 {
				return problem.Unknown, 0
			}
			return 10, 0
		})},
	}
	c := problem.Class{Demand: []int64{1}, Sites: []int32{0, 1, 2, 3}, Cost: []int64{0, 5, 6, 7}, Complete: true}
	c.Index, c.Out[0] = problem.NewSet(4, c.Sites), 1
	p.Classes = []problem.Class{c}
	for i := range int32(n) {
		p.Class, p.Part, p.Component = append(p.Class, 0), append(p.Part, i), append(p.Component, i/3)
		if i%3 > 0 {
			p.Flows = append(p.Flows, problem.Flow{From: i - 1, To: i, Bound: 20, Rate: 1})
		}
	}
	require.NoError(t, p.Finish())
	return p
}

// A site that flows do not lead to is left to those who need nobody elsewhere.
func TestSettleStrandsNobody(t *testing.T) {
	for apps := 1; apps <= 5; apps++ {
		p := chained(t, apps)
		var value problem.Value
		at := bound.Settle(context.Background(), p, 1, &value, bound.Zero(p, 1))
		for i, pos := range at {
			require.GreaterOrEqual(t, pos, int32(0), "%d applications, item %d", apps, i)
		}
		require.Len(t, at, p.Items)
	}
}
