package topology_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// large makes a continuum of n sites, nine access points at each, and a link for each node.
func large(n int) topology.Spec {
	m := random(1)
	var spec topology.Spec
	spec.AsOf = one().AsOf
	var above topology.ProviderID
	for i := range 100 {
		p := topology.Provider{ID: topology.ProviderID(fmt.Sprintf("p%d", i)), Country: "DE"}
		if above != "" {
			p.Owners = []topology.Stake{{Owner: above, Share: 6_000}}
		}
		if above = p.ID; i%10 == 9 {
			above = ""
		}
		spec.Providers = append(spec.Providers, p)
	}
	for i := range n {
		id := topology.SiteID(fmt.Sprintf("site-%d", i))
		s := one().Sites[0]
		s.ID, s.Provider, s.Location = id, spec.Providers[i%100].ID, m.location()
		spec.Sites = append(spec.Sites, s)
		if i > 0 {
			spec.Links = append(spec.Links, m.link(id.Node(), spec.Sites[m.IntN(i)].ID.Node(), "DE"))
		}
		for j := range 9 {
			a := topology.AccessPoint{ID: topology.AccessPointID(fmt.Sprintf("tower-%d-%d", i, j)), Country: "DE", Location: m.location()}
			spec.AccessPoints = append(spec.AccessPoints, a)
			spec.Links = append(spec.Links, m.link(a.ID.Node(), id.Node(), "DE"))
		}
	}
	return spec
}

func BenchmarkNew(b *testing.B) {
	spec := large(10_000)
	for b.Loop() {
		build(b, spec)
	}
}

func BenchmarkRead(b *testing.B) {
	in := text(b, build(b, large(10_000)))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		_, err := topology.Read("f", strings.NewReader(in))
		require.NoError(b, err)
	}
}

func BenchmarkWrite(b *testing.B) {
	c := build(b, large(10_000))
	for b.Loop() {
		require.NoError(b, topology.Write(io.Discard, c))
	}
}

func BenchmarkUpdateSite(b *testing.B) {
	spec := large(10_000)
	c := build(b, spec)
	site := spec.Sites[77]
	site.State = topology.Down
	changes := topology.Changes{Put: topology.Spec{Sites: []topology.Site{site}}}
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.Update(changes)
		require.NoError(b, err)
	}
}

func BenchmarkRemoveNode(b *testing.B) {
	c := build(b, large(10_000))
	for b.Loop() {
		_, err := c.Update(topology.Changes{RemoveNodes: []topology.NodeID{"site-77"}})
		require.NoError(b, err)
	}
}

func BenchmarkControl(b *testing.B) {
	c := build(b, large(100))
	for b.Loop() {
		c.Control("p9")
	}
}

func BenchmarkHourlyPrice(b *testing.B) {
	s := one().Sites[0]
	demand := topology.Resources{topology.CPU: 500, topology.Memory: 1 << 30}
	for b.Loop() {
		_, _ = s.HourlyPrice(demand)
	}
}
