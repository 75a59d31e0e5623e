package latency

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// longest is the longest round trip that a link or observation may have.
const longest topology.Micros = 60 * 60 * 1_000_000

// ms makes a round trip of three percentiles in milliseconds.
func ms(p50, p95, p99 float64) topology.RTT {
	us := func(x float64) topology.Micros { return topology.Micros(x*1000 + 0.5) }
	return topology.RTT{P50: us(p50), P95: us(p95), P99: us(p99)}
}

// constant makes a round trip that never varies.
func constant(us topology.Micros) topology.RTT { return topology.RTT{P50: us, P95: us, P99: us} }

// nodes makes exchanges; "x DE" is x in Germany.
func nodes(list ...string) (out []topology.Exchange) {
	for _, s := range list {
		id, country, _ := strings.Cut(s, " ")
		out = append(out, topology.Exchange{ID: topology.NodeID(id), Country: topology.Jurisdiction(country)})
	}
	return out
}

// link makes a link "a--b" of one operator through the countries listed.
func link(a, b string, rtt topology.RTT, operator string, countries ...topology.Jurisdiction) topology.Link {
	return topology.Link{
		A: topology.NodeID(a), B: topology.NodeID(b), RTT: rtt,
		Operator: operator, Jurisdictions: countries, Bandwidth: 1e9, Egress: 10,
	}
}

func build(t testing.TB, spec topology.Spec, opts *Options) *Graph {
	t.Helper()
	if spec.AsOf.IsZero() {
		spec.AsOf = day
	}
	c, err := topology.New(spec)
	require.NoError(t, err)
	g, err := New(c, opts)
	require.NoError(t, err)
	return g
}

// randomSpec makes a graph of every kind of part: meshes, trees that hang on them, islands, parallel links, unknown
// operators and countries. Round trips are small integers, so that many ways are equally long.
func randomSpec(rng *rand.Rand, n, m int) topology.Spec {
	countries := []topology.Jurisdiction{"DE", "FR", "CH", ""}
	operators := []string{"red", "blue", ""}
	var spec topology.Spec
	for i := range n {
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: node(i), Country: countries[rng.IntN(len(countries))]})
	}
	for i := range m {
		a := rng.IntN(n)
		b := rng.IntN(n)
		if i < n/2 { // trees
			a, b = i+n/2, rng.IntN(i+n/2)
		}
		if a == b {
			continue
		}
		p50 := topology.Micros(1 + rng.IntN(20))
		l := topology.Link{
			ID: topology.LinkID(fmt.Sprintf("l%03d", i)), A: node(a), B: node(b), Operator: operators[rng.IntN(len(operators))],
			RTT:       topology.RTT{P50: p50, P95: p50 + topology.Micros(rng.IntN(20)), P99: p50 + topology.Micros(20+rng.IntN(60))},
			Bandwidth: int64(1 + rng.IntN(100)), Egress: topology.MicroEUR(rng.IntN(100)),
		}
		stated := rng.IntN(5) > 0
		for _, j := range countries[:3] {
			atEnd := j == spec.Exchanges[a].Country || j == spec.Exchanges[b].Country
			if stated && (atEnd || rng.IntN(5) == 0) {
				l.Jurisdictions = append(l.Jurisdictions, j)
			}
		}
		spec.Links = append(spec.Links, l)
	}
	return spec
}

func node(i int) topology.NodeID { return topology.NodeID(fmt.Sprintf("n%03d", i)) }

// transits are a few of each kind.
var transits = []Transit{
	{},
	NewTransit(Permit{}),
	NewTransit(Permit{AnyOperator: true}),
	NewTransit(Permit{Jurisdictions: []topology.Jurisdiction{"DE"}, AnyOperator: true}),
	NewTransit(Permit{Jurisdictions: []topology.Jurisdiction{"DE", "FR"}, AnyOperator: true}),
	NewTransit(Permit{Jurisdictions: []topology.Jurisdiction{"DE", "FR", "CH"}, Operators: []string{"red"}}),
	NewTransit(Permit{Jurisdictions: []topology.Jurisdiction{"DE", "FR", "CH"}, Operators: []string{"red", "blue"}}),
}
