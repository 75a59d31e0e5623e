package policy

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// byCountry asks the country of the site and the data of the workload.
const byCountry = `package domicile.continuum.a

# METADATA
# title: America
# custom: {code: A-1, basis: b, as_of: "2026"}
deny contains {"data": input.workload.data} if {
	input.workload.data == "health"
	input.site.country == "US"
}
`

func TestARuleIsAskedOncePerClass(t *testing.T) {
	s, err := Load(one("a.rego", byCountry), nil)
	require.NoError(t, err)
	w := newWorld(t, fstest.MapFS{})
	sites := slices.Collect(w.continuum.Sites())
	for i := range w.workloads {
		_, err := s.Admit(t.Context(), w.scope(), &w.workloads[i], sites)
		require.NoError(t, err)
	}
	m := s.memory.Load()
	assert.Equal(t, 2, m.workloads[0].len(), "health and nothing")
	assert.Equal(t, 3, m.sites[0].len(), "three countries")

	// Another version of the continuum, in which one site changes in a way that the rule cannot see.
	berlin := *w.site("berlin")
	berlin.City = "Potsdam"
	changed, err := w.continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{berlin}}})
	require.NoError(t, err)
	_, err = s.Admit(t.Context(), placement.Scope{Continuum: changed}, &w.workloads[0], slices.Collect(changed.Sites()))
	require.NoError(t, err)
	assert.Equal(t, 3, m.sites[0].len())
	assert.Len(t, m.pictures, 2)
}

// TestChangesAreSeen changes what a rule sees without changing the site itself: who owns its provider.
func TestChangesAreSeen(t *testing.T) {
	s, err := Load(one("a.rego", `package domicile.continuum.a

# METADATA
# title: Owners
# custom: {code: A-1, basis: b, as_of: "2026"}
deny contains {"owner": c.owner} if {
	some c in input.provider.control
	c.country == "FR"
}
`), nil)
	require.NoError(t, err)
	w := newWorld(t, fstest.MapFS{})
	verdict := func(c *topology.Continuum) bool {
		site, _ := c.Site("berlin")
		v, err := s.Admit(t.Context(), placement.Scope{Continuum: c}, w.workload("shop/web-1"), []*topology.Site{site})
		require.NoError(t, err)
		return v[0].Denied
	}
	holding, _ := w.continuum.Provider("holding")
	moved := *holding
	moved.Country = "NL"
	after, err := w.continuum.Update(topology.Changes{Put: topology.Spec{Providers: []topology.Provider{moved}}})
	require.NoError(t, err)
	old, _ := w.continuum.Site("berlin")
	same, _ := after.Site("berlin")
	require.Same(t, old, same)
	assert.True(t, verdict(w.continuum))
	assert.False(t, verdict(after))
	assert.True(t, verdict(w.continuum))
}

// TestForgettingChangesNothing lets a set forget all the time.
func TestForgettingChangesNothing(t *testing.T) {
	remembers, err := Load(everyPack(), nil)
	require.NoError(t, err)
	forgets, err := Load(everyPack(), nil)
	require.NoError(t, err)
	forgets.memoryLimit = 1
	r := rand.New(rand.NewPCG(3, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 8)}
	sites := slices.Collect(in.Continuum.Sites())
	for range 5 {
		w := libraryWorkload(r)
		want, err := remembers.Admit(t.Context(), in, w, sites)
		require.NoError(t, err)
		got, err := forgets.Admit(t.Context(), in, w, sites)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	assert.LessOrEqual(t, len(forgets.memory.Load().pictures), 1)
}

func TestFewPicturesAreKept(t *testing.T) {
	s, err := Load(one("a.rego", byCountry), nil)
	require.NoError(t, err)
	w := newWorld(t, fstest.MapFS{})
	for i := range 10 {
		in := placement.Scope{Continuum: w.continuum, AsOf: w.continuum.AsOf().AddDate(0, 0, i)}
		_, err := s.Admit(t.Context(), in, &w.workloads[0], slices.Collect(w.continuum.Sites()))
		require.NoError(t, err)
	}
	assert.Len(t, s.memory.Load().pictures, maxPictures)
}

// TestConcurrentUse asks one set from several goroutines, in orders of their own, while it forgets.
func TestConcurrentUse(t *testing.T) {
	s, err := Load(everyPack(), nil)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(4, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 6)}
	sites := slices.Collect(in.Continuum.Sites())
	var workloads []*placement.Workload
	var want [][]placement.Verdict
	var reasons [][]placement.Reason
	for range 6 {
		w := libraryWorkload(r)
		v, err := s.Admit(t.Context(), in, w, sites)
		require.NoError(t, err)
		x, err := s.Reasons(t.Context(), in, w, sites[0])
		require.NoError(t, err)
		workloads, want, reasons = append(workloads, w), append(want, v), append(reasons, x)
	}
	open, err := s.Transit(t.Context(), in, "health-de")
	require.NoError(t, err)
	s.memoryLimit = 20_000
	s.reset()
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(5, uint64(g)))
			for range 12 {
				i := r.IntN(len(workloads))
				v, err := s.Admit(t.Context(), in, workloads[i], sites)
				assert.NoError(t, err)
				assert.Equal(t, want[i], v)
				x, err := s.Reasons(t.Context(), in, workloads[i], sites[0])
				assert.NoError(t, err)
				assert.Equal(t, reasons[i], x)
				allowed, err := s.Transit(t.Context(), in, "health-de")
				assert.NoError(t, err)
				assert.Equal(t, open, allowed)
			}
		})
	}
	group.Wait()
}

// TestSameSourcesSameAnswers loads the same twice, and the sources in another order.
func TestSameSourcesSameAnswers(t *testing.T) {
	sources := append(everyPack(), one("a.rego", byCountry)...)
	sources[1].Name = "q"
	var digests []string
	var reasons [][]placement.Reason
	r := rand.New(rand.NewPCG(6, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 3)}
	w := libraryWorkload(r)
	w.Data = "nonsense"
	site, _ := in.Continuum.Site("s01")
	for range 3 {
		s, err := Load(sources, nil)
		require.NoError(t, err)
		digests = append(digests, s.Digest())
		x, err := s.Reasons(t.Context(), in, w, site)
		require.NoError(t, err)
		require.NotEmpty(t, x)
		reasons = append(reasons, x)
		slices.Reverse(sources)
	}
	assert.Equal(t, digests[0], digests[1])
	assert.Equal(t, digests[0], digests[2])
	assert.Equal(t, reasons[0], reasons[1])
	assert.Equal(t, reasons[0], reasons[2])
	assert.Len(t, digests[0], 64)

	other, err := Load(append(everyPack(), one("a.rego", byCountry+"\n# a remark\n")...), nil)
	require.NoError(t, err)
	assert.NotEqual(t, digests[0], other.Digest())
}
