package policy

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// sides are rules of the continuum, of a tenant and of owners, each of which denies something else; some see single sites.
const sides = `package domicile.%s.extra

# METADATA
# title: t
# custom: {code: X-%d, basis: b, as_of: "2026"}
deny contains {"v": input.site.city} if {
	input.site.city == "Paris"
	%s
}

# METADATA
# title: t
# custom: {code: X-1%d, basis: b, as_of: "2026"}
prefer contains {"points": count(input.site.id) + %d, "because": "x"} if {
	x := input.site.attributes
	not x.vran
}
`

// manySides loads all packs, and rules for everybody, for a tenant and for owners.
func manySides(t testing.TB) *Set { return withSides(t, everyPack()...) }

func withSides(t testing.TB, sources ...Source) *Set {
	files := fstest.MapFS{}
	for k, side := range [][2]string{
		{"continuum", `input.workload.data == "payments"`}, {"tenant.other", `input.site.tier == "edge"`},
		{"owner.p03", "true"}, {"owner.p04", `input.workload.data != "internal"`},
	} {
		files[fmt.Sprintf("s%d.rego", k)] = &fstest.MapFile{Data: fmt.Appendf(nil, sides, side[0], k, side[1], k, k)}
	}
	s, err := Load(append(sources, Source{Name: "q", FS: files}), nil)
	require.NoError(t, err)
	return s
}

// oneByOne asks about each site by itself, which takes no screen.
func oneByOne(t testing.TB, s *Set, in placement.Scope, w *placement.Workload, sites []*topology.Site) []placement.Verdict {
	var verdicts []placement.Verdict
	for _, site := range sites {
		v, err := s.Admit(t.Context(), in, w, []*topology.Site{site})
		require.NoError(t, err)
		verdicts = append(verdicts, v...)
	}
	return verdicts
}

// said is what a screen says, in the form of Admit.
func said(t testing.TB, x *Screen, w *placement.Workload) []placement.Verdict {
	j, err := x.Judge(t.Context(), w)
	require.NoError(t, err)
	require.Len(t, j.Bits(), (x.Len()+63)/64)
	verdicts := make([]placement.Verdict, x.Len())
	admitted := 0
	for k := range verdicts {
		verdicts[k] = placement.Verdict{Denied: !j.Admits(k), Points: j.Points(k)}
		if j.Admits(k) {
			admitted++
		}
	}
	set := 0
	bitset(j.Bits()).all(func(int32) bool { set++; return true })
	require.Equal(t, admitted, set, "no bits beyond the sites")
	return verdicts
}

// TestScreenSaysWhatAdmitSays, in lists of any order, with sites twice, workloads and sites that cannot be judged, and again
// after everything was forgotten.
func TestScreenSaysWhatAdmitSays(t *testing.T) {
	s, alone := manySides(t), manySides(t)
	r := rand.New(rand.NewPCG(11, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 70), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	sites := slices.Collect(in.Continuum.Sites())
	r.Shuffle(len(sites), func(a, b int) { sites[a], sites[b] = sites[b], sites[a] })
	sites = append(sites, sites[3], sites[0])
	broken := *sites[5]
	broken.Attributes = map[string]any{"x": struct{}{}}
	orphan := *sites[6]
	orphan.Provider = "nobody"
	sites = append(sites, &broken, &orphan)
	x, err := s.Screen(t.Context(), in, sites)
	require.NoError(t, err)
	require.Same(t, sites[3], x.Site(3))
	denied, wished := 0, 0
	for n := range 25 {
		w := libraryWorkload(r)
		if n == 7 {
			w.Attributes = map[string]any{"x": []any{struct{}{}}}
		}
		want := oneByOne(t, alone, in, w, sites)
		require.Equal(t, want, said(t, x, w))
		require.Equal(t, want, said(t, x, w))
		if n%10 == 9 {
			s.reset()
			require.Equal(t, want, said(t, x, w))
		}
		for _, v := range want {
			if v.Denied {
				denied++
			} else if v.Points != 0 {
				wished++
			}
		}
	}
	assert.Greater(t, denied, 100)
	assert.Greater(t, wished, 40)
}

// TestAdmitByScreen asks about long lists, parts of the continuum among them, on one version after the other.
func TestAdmitByScreen(t *testing.T) {
	s, alone := manySides(t), manySides(t)
	r := rand.New(rand.NewPCG(12, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 80), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	for range 6 {
		all := slices.Collect(in.Continuum.Sites())
		some := slices.DeleteFunc(slices.Clone(all), func(*topology.Site) bool { return r.IntN(3) == 0 })
		back := slices.Clone(some)
		slices.Reverse(back)
		// One that is not as the continuum has it is judged as it is given.
		other := slices.Clone(some)
		changed := *other[40]
		changed.Country, changed.Attributes = "US", nil
		other[40] = &changed
		for range 3 {
			w := libraryWorkload(r)
			for _, list := range [][]*topology.Site{all, some, back, other} {
				got, err := s.Admit(t.Context(), in, w, list)
				require.NoError(t, err)
				require.Equal(t, oneByOne(t, alone, in, w, list), got)
			}
		}
		in.Continuum = stir(t, r, in.Continuum)
	}
}

// stir changes some sites, now and then a provider, and adds or removes a site.
func stir(t testing.TB, r *rand.Rand, c *topology.Continuum) *topology.Continuum {
	var changes topology.Changes
	sites := slices.Collect(c.Sites())
	for range r.IntN(4) {
		like := *sites[r.IntN(len(sites))]
		like.ID = sites[r.IntN(len(sites))].ID
		like.Provider = pick[topology.ProviderID](r, like.Provider, "p03", "p04")
		if !slices.ContainsFunc(changes.Put.Sites, func(s topology.Site) bool { return s.ID == like.ID }) {
			changes.Put.Sites = append(changes.Put.Sites, like)
		}
	}
	switch r.IntN(5) {
	case 0:
		p, _ := c.Provider("abroad")
		moved := *p
		moved.Country = pick[topology.Jurisdiction](r, "US", "DE", "CH")
		changes.Put.Providers = append(changes.Put.Providers, moved)
	case 1:
		added := *sites[0]
		added.ID = topology.SiteID(fmt.Sprintf("t%06d", r.IntN(1_000_000)))
		changes.Put.Sites = append(changes.Put.Sites, added)
	}
	next, err := c.Update(changes)
	require.NoError(t, err)
	return next
}

// TestScreenUpdates compares a screen after many updates, some branching off, some with other providers or days, with one made
// from nothing.
func TestScreenUpdates(t *testing.T) {
	s, alone := manySides(t), manySides(t)
	r := rand.New(rand.NewPCG(13, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 70), AsOf: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	sites := slices.Collect(in.Continuum.Sites())
	x, err := s.Screen(t.Context(), in, sites)
	require.NoError(t, err)
	workloads := make([]*placement.Workload, 8)
	for k := range workloads {
		workloads[k] = libraryWorkload(r)
	}
	old := []*Screen{x}
	for n := range 60 {
		x := old[len(old)-1]
		if n%7 == 6 {
			x = old[r.IntN(len(old))]
		}
		in := placement.Scope{Continuum: stir(t, r, x.in.Continuum), AsOf: x.in.AsOf}
		if n%13 == 12 {
			in.AsOf = in.AsOf.AddDate(0, 0, 1)
		}
		if n%11 == 10 { // without its history
			in.Continuum, err = topology.New(in.Continuum.Spec())
			require.NoError(t, err)
		}
		next, err := x.Update(t.Context(), in)
		require.NoError(t, err)
		old = append(old, next)
		now := make([]*topology.Site, len(sites))
		for k := range now {
			now[k], _ = in.Continuum.Site(sites[k].ID)
			require.Same(t, now[k], next.Site(k))
		}
		w := workloads[r.IntN(len(workloads))]
		require.Equal(t, oneByOne(t, alone, in, w, now), said(t, next, w), "update %d", n)
		if n%5 == 0 { // the old ones stand as they were
			x = old[r.IntN(len(old))]
			was := make([]*topology.Site, len(sites))
			for k := range was {
				was[k] = x.Site(k)
			}
			require.Equal(t, oneByOne(t, alone, x.in, w, was), said(t, x, w))
		}
	}
}

// TestScreenWithoutASite denies what is gone.
func TestScreenWithoutASite(t *testing.T) {
	s := manySides(t)
	r := rand.New(rand.NewPCG(14, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 12)}
	x, err := s.Screen(t.Context(), in, slices.Collect(in.Continuum.Sites()))
	require.NoError(t, err)
	w := &placement.Workload{ID: "a/b", Application: "a", Component: "b", Kind: placement.VM, Priority: 2}
	before := said(t, x, w)
	gone := slices.IndexFunc(before, func(v placement.Verdict) bool { return !v.Denied })
	require.GreaterOrEqual(t, gone, 0)
	in.Continuum, err = in.Continuum.Update(topology.Changes{RemoveNodes: []topology.NodeID{x.Site(gone).ID.Node()}})
	require.NoError(t, err)
	next, err := x.Update(t.Context(), in)
	require.NoError(t, err)
	after := said(t, next, w)
	assert.True(t, after[gone].Denied)
	after[gone] = before[gone]
	assert.Equal(t, before, after)
	assert.Equal(t, before, said(t, x, w))
}

// TestScreenAsksOncePerClass, and never about what is denied already.
func TestScreenAsksOncePerClass(t *testing.T) {
	s, err := Load(one("a.rego", byCountry), nil)
	require.NoError(t, err)
	w := newWorld(t, fstest.MapFS{})
	sites := slices.Collect(w.continuum.Sites())
	x, err := s.Screen(t.Context(), w.scope(), sites)
	require.NoError(t, err)
	for i := range w.workloads {
		said(t, x, &w.workloads[i])
	}
	assert.EqualValues(t, 6, x.Usage().Evaluations, "two classes of data in three countries")
	assert.Positive(t, x.Usage().Bytes)

	// A change that the rule cannot see, and one to a class that it knows, ask nothing.
	berlin := *w.site("berlin")
	berlin.City, berlin.Attributes = "Potsdam", map[string]any{"x": true}
	changed, err := w.continuum.Update(topology.Changes{Put: topology.Spec{Sites: []topology.Site{berlin}}})
	require.NoError(t, err)
	x, err = x.Update(t.Context(), placement.Scope{Continuum: changed})
	require.NoError(t, err)
	for i := range w.workloads {
		said(t, x, &w.workloads[i])
	}
	assert.EqualValues(t, 6, x.Usage().Evaluations)
}

// TestScreenIsShared reads screens from several goroutines while others update them and the set forgets.
func TestScreenIsShared(t *testing.T) {
	s, alone := withSides(t, one("a.rego", byCountry)...), withSides(t, one("a.rego", byCountry)...)
	r := rand.New(rand.NewPCG(15, 1))
	in := placement.Scope{Continuum: libraryWorld(r, 40), AsOf: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	x, err := s.Screen(t.Context(), in, slices.Collect(in.Continuum.Sites()))
	require.NoError(t, err)
	var screens []*Screen
	var workloads []*placement.Workload
	for range 4 {
		screens = append(screens, x)
		in.Continuum = stir(t, r, in.Continuum)
		x, err = x.Update(t.Context(), in)
		require.NoError(t, err)
		workloads = append(workloads, libraryWorkload(r))
	}
	want := map[[2]int][]placement.Verdict{}
	for a, x := range screens {
		fresh, err := alone.Screen(t.Context(), x.in, sitesOf(x))
		require.NoError(t, err)
		for b, w := range workloads {
			want[[2]int{a, b}] = said(t, fresh, w)
		}
	}
	s.memoryLimit = 30_000
	s.reset()
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(16, uint64(g)))
			for range 30 {
				a, b := r.IntN(len(screens)), r.IntN(len(workloads))
				j, err := screens[a].Judge(context.Background(), workloads[b])
				if !assert.NoError(t, err) {
					return
				}
				for k, v := range want[[2]int{a, b}] {
					if got := (placement.Verdict{Denied: !j.Admits(k), Points: j.Points(k)}); got != v {
						assert.Equal(t, v, got)
						return
					}
				}
				if a+1 < len(screens) {
					_, err = screens[a].Update(context.Background(), screens[a+1].in)
					assert.NoError(t, err)
				}
			}
		})
	}
	group.Wait()
}

func sitesOf(x *Screen) []*topology.Site {
	sites := make([]*topology.Site, x.Len())
	for k := range sites {
		sites[k] = x.Site(k)
	}
	return sites
}

func TestScreenErrors(t *testing.T) {
	s := manySides(t)
	_, err := s.Screen(t.Context(), placement.Scope{}, nil)
	require.ErrorContains(t, err, "Scope.Continuum is nil")
	in := placement.Scope{Continuum: libraryWorld(rand.New(rand.NewPCG(1, 1)), 3)}
	x, err := s.Screen(t.Context(), in, nil)
	require.NoError(t, err)
	j, err := x.Judge(t.Context(), libraryWorkload(rand.New(rand.NewPCG(1, 1))))
	require.NoError(t, err)
	assert.Empty(t, j.Bits())
	_, err = x.Update(t.Context(), placement.Scope{})
	require.ErrorContains(t, err, "Scope.Continuum is nil")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, f := range []func() error{
		func() error { _, err := s.Screen(ended, in, nil); return err },
		func() error { _, err := x.Update(ended, in); return err },
		func() error { _, err := x.Judge(ended, libraryWorkload(rand.New(rand.NewPCG(1, 1)))); return err },
	} {
		require.ErrorIs(t, f(), context.Canceled)
	}
}
