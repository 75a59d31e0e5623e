package latency

import (
	"math/rand/v2"
	"testing"

	"github.com/domicile-eu/domicile/topology"
)

// benchmarkGraph is a random graph of 1,000 nodes and about 3,000 links, a sixth of them in trees.
func benchmarkGraph(b *testing.B) *Graph {
	spec := randomSpec(rand.New(rand.NewPCG(1, 1)), 1000, 3000)
	return build(b, spec, nil)
}

func BenchmarkNew(b *testing.B) {
	c, err := topology.New(randomSpec(rand.New(rand.NewPCG(1, 1)), 1000, 3000))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(c, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	g := benchmarkGraph(b)
	v := g.newView(Transit{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		g.newRow(v, int32(i%len(g.ids)))
	}
}

func BenchmarkLatency(b *testing.B) {
	g := benchmarkGraph(b)
	row := g.Row(g.ids[0], Transit{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		row.Latency(g.ids[i%len(g.ids)], P95)
	}
}

func BenchmarkLeg(b *testing.B) {
	g := benchmarkGraph(b)
	row := g.Row(g.ids[0], Transit{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		row.Leg(g.ids[i%len(g.ids)])
	}
}
