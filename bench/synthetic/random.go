package synthetic

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/domicile-eu/domicile/topology"
)

// asOf is the date that all synthetic continua speak of.
var asOf = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Random returns a connected uniform random graph of exchanges: a random tree, then links between pairs drawn uniformly,
// none twice. Median round trips are uniform between 0.1 and 20 ms. The number of links is raised to nodes-1 and lowered
// to what distinct pairs allow.
func Random(nodes, links int, seed uint64) topology.Spec {
	rng := rand.New(rand.NewPCG(seed, 1))
	spec := topology.Spec{Name: fmt.Sprintf("random-%d-%d", nodes, links), AsOf: asOf}
	for i := range nodes {
		spec.Exchanges = append(spec.Exchanges, topology.Exchange{ID: randomID(i), Country: "DE"})
	}
	seen := map[[2]int]bool{}
	add := func(a, b int) {
		pair := [2]int{min(a, b), max(a, b)}
		if a == b || seen[pair] {
			return
		}
		seen[pair] = true
		p50 := topology.Micros(100 + rng.IntN(19_901))
		spec.Links = append(spec.Links, topology.Link{
			ID: topology.LinkID(fmt.Sprintf("l%08d", len(spec.Links))), A: randomID(a), B: randomID(b),
			Operator: "random", Jurisdictions: []topology.Jurisdiction{"DE"}, RTT: spread(p50), Bandwidth: 10e9,
		})
	}
	for i := 1; i < nodes; i++ {
		add(i, rng.IntN(i))
	}
	for len(spec.Links) < min(links, nodes*(nodes-1)/2) {
		add(rng.IntN(nodes), rng.IntN(nodes))
	}
	return spec
}

func randomID(i int) topology.NodeID { return topology.NodeID(fmt.Sprintf("n%08d", i)) }

// spread adds the tail of a wired link to a median: an assumption, about that of fibre between European cities.
func spread(p50 topology.Micros) topology.RTT {
	p95 := p50 + p50/8 + 50
	return topology.RTT{P50: p50, P95: p95, P99: p95 + (p95-p50)*6/5}
}
