package latency

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// chains are routes with how far, in percent, a percentile may be from that of 10^6 simulated round trips. The first
// block is what continua are made of: 5G radio and fibre. The second is measured radio that no log-normal describes, and
// pairs of such links, for which the doc promises less.
var chains = []struct {
	hops string
	most float64
}{
	{"radio tower", 1},
	{"radio tower metro", 1},
	{"radio tower metro national", 1},
	{"radio tower metro national far", 1},
	{"radio tower metro national far metro tower radio", 1},
	{"lognormal tower metro national", 1},
	{"radio overland", 1},
	{"tower metro national", 1},
	{"national far national far", 1},
	{"mmwave tower metro national", 1},
	{"radio constant", 1},

	{"tower tower tower tower", 3},
	{"cmwave tower metro national", 4},
	{"mmwave mmwave", 4},
	{"oran-near tower metro national", 3},
	{"oran-far tower metro national", 3},
	{"oran-near radio", 10},
}

func TestPercentileAgainstSimulation(t *testing.T) {
	for _, chain := range chains {
		draws := 1_000_000
		if testing.Short() || raceEnabled || chain.most > 1 {
			draws = 200_000
		}
		g, route := chainOf(t, strings.Fields(chain.hops))
		rng := rand.New(rand.NewPCG(7, 1))
		sums := make([]float64, draws)
		for _, h := range route.Hops {
			i, ok := g.findLink(h.Link)
			require.True(t, ok)
			for j := range sums {
				sums[j] += g.lines[i].shape.at(min(max(rng.NormFloat64(), -end), end))
			}
		}
		slices.Sort(sums)
		for _, p := range []Percentile{P50, P95, P99} {
			want := sums[draws*int(p)/1000]
			off := 100 * (float64(g.Percentile(route, p))/want - 1)
			t.Logf("%-50s %v %8.0f us %+.2f %%", chain.hops, p, want, off)
			assert.LessOrEqual(t, math.Abs(off), chain.most, "%s at %v", chain.hops, p)
		}
	}
}

// chainOf lays hops end to end.
func chainOf(t *testing.T, names []string) (*Graph, Route) {
	t.Helper()
	spec := topology.Spec{Exchanges: []topology.Exchange{{ID: node(0), Country: "DE"}}}
	for i, name := range names {
		rtt, ok := hops[name]
		require.True(t, ok, name)
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: node(i + 1), Country: "DE"})
		spec.Links = append(spec.Links, link(string(node(i)), string(node(i+1)), rtt, "x", "DE"))
	}
	g := build(t, spec, nil)
	route, ok := g.Route(node(0), node(len(names)), Transit{})
	require.True(t, ok)
	return g, route
}

// A route of one hop has exactly the percentiles that the link states.
func TestOneHopIsExact(t *testing.T) {
	for name, rtt := range hops {
		g, route := chainOf(t, []string{name})
		row := g.Row(route.From, Transit{})
		for p, want := range map[Percentile]topology.Micros{P50: rtt.P50, P95: rtt.P95, P99: rtt.P99} {
			assert.Equal(t, want, g.Percentile(route, p), "%s %v", name, p)
			got, ok := row.Latency(route.To, p)
			assert.True(t, ok)
			assert.Equal(t, want, got, "%s %v", name, p)
		}
	}
}

// What varies by itself is added to what does not, to the microsecond.
func TestConstantHopsAdd(t *testing.T) {
	g, route := chainOf(t, []string{"radio", "constant", "constant"})
	assert.Equal(t, hops["radio"].P95+10_000, g.Percentile(route, P95))
	g, route = chainOf(t, []string{"constant", "constant"})
	assert.Equal(t, topology.Micros(10_000), g.Percentile(route, P99))
}

// A greater percentile is no shorter, for any pair of hops, from the median on. (The correction for the widest hop may turn
// the curve further down, which no bound asks for.)
func TestPercentilesRise(t *testing.T) {
	for a, x := range hops {
		for b, y := range hops {
			if x.P99+y.P99 > longest {
				continue // no route
			}
			g, route := chainOf(t, []string{a, b})
			for before, p := topology.Micros(0), P50; p < 1000; p++ {
				q := g.Percentile(route, p)
				if q < before {
					t.Errorf("%s %s: %v is %d, the percentile before %d", a, b, p, q, before)
					break
				}
				before = q
			}
		}
	}
}
