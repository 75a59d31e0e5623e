package placement

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestRelaxFindsTheCheapestCapacity: of many sites that all lack room, the ones told are those where prices and traffic
// together come to least, in that order.
func TestRelaxFindsTheCheapestCapacity(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := narrow(t, func(spec *topology.Spec, w *Workload, f *Flow) {
			w.Demand[topology.CPU], f.Rate, f.Bound = 6000, 100e6, 0
			home := spec.Sites[0]
			spec.Sites, spec.Links = nil, nil
			for k := range 8 {
				s := home
				s.ID = topology.SiteID(fmt.Sprintf("s%d", k))
				s.Prices = map[topology.Dimension]topology.MicroEUR{topology.CPU: topology.MicroEUR(10_000 + r.IntN(10_000))}
				s.Egress = topology.MicroEUR(r.IntN(3_000))
				spec.Sites = append(spec.Sites, s)
				spec.Links = append(spec.Links, topology.Link{A: "users", B: s.ID.Node(), Operator: "net", Jurisdictions: []topology.Jurisdiction{"DE"},
					Bandwidth: 1e9, RTT: topology.RTT{P50: 1000, P95: 1000, P99: 1000}})
			}
		})
		relief := relieved(t, p)
		var costs []topology.MicroEUR
		for s := range p.Continuum.Sites() {
			fixed, err := Fix{Kind: ByCapacity, Site: s.ID, Dimension: topology.CPU, Amount: 2000}.Apply(p)
			require.NoError(t, err)
			e, err := Evaluate(ctx, fixed, Assignment{"app/api": s.ID})
			require.NoError(t, err)
			costs = append(costs, running(e))
		}
		slices.Sort(costs)
		var told []topology.MicroEUR
		for _, way := range relief.Ways {
			told = append(told, way.Cost)
		}
		assert.Equal(t, costs[:mostAlike], told, "seed %d", seed)
	}
}
