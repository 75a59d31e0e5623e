package latency

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

func TestDetourNamesWhatIsRefused(t *testing.T) {
	g := build(t, topology.Spec{
		Exchanges: nodes("munich DE", "zurich CH", "vienna AT", "milan IT", "nowhere"),
		Links: []topology.Link{
			link("munich", "zurich", constant(4000), "x", "CH", "DE"), link("zurich", "milan", constant(4000), "shady", "CH", "IT"),
			link("munich", "vienna", constant(6000), "x", "AT", "DE"), link("vienna", "milan", constant(8000), "x", "AT", "IT"),
			link("milan", "nowhere", constant(1000), ""), link("nowhere", "vienna", constant(1000), "x", "AT", "CH"),
		},
	}, nil)
	eu := NewTransit(Permit{Jurisdictions: countries{"AT", "DE", "IT"}, Operators: []string{"x"}})
	d, ok := g.Detour("munich", "milan", eu)
	require.True(t, ok)
	assert.Equal(t, topology.Micros(8000), d.Direct.Mean)
	assert.Equal(t, topology.Micros(14_000), d.Permitted.Mean)
	assert.Equal(t, topology.Micros(6000), d.Extra())
	assert.Equal(t, []Crossing{
		{Hop: d.Direct.Hops[0], Jurisdictions: countries{"CH"}}, // of the link and of Zurich, once
		{Hop: d.Direct.Hops[1], Jurisdictions: countries{"CH"}, Operator: true},
	}, d.Crossings)

	d, ok = g.Detour("milan", "vienna", eu)
	require.True(t, ok)
	assert.Equal(t, []Crossing{
		{Hop: d.Direct.Hops[0], Jurisdictions: countries{""}, Operator: true}, // nobody says anything of it
		{Hop: d.Direct.Hops[1], Jurisdictions: countries{"CH"}},
	}, d.Crossings)

	d, ok = g.Detour("munich", "milan", NewTransit(Permit{}))
	require.True(t, ok)
	assert.Nil(t, d.Permitted)
	assert.Equal(t, topology.Micros(math.MaxInt64), d.Extra(), "meets no bound")
	_, ok = g.Detour("munich", "oslo", eu)
	assert.False(t, ok)
}

// A detour is never a short cut; there is none where nothing is crossed; and its crossings are those that Crosses tells.
func TestDetourProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 1))
	detours, blocked, free := 0, 0, 0
	for range 60 {
		n := 2 + rng.IntN(30)
		g := build(t, randomSpec(rng, n, 2*n), nil)
		for _, transit := range transits {
			from, to := g.ids[rng.IntN(n)], g.ids[rng.IntN(n)]
			d, ok := g.Detour(from, to, transit)
			direct, reached := g.Route(from, to, Transit{})
			require.Equal(t, reached, ok)
			if !ok {
				continue
			}
			require.Equal(t, direct, d.Direct)
			hop, crosses := transit.Crosses(direct)
			require.Equal(t, crosses, len(d.Crossings) > 0)
			require.GreaterOrEqual(t, d.Extra(), topology.Micros(0))
			switch {
			case !crosses:
				free++
				require.Equal(t, direct, *d.Permitted)
			case d.Permitted == nil:
				blocked++
			default:
				detours++
				require.Empty(t, transit.Crossings(*d.Permitted))
			}
			if crosses {
				require.Equal(t, hop, d.Crossings[0].Hop)
			}
			for _, c := range d.Crossings {
				for _, j := range c.Jurisdictions {
					require.False(t, transit.AllowsJurisdiction(j))
				}
				require.Equal(t, c.Operator, !transit.AllowsOperator(c.Hop.Operator))
			}
		}
	}
	assert.Greater(t, min(detours, blocked, free), 20)
}
