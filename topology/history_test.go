package topology_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// TestHistoryTellsWhatChanged compares what versions say of one another with what they hold.
func TestHistoryTellsWhatChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	spec := topology.Spec{Name: "h", Providers: []topology.Provider{{ID: "p", Name: "P", Country: "DE"}}}
	for _, id := range []topology.SiteID{"a", "b", "c", "d", "e"} {
		spec.Sites = append(spec.Sites, topology.Site{ID: id, Name: "S", Provider: "p", Country: "DE", Tier: topology.Edge})
	}
	first, err := topology.New(spec)
	require.NoError(t, err)
	versions := []*topology.Continuum{first}
	for range 80 {
		from := versions[len(versions)-1]
		if r.IntN(6) == 0 {
			from = versions[r.IntN(len(versions))]
		}
		var changes topology.Changes
		site := spec.Sites[r.IntN(len(spec.Sites))]
		switch _, there := from.Site(site.ID); {
		case r.IntN(5) == 0:
			changes.Put.Providers = []topology.Provider{{ID: "p", Name: "Q", Country: "DE"}}
		case there && r.IntN(4) == 0:
			changes.RemoveNodes = []topology.NodeID{site.ID.Node()}
		default:
			changes.Put.Sites = []topology.Site{site}
		}
		next, err := from.Update(changes)
		require.NoError(t, err)
		versions = append(versions, next)
	}
	known, same := 0, 0
	for _, old := range versions {
		for _, c := range versions {
			if c.SameProviders(old) {
				same++
				before, _ := old.Provider("p")
				now, _ := c.Provider("p")
				require.Same(t, before, now)
			}
			ids, ok := c.SitesSince(old)
			if !ok {
				continue
			}
			known++
			for _, s := range spec.Sites {
				before, _ := old.Site(s.ID)
				now, _ := c.Site(s.ID)
				require.True(t, before == now || slices.Contains(ids, s.ID), "%s changed", s.ID)
			}
		}
	}
	assert.Greater(t, known, 500)
	assert.Greater(t, same, 200)

	// What is equal but does not come of it is not known to be the same, and too long ago is not known either.
	other, err := topology.New(spec)
	require.NoError(t, err)
	assert.False(t, other.SameProviders(first))
	_, ok := other.SitesSince(first)
	assert.False(t, ok)
	c := first
	for range 40 {
		c, err = c.Update(topology.Changes{})
		require.NoError(t, err)
	}
	_, ok = c.SitesSince(first)
	assert.False(t, ok)
	assert.True(t, c.SameProviders(first))

	var empty, none topology.Continuum
	assert.False(t, empty.SameProviders(&none))
	_, ok = empty.SitesSince(&none)
	assert.False(t, ok)
	grown, err := empty.Update(topology.Changes{Put: spec})
	require.NoError(t, err)
	assert.False(t, grown.SameProviders(&empty))
	_, ok = grown.SitesSince(&empty)
	assert.False(t, ok)
}
