package topology_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

func TestUpdateRefuses(t *testing.T) {
	base := build(t, one())
	site := one().Sites[0]
	for _, c := range []struct {
		changes topology.Changes
		want    string
	}{
		{topology.Changes{RemoveNodes: []topology.NodeID{"c", "c"}}, "removeNodes[1]: there is no node c"},
		{topology.Changes{RemoveLinks: []topology.LinkID{"x"}}, "removeLinks[0]: there is no link x"},
		{topology.Changes{RemoveProviders: []topology.ProviderID{"x"}}, "removeProviders[0]: there is no provider x"},
		{topology.Changes{RemoveProviders: []topology.ProviderID{"p"}}, "removeProviders[0]: p operates the site a"},
		{topology.Changes{RemoveProviders: []topology.ProviderID{"q"}}, "removeProviders[0]: q holds a stake in p"},
		{topology.Changes{Put: topology.Spec{AccessPoints: []topology.AccessPoint{{ID: "a"}}}}, "accessPoints[0].id: a is a site already"},
		{topology.Changes{Put: topology.Spec{Exchanges: []topology.Exchange{{ID: "b"}}}}, "exchanges[0].id: b is an access point already"},
		{topology.Changes{Put: topology.Spec{Sites: []topology.Site{site, site}}}, "sites[1].id: a stands at sites[0] already"},
		{topology.Changes{Put: topology.Spec{Providers: []topology.Provider{
			{ID: "q", Country: "US", Owners: []topology.Stake{{Owner: "p", Share: 1}}},
		}}}, "providers[0].owners: ownership goes round: q, owned by p, owned by q"},
		{topology.Changes{Put: topology.Spec{AccessPoints: []topology.AccessPoint{{ID: "b", Country: "FR"}}}},
			"links: the jurisdictions of a--b lack FR, where b stands now"},
		{topology.Changes{RemoveNodes: []topology.NodeID{"b"}, Put: topology.Spec{Links: one().Links}},
			"links[0].b: there is no node b"},
	} {
		next, err := base.Update(c.changes)
		require.Nil(t, next)
		require.ErrorIs(t, err, topology.ErrInvalid)
		assert.EqualError(t, err, "invalid topology: "+c.want)
	}
	assert.Equal(t, build(t, one()).Digest(), base.Digest())
}

func TestUpdate(t *testing.T) {
	base := build(t, one())
	next, err := base.Update(topology.Changes{
		RemoveNodes: []topology.NodeID{"b"}, Put: topology.Spec{Name: "two", Exchanges: []topology.Exchange{{ID: "b", Country: "FR"}}},
	})
	require.NoError(t, err, "an ID that is removed is free")
	assert.Equal(t, "two", next.Name())
	assert.Equal(t, base.AsOf(), next.AsOf())
	assert.Zero(t, next.NumLinks(), "links go with their nodes")
	assert.Equal(t, 1, base.NumLinks())

	// An owner may go together with the stake in it, and a node may move together with its links.
	next, err = base.Update(topology.Changes{
		RemoveProviders: []topology.ProviderID{"q"},
		Put: topology.Spec{
			Providers:    []topology.Provider{{ID: "p", Country: "DE"}},
			AccessPoints: []topology.AccessPoint{{ID: "b", Country: "FR"}},
			Links: []topology.Link{{A: "a", B: "b", Jurisdictions: []topology.Jurisdiction{"DE", "FR"},
				RTT: topology.RTT{P50: 1, P95: 1, P99: 1}}},
		},
	})
	require.NoError(t, err)
	assert.Nil(t, next.Control("p"))
	assert.Len(t, base.Control("p"), 1)
}

// TestUpdateSums: sums over all sites are those of the sites that are there, not of those that were.
func TestUpdateSums(t *testing.T) {
	base := build(t, one())
	most := func(id topology.SiteID) topology.Spec {
		s := one().Sites[0]
		s.ID, s.Capacity, s.Energy = id, topology.Resources{topology.Memory: 1<<63 - 1}, topology.Energy{}
		return topology.Spec{Sites: []topology.Site{s}}
	}
	c := base
	for range 3 {
		var err error
		c, err = c.Update(topology.Changes{Put: most("huge")})
		require.NoError(t, err)
	}
	_, err := c.Update(topology.Changes{Put: most("other")})
	require.EqualError(t, err, "invalid topology: sites[0].capacity.memory: the sum over all sites exceeds 64 bits")
	_, err = c.Update(topology.Changes{RemoveNodes: []topology.NodeID{"huge"}, Put: most("other")})
	require.NoError(t, err)
	_, err = base.Update(topology.Changes{Put: most("other")})
	require.NoError(t, err)
}

// TestVersions updates at random, compares each version with a fresh one of the same description, and all of them
// with what they were at first.
func TestVersions(t *testing.T) {
	for seed := range uint64(30) {
		m := random(seed)
		versions := []*topology.Continuum{build(t, m.spec())}
		texts := []string{text(t, versions[0])}
		for step := range 12 {
			from := m.IntN(len(versions)) // any version may be updated again
			changes, want := m.changes(versions[from].Spec(), step)
			next, err := versions[from].Update(changes)
			require.NoError(t, err)
			require.Equal(t, text(t, build(t, want)), text(t, next))
			require.Equal(t, build(t, want).Digest(), next.Digest())
			versions, texts = append(versions, next), append(texts, text(t, next))
			for i := range versions {
				require.Equal(t, texts[i], text(t, versions[i]), "version %d changed", i)
			}
		}
	}
}

// changes makes a valid change of a description, and what becomes of it.
func (m maker) changes(spec topology.Spec, step int) (topology.Changes, topology.Spec) {
	var ch topology.Changes
	if m.IntN(3) == 0 {
		gone := pick(m, spec.Sites...).ID
		ch.RemoveNodes = append(ch.RemoveNodes, gone.Node())
		spec.Sites = slices.DeleteFunc(spec.Sites, func(s topology.Site) bool { return s.ID == gone })
		spec.Links = slices.DeleteFunc(spec.Links, func(l topology.Link) bool { return l.A == gone.Node() || l.B == gone.Node() })
	}
	if len(spec.Links) > 0 && m.IntN(3) == 0 {
		gone := pick(m, spec.Links...).ID
		ch.RemoveLinks = append(ch.RemoveLinks, gone)
		spec.Links = slices.DeleteFunc(spec.Links, func(l topology.Link) bool { return l.ID == gone })
	}
	if len(spec.Sites) > 0 && m.IntN(2) == 0 {
		i := m.IntN(len(spec.Sites))
		s := m.site(string(spec.Sites[i].ID), spec.Sites[i].Provider, spec.Sites[i].Country)
		spec.Sites[i] = s
		ch.Put.Sites = append(ch.Put.Sites, s)
	}
	added := m.site(fmt.Sprintf("new-%d", step), spec.Providers[0].ID, "DE")
	spec.Sites, ch.Put.Sites = append(spec.Sites, added), append(ch.Put.Sites, added)
	link := m.link(added.ID.Node(), spec.AccessPoints[0].ID.Node(), "DE", spec.AccessPoints[0].Country)
	spec.Links, ch.Put.Links = append(spec.Links, link), append(ch.Put.Links, link)
	if m.IntN(2) == 0 {
		p := &spec.Providers[m.IntN(len(spec.Providers))]
		p.Name = m.words()
		ch.Put.Providers = append(ch.Put.Providers, *p)
	}
	return ch, spec
}

// TestUpdateConcurrently is for the race detector.
func TestUpdateConcurrently(t *testing.T) {
	base := build(t, one())
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			s := one().Sites[0]
			s.ID = topology.SiteID(fmt.Sprintf("s%d", i))
			next, err := base.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{s}}})
			if assert.NoError(t, err) {
				assert.Equal(t, 2, next.NumSites())
			}
			base.Digest()
			base.Control("p")
		})
	}
	group.Wait()
	assert.Equal(t, build(t, one()).Digest(), base.Digest())
}
