package latency

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// Prices of many targets at once are those of one leg each.
func TestEgressIsThatOfLegs(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 1))
	shared, unreached, observed := 0, 0, 0
	for range 40 {
		n := 2 + rng.IntN(30)
		a, b := node(rng.IntN(n)), node(rng.IntN(n))
		var opts Options
		if a != b {
			opts.Observations = []Observation{{A: a, B: b, RTT: ms(1, 2, 3)}}
		}
		g := build(t, randomSpec(rng, n, n+rng.IntN(n)), &opts)
		ids := append([]topology.NodeID{"nowhere"}, g.ids...)
		rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		targets := g.Targets(ids)
		for _, transit := range transits {
			for _, id := range ids {
				row := g.Row(id, transit)
				if row.base != nil {
					shared++
				}
				got := row.Egress(targets, nil)
				require.Len(t, got, len(ids))
				for k, to := range ids {
					leg, ok := row.Leg(to)
					if !ok {
						leg.Egress = -1
						unreached++
					}
					if leg.Observed {
						observed++
					}
					require.Equal(t, leg.Egress, got[k], "%s to %s", id, to)
				}
			}
		}
	}
	assert.Greater(t, min(shared, unreached, observed), 30)
}

func TestEgressOfAnotherGraph(t *testing.T) {
	g := build(t, topology.Spec{Exchanges: nodes("a")}, nil)
	other := build(t, topology.Spec{Exchanges: nodes("a")}, nil)
	assert.PanicsWithValue(t, "latency: targets of another graph", func() { g.Row("a", Transit{}).Egress(other.Targets(nil), nil) })
}
