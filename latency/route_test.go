package latency

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// The parts of a budget sum to the percentile; the hop that varies gets what is above the means.
func TestBudget(t *testing.T) {
	g, route := chainOf(t, []string{"constant", "radio", "tower"})
	for _, p := range []Percentile{1, 100, P50, P95, P99, 999} {
		parts := g.Budget(route, p)
		require.Len(t, parts, 3)
		assert.Equal(t, g.Percentile(route, p), parts[0]+parts[1]+parts[2])
		assert.Equal(t, topology.Micros(5000), parts[0])
		assert.InDelta(t, 550, float64(parts[2]), 100)
	}
	g, route = chainOf(t, []string{"constant", "constant"})
	assert.Equal(t, []topology.Micros{5000, 5000}, g.Budget(route, P99))

	rng := rand.New(rand.NewPCG(12, 1))
	for range 20 {
		g := build(t, randomSpec(rng, 30, 60), nil)
		for _, to := range g.ids {
			route, ok := g.Route(g.ids[0], to, Transit{})
			if !ok {
				continue
			}
			sum := topology.Micros(0)
			for _, part := range g.Budget(route, P95) {
				sum += part
			}
			require.Equal(t, g.Percentile(route, P95), sum)
		}
	}
}

// "8 ms direct, 14 ms inside the EU": the detour that a data class takes.
func TestDetour(t *testing.T) {
	g := build(t, topology.Spec{
		Exchanges: nodes("munich DE", "zurich CH", "vienna AT", "milan IT"),
		Links: []topology.Link{
			link("munich", "zurich", constant(4000), "x", "CH", "DE"), link("zurich", "milan", constant(4000), "x", "CH", "IT"),
			link("munich", "vienna", constant(6000), "x", "AT", "DE"), link("vienna", "milan", constant(8000), "x", "AT", "IT"),
		},
	}, nil)
	direct, ok := g.Route("munich", "milan", Transit{})
	require.True(t, ok)
	assert.Equal(t, topology.Micros(8000), direct.Mean)
	assert.Equal(t, []topology.Jurisdiction{"CH", "DE", "IT"}, direct.Jurisdictions)

	eu := NewTransit(Permit{Jurisdictions: countries{"DE", "AT", "IT"}, AnyOperator: true})
	inside, ok := g.Route("munich", "milan", eu)
	require.True(t, ok)
	assert.Equal(t, topology.Micros(14_000), inside.Mean)
	assert.Equal(t, []topology.Jurisdiction{"AT", "DE", "IT"}, inside.Jurisdictions)
	hop, crosses := eu.Crosses(direct)
	assert.True(t, crosses)
	assert.Equal(t, topology.LinkID("munich--zurich"), hop.Link)
}

// Prices of a GB that no integer holds stay at the greatest.
func TestEgressSaturates(t *testing.T) {
	const most = topology.MicroEUR(1<<63 - 1)
	assert.Equal(t, most, addPrice(most, 1))
	assert.Equal(t, most, addPrice(most-1, 1))
	assert.Equal(t, topology.MicroEUR(3), addPrice(1, 2))
}
